"""Status pages as sources, and ``mirrors:``: what happens on one page happens on others."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bridge.config.problems import suggest
from bridge.config.schema import MirrorSchema, PageSchema, PublicPageSchema
from bridge.config.sections import Named, Types, common_and_options, entries_of, in_seconds, prove
from bridge.config.settings import Conflicts, Deletions, DestinationSettings, History, MirrorSettings, PageSettings
from bridge.config.shape import Shaper, join
from bridge.config.yaml import Listing, Node, Scalar, Table, has_unset
from bridge.secret import Secret

DEFAULT_EVERY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class PageTypes:
    """The types of ``sources:`` that are pages to look at instead of senders.

    Attributes:
        types: how they are loaded.
        public: those of them that are read without a token.
        shows_points: tells whether a type shows the points of its metrics.
    """

    types: Types
    public: Collection[str]
    shows_points: Callable[[str], bool]


def split_sources(node: Node | None, pages: PageTypes) -> tuple[Node | None, Node | None]:
    """The section as two: the senders, and the pages to look at."""
    if not isinstance(node, Table):
        return node, None
    known = set(pages.types.names())
    looked_at = {entry.key.text: entry for entry in node if _type_of(entry.value) in known}
    others = {name: entry for name, entry in node.entries.items() if name not in looked_at}
    return Table(node.place, others), Table(node.place, looked_at) if looked_at else None


def _type_of(node: Node) -> str:
    kind = node.get("type") if isinstance(node, Table) else None
    return kind.text.strip().lower().replace("_", "-") if isinstance(kind, Scalar) and not kind.unset else ""


def read_pages(shaper: Shaper, node: Node | None, pages: PageTypes) -> Named:
    """Read the pages of ``sources:``."""
    found = Named()
    for name, entry in entries_of(shaper, node, "sources", found):
        before = len(shaper.problems.all())
        public = _type_of(entry.value) in pages.public
        schema = PublicPageSchema() if public else PageSchema()
        common, options = common_and_options(shaper, schema, entry.value, join("sources", name), pages.types)
        if options is None:
            continue
        every = common.pop("every", DEFAULT_EVERY)
        own = {key: in_seconds(value) for key, value in common.items() if key not in ("type", "token")}
        reach = DestinationSettings(
            name=name,
            type=pages.types.normal(common["type"]),
            token=common.get("token", Secret("")),
            options=options,
            **own,
        )
        found.settings[name] = PageSettings(name, reach, every)
        if public and len(shaper.problems.all()) == before and not has_unset(entry.value):
            prove(shaper, pages.types, reach, entry.value, "sources")
    return found


def read_mirrors(
    shaper: Shaper, node: Node | None, pages: Named, destinations: Named, components: Named, types: PageTypes
) -> tuple[MirrorSettings, ...]:
    """Read ``mirrors:``. A destination that is mirrored from becomes a page to look at, in ``pages``."""
    found: list[MirrorSettings] = []
    for index, item in enumerate(_items(shaper, node)):
        path = f"mirrors[{index}]"
        data = shaper.load(MirrorSchema(), item, path)
        if not isinstance(item, Table):
            continue
        known = {*pages.names, *destinations.names}
        _check_names(shaper, item.get("from"), join(path, "from"), known, "page to mirror from")
        _check_names(shaper, item.get("to"), join(path, "to"), set(destinations.names), "destination")
        _check_components(shaper, item.get("components"), join(path, "components"), components)
        if "page" not in data or "to" not in data:
            continue
        if data["page"] in data["to"]:
            shaper.problems.error(
                replace(item.place, path=path), "a page cannot be mirrored to itself", value=data["page"],
                hint="take it out of 'to:'",
            )  # fmt: skip
        _adopt_page(shaper, item, path, data, pages, destinations)
        _check_two_way(shaper, item, path, data, pages, destinations)
        _check_metrics(shaper, item, path, data, pages.settings.get(data["page"]), types)
        found.append(_mirror(data))
    return tuple(found)


def check_called_pages(shaper: Shaper, sources: Named, pages: Named) -> None:
    """The pages that senders announce must be there and be mirrored."""
    for name, source in sources.settings.items():
        node = sources.names[name].value
        if source.page is not None and source.page not in pages.settings and isinstance(node, Table):
            said = node.get("page")
            hint = suggest(source.page, pages.settings, noun="pages that are looked at")
            place = replace((said or node).place, path=join(join("sources", name), "page"))
            shaper.problems.error(place, "there is no such page", value=source.page, hint=hint)


def _adopt_page(
    shaper: Shaper, item: Table, path: str, data: dict[str, Any], pages: Named, destinations: Named
) -> None:
    """Make a page of a destination that is mirrored from, and apply the mirror's own ``every``."""
    name, every = data["page"], data.get("every")
    if name not in pages.settings and name in destinations.settings:
        pages.settings[name] = PageSettings(name, destinations.settings[name], every or DEFAULT_EVERY)
    elif every is not None and name in pages.settings and name in pages.names:
        shaper.problems.error(
            replace(item.place, path=join(path, "every")),
            "a page of 'sources:' says itself how often it is looked at",
            hint=f"move 'every' to sources.{name}",
        )


