"""A status page as a visitor's browser gets it: read from its HTML, compared with what it must show. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from bridge.demo.story import Expected

_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})


@dataclass(frozen=True, slots=True)
class Shown:
    """The status of one component: the page's own word, and how alarming it looks."""

    word: str
    tone: str


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident on a page; ``updates`` are texts, oldest first."""

    remote_id: str
    title: str
    status: str
    is_open: bool
    updates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What one page shows."""

    components: Mapping[str, Shown] = field(default_factory=dict)
    incidents: tuple[Incident, ...] = ()


def read_page(html: str) -> Page:
    """Read a page of the sandbox by the ``data-`` attributes that its elements carry."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Page(reader.components, tuple(reader.incidents))


def differences(page: Page, expected: Expected) -> Iterator[str]:
    """What is not as it must be, one sentence each; nothing when the page is right."""
    shown = page.components.get(expected.component)
    if shown is None:
        yield f"there is no component {expected.component!r}"
    elif shown.tone != expected.tone:
        yield f"{expected.component!r} shows {shown.word!r} ({shown.tone}) instead of something {expected.tone}"
    if len(page.incidents) != 1:
        yield f"there are {len(page.incidents)} incidents instead of one"
        return
    incident = page.incidents[0]
    if incident.title != expected.title:
        yield f"the incident is titled {incident.title!r} instead of {expected.title!r}"
    if incident.updates != expected.updates:
        yield f"the incident's updates are {list(incident.updates)} instead of {list(expected.updates)}"
    if incident.is_open != expected.is_open:
        yield f"the incident is {'still open' if incident.is_open else 'already resolved'} ({incident.status})"


class _Reader(HTMLParser):
    """Follows where in the page it is by a stack of open elements, each as its attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.components: dict[str, Shown] = {}
        self.incidents: list[Incident] = []
        self._open: list[dict[str, str]] = []
        self._updates: list[str] = []
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            if self._text is not None:
                self._text.append(" ")
            return
        given = {name: value or "" for name, value in attrs}
        if "data-incident" in given:
            self._updates = []
        elif "data-update-body" in given or self._is_status(given):
            self._text = []
        self._open.append(given)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or not self._open:
            return
        ended = self._open.pop()
        if "data-update-body" in ended:
            self._updates.append(self._take_text())
        elif self._is_status(ended):
            component = self._open[-1]
            self.components[component["data-component"]] = Shown(self._take_text(), component.get("data-tone", ""))
        elif "data-incident" in ended:
            self.incidents.append(self._incident(ended))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def _is_status(self, given: Mapping[str, str]) -> bool:
        """Whether an element says the status of the component around it."""
        return "state" in given.get("class", "").split() and bool(self._open) and "data-component" in self._open[-1]

    def _take_text(self) -> str:
        taken, self._text = self._text or [], None
        return " ".join("".join(taken).split())

    def _incident(self, given: Mapping[str, str]) -> Incident:
        return Incident(
            remote_id=given.get("data-incident-id", ""),
            title=given["data-incident"],
            status=given.get("data-incident-status", ""),
            is_open=any(element.get("data-section") == "open-incidents" for element in self._open),
            updates=tuple(reversed(self._updates)),  # pages show the newest first
        )
