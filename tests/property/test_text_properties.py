"""What holds for every text."""

from __future__ import annotations

import unicodedata
from html.parser import HTMLParser

from hypothesis import assume, example, given
from hypothesis import strategies as st

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
    sanitise,
    without_controls,
)
from bridge.providers.cachet2.cleaner import safe_message, safe_name
from bridge.sandbox.cachet2.cleaner import clean_text
from bridge.sandbox.pingpong.markup import store_message

ALLOWED = {"div", "p", "br", "b", "strong", "i", "em", "s", "a", "ul", "ol", "li", "code", "pre"}
CLUSTERS = ["e\u0301", "👩\u200d👩\u200d👧", "🇩🇪", "👍🏽", "❤\ufe0f", "a", " ", "\n", "漢"]
MARKUP = [
    "**", "*", "_", "`", "[", "](https://x.test)", "](javascript:x)", "<b>", "</b>", "<script>", "</script>", "# ",
    "- ", "1. ", "> ", "```", "    ", "\n", "\n\n", "&amp;", "<div>", "</div>", "<br>", "word", " ", "~~", "|",
]  # fmt: skip
BITES = [
    "alert", "(", ")", "`", "<", ">", "%", "41", "3C", "javascript", "vbs", ":", "data:", "base64", ",",
    "document.cookie", ".innerHTML", "window.location", "-moz-binding", "redirect 302", "script", "/", "!--",
    "-->", "?>", "<![CDATA[", "]]>", "expression", "file", "&lt;", "&#37;", "\n", "\t",
    "'", '"', "=", "onload", "é", "🚀", "5", " ",
]  # fmt: skip

marked_up = st.lists(st.sampled_from(MARKUP) | st.text(max_size=4), max_size=20).map("".join)
clustered = st.lists(st.sampled_from(CLUSTERS) | st.characters(), max_size=40).map("".join)
bitten = st.lists(st.sampled_from(BITES) | st.text(max_size=3), max_size=16).map("".join)
formats = st.sampled_from(TextFormat)


class Tags(HTMLParser):
    """Every tag, attribute and address of a text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name == "href"]


@given(clustered, st.integers(1, 30))
@example("aa 🇩🇪", 4)
def test_a_cut_text_fits_and_begins_like_the_whole(text: str, width: int) -> None:
    made = cut(text, width)
    assert len(made) <= width
    assert cut(made, width) == made
    if made != text:
        assert made.endswith("…")
        assert text.startswith(made[:-1])


@given(clustered, st.integers(1, 30))
def test_a_cut_never_tears_a_character_apart(text: str, width: int) -> None:
    kept = cut(text, width)
    if kept == text:
        return  # nothing was cut
    whole = list(graphemes(text))
    head = kept[:-1]
    ends = {len("".join(whole[:count])) for count in range(len(whole) + 1)}
    blank_after = len(text[len(head) :]) - len(text[len(head) :].lstrip())
    assert any(at in ends for at in range(len(head), len(head) + blank_after + 1))


@given(clustered)
def test_the_characters_of_a_text_are_the_text(text: str) -> None:
    clusters = list(graphemes(text))
    assert "".join(clusters) == text
    assert all(clusters)
    assert not any(
        unicodedata.category(cluster[0]) == "Mn" for cluster in clusters[1:] if not _after_break(clusters, cluster)
    )


def _after_break(clusters: list[str], cluster: str) -> bool:
    before = clusters[clusters.index(cluster) - 1]
    return before[-1] in "\r\n"


@given(st.text(min_size=21, max_size=60), st.integers(10, 20))
def test_a_cut_name_fits_and_depends_on_every_character(name: str, width: int) -> None:
    made = cut_name(name, width)
    assert len(made) <= width
    assert made == cut_name(name, width)
    assert made[-4:] != cut_name(name + "!", width)[-4:] or made != cut_name(name + "?", width)


@given(marked_up)
def test_a_title_is_a_settled_single_line(text: str) -> None:
    title = plain_title(text)
    assert title == title.strip()
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in title)
    assert "  " not in title


@given(marked_up, formats)
@example("0\xa0**", TextFormat.PLAIN)
def test_whatever_is_written_only_harmless_html_comes_out(source: str, have: TextFormat) -> None:
    made = render(Text(source, have), TextFormat.HTML)
    found = Tags(made)
    assert found.tags <= ALLOWED | {"strikethrough", "del", "strike"}
    assert found.attributes <= {"href"}
    assert all(
        address.split(":")[0].lower() in ("http", "https", "mailto") for address in found.addresses if ":" in address
    )
    assert sanitise(made) == made


@given(marked_up, formats, formats)
def test_rendering_is_deterministic_and_leaves_no_control_characters(
    source: str, have: TextFormat, wanted: TextFormat
) -> None:
    made = render(Text(source, have), wanted)
    assert made == render(Text(source, have), wanted)
    assert made == made.strip()
    assert without_controls(made) == made


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zs", "Zl", "Zp"))))
def test_words_survive_every_change_of_language(source: str) -> None:
    for language in TextFormat:
        there = render(Text(source, TextFormat.PLAIN), language)
        assert render(Text(there, language), TextFormat.PLAIN).split() == source.split()


@given(marked_up)
def test_a_message_is_recognised_after_pingpong_has_stored_it(markdown: str) -> None:
    message = render(Text(markdown), TextFormat.HTML)
    assert html_form(store_message(message)) == html_form(message)


@given(bitten)
@example("CPU < 80% AND mem > 90%")
@example("Alert (firing): disk %41 file `ls`")
def test_cachet_2_stores_a_safe_message_as_it_was_sent(source: str) -> None:
    message = safe_message(source)
    assert clean_text(message) == message.strip(" \t\n\r\0\x0b")


@given(bitten)
def test_a_safe_message_still_says_what_was_meant(source: str) -> None:
    assume("<http" not in source.lower() and "<mailto" not in source.lower())
    assert cleaned_form(safe_message(source)) == cleaned_form(source)


@given(bitten)
@example("Alert (firing): disk <b> 50%20")
def test_cachet_2_stores_a_safe_name_as_it_was_sent(source: str) -> None:
    plain = plain_title(source)
    name = safe_name(plain)
    assert clean_text(name) == name
    assert cleaned_form(name) == cleaned_form(plain.replace("<", "‹").replace(">", "›"))
