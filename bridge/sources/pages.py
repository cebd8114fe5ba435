"""The pages about sources, made from the records and from the code: ``python -m bridge.sources.pages docs/sources``.

``index.md`` is made whole, and so is the page of a type that nobody wrote one for. A page that somebody wrote stays as
it is and gets the facts at its end, between two marks. A test holds the pages to what this module makes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from bridge.sources import registry
from bridge.sources.base import traits_of
from bridge.sources.samples import samples_of
from bridge.sources.wording import OTHERWISE, authentication, configuration, settings_of, table

BEGIN = "<!-- made by python -m bridge.sources.pages; change the record in the type's own file instead -->"
END = "<!-- end of what is made -->"


def index() -> str:
    """The list of all types."""
    return "\n".join(_index()) + "\n"


def page(name: str, before: str = "") -> str:
    """The page of one type: made whole, or, where somebody wrote one, that page with the facts at its end.

    Args:
        name: of the type.
        before: the page as it is.
    """
    by_hand = _without_what_is_made(before).rstrip()
    if not by_hand or by_hand == f"# {_title(name)}":
        return "\n".join([f"# {_title(name)}", "", BEGIN, "", *_whole(name), "", END]) + "\n"
    return "\n".join([by_hand, "", BEGIN, "", "## At a glance", "", *table(("", ""), _facts(name)), "", END]) + "\n"


def _without_what_is_made(text: str) -> str:
    head, begins, rest = text.partition(BEGIN)
    return head.rstrip() + rest.partition(END)[2] if begins else text


def write(folder: Path) -> None:
    """Write or renew all pages."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.md").write_text(index(), encoding="utf-8")
    for name in registry.built_in():
        file = folder / f"{name}.md"
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        file.write_text(page(name, before), encoding="utf-8")


def _index() -> Iterator[str]:
    yield "# Sources"
    yield ""
    yield BEGIN
    yield ""
    yield "Every type that may stand after `type:` in `bridge.yaml`. `statusbridge sources` prints this list,"
    yield "`statusbridge sources show TYPE` one of its entries, and `statusbridge sources test SOURCE` sends the"
    yield "shipped samples through a running bridge. [Adding a source](../adding-a-source.md) takes one file;"
    yield "[custom](custom.md) takes none."
    yield ""
    yield "**resolves** says whether the sender tells when a problem is over. Where it does not, somebody has to end"
    yield "the incident."
    yield ""
    yield from table(("type", "tool", "proof", "resolves"), map(_row, sorted(registry.built_in())))


def _row(name: str) -> tuple[str, ...]:
    traits = traits_of(registry.load(name))
    resolves = traits.record.resolves if traits.record else "–"
    proof = authentication(traits.scheme) if traits.scheme else "token"
    return f"[`{name}`]({name}.md)", _title(name), proof, str(resolves)


def _whole(name: str) -> Iterator[str]:
    kind = registry.load(name)
    traits = traits_of(kind)
    record = traits.record
    yield f"Type `{name}`. " + (f"Tells when a problem is over: **{record.resolves}**." if record else "")
    yield from ("", "```yaml", "sources:", f"  {configuration(name, traits.scheme)}", "```")
    if record:
        yield from ("", "## Set it up", "", *(f"{number}. {step}" for number, step in enumerate(record.setup, 1)))
        if record.limits:
            yield from ("", "## Good to know", "", *(f"- {limit}" for limit in record.limits))
    settings = ((f"`{key}`", default, meaning) for key, default, meaning in settings_of(kind))
    yield from ("", "## Settings", "", *table(("setting", "default", "meaning"), settings))
    yield from ("", "## At a glance", "", *table(("", ""), _facts(name)))


def _facts(name: str) -> Iterator[tuple[str, str]]:
    kind = registry.load(name)
    traits = traits_of(kind)
    yield "proof", f"{authentication(traits.scheme)}; else {OTHERWISE}" if traits.scheme else OTHERWISE
    yield "methods", ", ".join(f"`{method}`" for method in kind.methods)
    yield "answer", f"`{traits.success_status}`"
    if traits.sender_id_headers:
        yield "repetitions told by", ", ".join(f"`{header}`" for header in traits.sender_id_headers)
    if traits.handshake_methods:
        yield "handshake", f"answered to `{'`, `'.join(traits.handshake_methods)}`"
    if traits.token_parameter:
        yield "token in the query", f"`{traits.token_parameter}`"
    if traits.record:
        yield "resolves", str(traits.record.resolves)
        yield "looked at", ", ".join(f"`{member}`" for member in traits.record.used.split(", "))
        if traits.record.secrets:
            yield "hidden when kept", ", ".join(f"`{member}`" for member in traits.record.secrets)
    if shipped := samples_of(name):
        yield "samples", ", ".join(f"`{sample}`" for sample in shipped)


def _title(name: str) -> str:
    record = traits_of(registry.load(name)).record
    return record.title if record else name


if __name__ == "__main__":
    write(Path(sys.argv[1]))
