"""Incidents with texts that try a migration: scripts from right to left, markup that is none, very short, very long."""

from __future__ import annotations

_LONG = (
    "We are writing at length because many of you asked. "
    "The trouble began with a full disk on a machine that nobody thought of as important, went on with a fallback that "
    "had not been tried since spring, and ended with three people on the phone reading numbers to each other. "
)

ODD_TEXTS: tuple[tuple[str, str], ...] = (
    ("انقطاع مؤقت في الخدمة", "نحن نحقق في بطء الاستجابة. **شكرا على صبركم** 🙏 (REST API)"),
    ("תקלה בכניסה למערכת – Sign-in", "חלק מהמשתמשים לא יכולים להיכנס. אנחנו בודקים, code: `E-401`."),
    ("決済の遅延について", "一部のお支払いに遅れが出ています。ご不便をおかけして申し訳ございません。"),
    (
        "🔥🔥🔥 Everything is slow 🐢",
        "A family \U0001f469\u200d\U0001f469\u200d\U0001f467 and a flag \U0001f1fa\U0001f1e6 are one character each.",
    ),
    (
        "Values < 5 and > 3 are shown as &lt;5&gt;",
        "If a < b && b > c, the page prints `a &lt; b`. <b>Not bold</b>, we hope.",
    ),
    (
        "<script>alert('status')</script>",
        'Somebody pasted <img src=x onerror="alert(1)"> and <!-- a comment --> here.',
    ),
    (
        "{{ incident.name }} is not a variable",
        "Curly braces {{ like }} {% these %} are text, and 100% of %s, too.",
    ),
    ("x", "."),
    (
        "Accents: \u00e9 is not e\u0301",
        "Composed \u00e9, decomposed e\u0301; \ufdfd; \u202ereversed\u202c; soft\u00adhyphen; zero\u200bwidth.",
    ),
    (
        "Markdown *everywhere* in `the` title",
        "# Heading\n\n* a list\n  * in a list\n\n```\ncode --with <angle> brackets\n```\n\n---\n",
    ),
    (
        "A very long title, because somebody put the whole story into it: first the disk was full, then the fallback "
        "was older than its manual, then the manual was on the disk, and in the end it was DNS, as it always is",
        _LONG * 12,
    ),
    (
        "Quotes: \"double\", 'single', „German“, «français», 「日本」",
        "A\ttab, a backslash \\ and a path C:\\data\\new.",
    ),
    (
        "Links",
        "[here](https://example.com/?a=1&b=2#c), <https://example.com/\u00fc>, ![an image](https://example.com/i.png)",
    ),
)
"""Title and report of each."""
