"""Text between Markdown, HTML and plain text, cut to width, and compared."""

from __future__ import annotations

import pytest

from bridge.model.enums import TextFormat
from bridge.model.objects import Text
from bridge.providers.base.text import (
    cleaned_form,
    cut,
    cut_name,
    graphemes,
    html_form,
    plain_title,
    render,
    same_text,
)

MARKDOWN, HTML, PLAIN = TextFormat.MARKDOWN, TextFormat.HTML, TextFormat.PLAIN


def html_of(markdown: str) -> str:
    return render(Text(markdown), HTML).replace("\n", "")


def plain(markdown: str) -> str:
    return render(Text(markdown), PLAIN)


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("We see **errors**, *many*.", "<div>We see <b>errors</b>, <i>many</i>.</div>"),
        ("one\n\ntwo", "<div>one</div><div>two</div>"),
        ("one  \ntwo", "<div>one<br>two</div>"),
        ("## Head *x*", "<div><b>Head <i>x</i></b></div>"),
        ("[API](https://x.test/?a=1&b=2)", '<div><a href="https://x.test/?a=1&amp;b=2">API</a></div>'),
        ("<mailto:a@x.test>", '<div><a href="mailto:a@x.test">mailto:a@x.test</a></div>'),
        ("![chart](https://x.test/c.png)", '<div><a href="https://x.test/c.png">chart</a></div>'),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("`a<b`", "<div><code>a&lt;b</code></div>"),
        ("a\n\n---\n\nb", "<div>a</div><div>b</div>"),
        ("~~no~~", "<div><s>no</s></div>"),
    ],
)
def test_markdown_becomes_the_subset_of_html(markdown: str, html: str) -> None:
    assert html_of(markdown) == html


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,AAAA)",
        '<a href="https://x.test" onclick="y()">x</a>',
        "![x](javascript:alert(1))",
    ],
)
def test_raw_html_in_markdown_is_text(attack: str) -> None:
    made = html_of(attack)
    assert "<script" not in made
    assert "<img" not in made
    assert '<a href="javascript' not in made
    assert '<a href="data' not in made
    assert ' onclick="y()">' not in made


def test_html_from_elsewhere_is_sanitised_even_when_html_is_wanted() -> None:
    dirty = '<div onclick="x()">a<script>b</script><iframe src="y"></iframe><a href="javascript:z">c</a></div>'
    assert render(Text(dirty, HTML), HTML) == "<div>a<a>c</a></div>"


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("We see **errors** on [the API](https://x.test).", "We see errors on the API (https://x.test)."),
        ("<https://x.test> and [https://x.test](https://x.test)", "https://x.test and https://x.test"),
        ("[mail](mailto:a@x.test)", "mail (a@x.test)"),
        ("# Head\n\nText", "Head\n\nText"),
        ("- a\n- b\n  - c\n\n1. x\n2. y", "- a\n- b\n  - c\n1. x\n2. y"),
        ("3. x\n4. y", "3. x\n4. y"),
        ("```\ncode <x>\n  y\n```", "code <x>\n  y"),
        ("a &amp; b \\* c", "a & b * c"),
        ("> said\n> so", "said\nso"),
        ("![chart](https://x.test/c.png)", "chart (https://x.test/c.png)"),
        ("[](https://x.test)", "https://x.test"),
    ],
)
def test_markdown_becomes_text_that_reads_well(markdown: str, text: str) -> None:
    assert plain(markdown) == text


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<div>Hello <b>b</b> <i>i</i></div>", "Hello **b** *i*"),
        ("<div>a<br>b</div>", "a  \nb"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<ul><li>a</li><li>b <strikethrough>c</strikethrough></li></ul>", "- a\n- b ~~c~~"),
        ('<a href="https://x.test">x</a>', "[x](https://x.test)"),
        ("a<script>b</script><style>c</style>", "a"),
        ("<blink>a</blink>", "a"),
        ("1. not a list", "1\\. not a list"),
        ("&lt;b&gt; * #", "\\<b\\> \\* #"),
    ],
)
def test_html_becomes_markdown(html: str, markdown: str) -> None:
    assert render(Text(html, HTML), MARKDOWN).replace("\\#", "#") == markdown


def test_plain_text_keeps_its_signs_in_every_language() -> None:
    source = "- hi *x* [a](b) <b> &amp; #1\n2) two\n\n# three\n---\n===\n    four"
    assert render(Text(render(Text(source, PLAIN), MARKDOWN)), PLAIN).split() == source.split()
    assert html_form(render(Text(source, PLAIN), HTML)).split() == source.split()