def _check_two_way(
    shaper: Shaper, item: Table, path: str, data: dict[str, Any], pages: Named, destinations: Named
) -> None:
    """A two-way mirror writes to the page that it is from, and looks at those that it is to."""
    if not data.get("two_way"):
        if "conflicts" in data:
            place = replace(item.place, path=join(path, "conflicts"))
            hint = "add 'two_way: true', or take it out"
            shaper.problems.error(place, "only a two-way mirror has conflicts", hint=hint)
        return
    if data["page"] not in destinations.names:
        shaper.problems.error(
            replace(item.place, path=join(path, "two_way")),
            "a two-way mirror writes to the page that it is from, so that must be a destination",
            value=data["page"],
            hint="name it under 'destinations:' and mirror from that name",
        )
    for name in data["to"]:
        if name in destinations.settings and name not in pages.settings:
            every = data.get("every") or DEFAULT_EVERY
            pages.settings[name] = PageSettings(name, destinations.settings[name], every)


def _check_metrics(
    shaper: Shaper, item: Table, path: str, data: dict[str, Any], page: PageSettings | None, types: PageTypes
) -> None:
    """Only metrics whose points can be read go along, and only what goes along can be made."""
    if data.get("create_metrics") and not data.get("metrics"):
        place = replace((item.get("create_metrics") or item).place, path=join(path, "create_metrics"))
        shaper.problems.error(place, "no metrics go along that could be made", hint="add 'metrics: true'")
    if data.get("metrics") and page is not None and not types.shows_points(page.reach.type):
        shaper.problems.error(
            replace((item.get("metrics") or item).place, path=join(path, "metrics")),
            f"a page of type {page.reach.type} does not show the points of its metrics, so they cannot go along",
            hint="take 'metrics' out; points can be read on Cachet only",
        )


def _mirror(data: dict[str, Any]) -> MirrorSettings:
    return MirrorSettings(
        page=data["page"],
        to=tuple(data["to"]),
        components=data.get("components"),
        everything=data.get("everything", False),
        create_components=data.get("create_components", False),
        metrics=data.get("metrics", False),
        create_metrics=data.get("create_metrics", False),
        history=History(data.get("history", History.OPEN)),
        deletions=Deletions(data.get("deletions", Deletions.RESOLVE)),
        notify=data.get("notify", True),
        two_way=data.get("two_way", False),
        conflicts=Conflicts(data.get("conflicts", Conflicts.SOURCE)),
    )


def _items(shaper: Shaper, node: Node | None) -> list[Node]:
    if node is None or (isinstance(node, Scalar) and node.plain and node.value is None):
        return []
    if not isinstance(node, Listing):
        shaper.expected(node, "a list of mirrors", "mirrors", "write '- {from: …, to: […]}' below it")
        return []
    return node.items


def _check_names(shaper: Shaper, node: Node | None, path: str, known: Collection[str], noun: str) -> None:
    nodes = node.items if isinstance(node, Listing) else [node] if node is not None else []
    for item in nodes:
        if isinstance(item, Scalar) and not item.unset and item.text and item.text not in known:
            hint = suggest(item.text, known, noun="known")
            shaper.problems.error(
                replace(item.place, path=path), f"there is no such {noun}", value=item.text, hint=hint
            )


def _check_components(shaper: Shaper, node: Node | None, path: str, components: Named) -> None:
    for entry in node if isinstance(node, Table) else ():
        where = join(path, entry.key.text)
        _check_names(shaper, entry.value, where, components.names, "component")