def test_a_text_in_the_wanted_language_keeps_its_source() -> None:
    assert render(Text("  *as* is\r\n\r\n<b>  "), MARKDOWN) == "*as* is\n\n<b>"
    assert render(Text("a * b\n\tc", PLAIN), PLAIN) == "a * b\n\tc"


def test_control_direction_and_surrogate_characters_are_dropped() -> None:
    assert render(Text("a\x00b\x1bc\u202ed\ud800e\u2066f", PLAIN), PLAIN) == "abcdef"


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("  Problems\twith\nAPI\x00 ", "Problems with API"),
        ("**Bold** and `code`", "Bold and code"),
        ("<b>Tag</b> and <br/>more", "Tag and more"),
        ("[link](https://x.test)", "link"),
        ("p95 <200ms and x>5", "p95 <200ms and x>5"),
        ("5 * 3 * 2 __init__ snake_case", "5 * 3 * 2 __init__ snake_case"),
        ("[FIRING:1] DiskFull", "[FIRING:1] DiskFull"),
        ("admin\u202egnp.exe", "admin gnp.exe"),
        ("👩\u200d👧 family", "👩\u200d👧 family"),
    ],
)
def test_a_title_is_one_line_without_markup(source: str, title: str) -> None:
    assert plain_title(source) == title


@pytest.mark.parametrize(
    ("text", "clusters"),
    [
        ("e\u0301a", ["e\u0301", "a"]),
        ("👩\u200d👩\u200d👧!", ["👩\u200d👩\u200d👧", "!"]),
        ("🇩🇪🇫🇷🇮", ["🇩🇪", "🇫🇷", "🇮"]),
        ("👍🏽❤\ufe0f", ["👍🏽", "❤\ufe0f"]),
        ("a\r\nb", ["a", "\r\n", "b"]),
        ("\u1112\u1161\u11ab", ["\u1112\u1161\u11ab"]),
        ("", []),
    ],
)
def test_what_a_reader_takes_for_one_character_stays_together(text: str, clusters: list[str]) -> None:
    assert list(graphemes(text)) == clusters


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("short", 5, "short"),
        ("The quick brown fox", 15, "The quick…"),
        ("The quick brown fox", 16, "The quick brown…"),
        ("Incomprehensibilities", 10, "Incompreh…"),
        ("a Incomprehensibilities", 10, "a Incompr…"),
        ("ab🇩🇪cd", 4, "ab…"),
        ("👩\u200d👩\u200d👧x", 3, "…"),
        ("anything", None, "anything"),
    ],
)
def test_a_cut_falls_between_words_or_at_least_between_characters(text: str, width: int | None, expected: str) -> None:
    assert cut(text, width) == expected


def test_names_that_begin_alike_stay_different_when_they_are_cut() -> None:
    one, other = cut_name("x" * 60 + "1", 50), cut_name("x" * 60 + "2", 50)
    assert one != other
    assert len(one) == len(other) == 50
    assert one == cut_name("x" * 60 + "1", 50)
    assert cut_name("x" * 50, 50) == "x" * 50


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("alert(x) and\t more ", "alert&#40;x&#41; and  more"),
        ("a &lt; b", "a < b"),
        ("over \u2060and out", "over and [removed] out"),
        ("nul\x00l", "null"),
        ("two\r\nlines", "two\nlines"),
    ],
)
def test_a_text_is_recognised_after_cachet_2_has_cleaned_it(sent: str, stored: str) -> None:
    assert same_text(sent, stored)


def test_other_words_are_another_text() -> None:
    assert not same_text("It is over.", "It is not over.")
    assert cleaned_form("a  b") != cleaned_form("ab")


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("text", "<div>text</div>"),
        ("<p>a</p><p>b</p>", "<div><div>a</div><br/>b</div>"),
        ("<DIV><B>a</B> &amp; b</DIV>", '<div class="x"><b>a</b>   & b</div>'),
        ('<a href="https://x.test" rel="n">x</a>', '<div><a rel="other" href="https://x.test">x</a></div>'),
    ],
)
def test_an_html_message_is_recognised_after_it_was_wrapped(sent: str, answered: str) -> None:
    assert html_form(sent) == html_form(answered)


def test_another_address_or_another_line_is_another_message() -> None:
    assert html_form('<a href="https://x.test">x</a>') != html_form('<a href="https://y.test">x</a>')
    assert html_form("a<br>b") != html_form("a b")
