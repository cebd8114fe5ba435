"""``sources:``, ``destinations:`` and ``components:``: from tables of names to frozen settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from marshmallow import Schema

from bridge.config.auth import read_source_auth
from bridge.config.fields import NAME, NAME_HINT
from bridge.config.problems import Place, suggest
from bridge.config.schema import ComponentSchema, DestinationSchema, SourceSchema
from bridge.config.schemes import Scheme
from bridge.config.settings import (
    AuthKind,
    AuthSettings,
    ComponentSettings,
    Deleted,
    DestinationSettings,
    Edits,
    EditSettings,
    SourceSettings,
)
from bridge.config.shape import Shaper, join
from bridge.config.yaml import Entry, Node, Scalar, Table, has_unset
from bridge.errors import ConfigError
from bridge.model.enums import ComponentStatus, Visibility
from bridge.model.objects import Component, ComponentGroup
from bridge.model.pages import Original, group_id
from bridge.secret import Secret


@dataclass(frozen=True, slots=True)
class Types:
    """The types that may stand after ``type:``.

    Attributes:
        noun: ``source type`` or ``provider``.
        names: all of them.
        options_schema: schema of one type's own options; raises ConfigError when it cannot be loaded.
        normal: the registry's own spelling of a name.
        prove: makes one from whole settings; raises ConfigError when it cannot be made of them.
        scheme: how the vendor of a source type signs; None where it does not.
    """

    noun: str
    names: Callable[[], tuple[str, ...]]
    options_schema: Callable[[str], type[Schema]]
    normal: Callable[[str], str] = str
    prove: Callable[[Any], object] = id
    scheme: Callable[[str], Scheme | None] = lambda name: None


@dataclass(slots=True)
class Named:
    """The settings of one section that could be read, and the names of all its entries, read or not.

    Cross-checks look at ``names``, so that one mistake is not reported as two.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    names: dict[str, Entry] = field(default_factory=dict)


def read_sources(shaper: Shaper, node: Node | None, types: Types) -> Named:
    """Read ``sources:``."""
    found = Named()
    schema = SourceSchema()
    for name, entry in entries_of(shaper, node, "sources", found):
        path = join("sources", name)
        common, options = common_and_options(shaper, schema, entry.value, path, types)
        kind = types.normal(common["type"]) if options is not None else None
        scheme = types.scheme(kind) if kind else None
        auth = None
        if isinstance(entry.value, Table) and (kind or "secrets" not in entry.value.entries):
            auth = read_source_auth(shaper, entry.value, path, scheme)
        if options is not None and kind is not None:
            kept = auth or AuthSettings(AuthKind.PATH)  # accepts nothing; only stands in until the problem is mended
            own = {
                key: common[key] for key in ("heartbeat", "success_status", "resolve_after", "page") if key in common
            }
            found.settings[name] = SourceSettings(name, kind, kept, options, **own)
    return found


def read_destinations(shaper: Shaper, node: Node | None, types: Types) -> Named:
    """Read ``destinations:``."""
    found = Named()
    schema = DestinationSchema()
    for name, entry in entries_of(shaper, node, "destinations", found):
        before = len(shaper.problems.all())
        common, options = common_and_options(shaper, schema, entry.value, join("destinations", name), types)
        if options is not None:
            own = _own(common)
            token = common.get("token", Secret(""))
            settings = DestinationSettings(
                name=name, type=types.normal(common["type"]), token=token, options=options, **own
            )
            found.settings[name] = settings
            if len(shaper.problems.all()) == before and not has_unset(entry.value):
                prove(shaper, types, settings, entry.value, "destinations")
    return found


def _own(common: dict[str, Any]) -> dict[str, Any]:
    """The settings of a destination that are the same for all providers."""
    own = {key: in_seconds(value) for key, value in common.items() if key not in ("type", "token", "audit")}
    if "edits" in own:
        own["edits"] = EditSettings(**{field: Edits(word) for field, word in own["edits"].items()})
    if "deleted" in own:
        own["deleted"] = Deleted(own["deleted"])
    if "audit" in common:
        own["audit"] = common["audit"] or None
    return own


def prove(shaper: Shaper, types: Types, settings: DestinationSettings, node: Node, section: str) -> None:
    """Let the provider or the page itself look at settings that are right in their parts."""
    path = join(section, settings.name)
    try:
        types.prove(settings)
    except ConfigError as error:
        said = "; ".join(str(problem) for problem in error.problems).removeprefix(f"{path}: ")
        shaper.problems.error(replace(node.place, path=path), said)


def read_components(shaper: Shaper, node: Node | None, destinations: Named) -> Named:
    """Read ``components:`` and check where they are shown."""
    found = Named()
    schema = ComponentSchema()
    for name, entry in entries_of(shaper, node, "components", found):
        path = join("components", name)
        data = shaper.load(schema, entry.value, path)
        found.settings[name] = ComponentSettings(
            id=name,
            name=data.get("name", name),
            group=data.get("group"),
            description=data.get("description"),
            on=data.get("on", {}),
            original=_original(name, data) if data.get("create") else None,
        )
        if isinstance(entry.value, Table):
            _check_on(shaper, entry.value, entry.value.get("on"), path, destinations)
            _check_create(shaper, entry.value, found.settings[name], path)
    _check_shared_copies(shaper, found)
    return found


def _original(identity: str, data: Mapping[str, Any]) -> Original:
    """What a component is made after: what the file says of it, under a group that everybody sees."""
    name, heading, said = data.get("name", identity), data.get("group"), data.get("description")
    group = ComponentGroup(group_id(heading), heading, Visibility.PUBLIC) if heading else None
    status = ComponentStatus.OPERATIONAL
    return Original(Component(identity, name, status, description=said, group=group.id if group else None), group)


def _check_create(shaper: Shaper, table: Table, component: ComponentSettings, path: str) -> None:
    """Made is only what goes by the component's own name: an id that is not there is a mistake, not a name."""
    if component.original is not None and component.on and component.name not in component.on.values():
        place = replace((table.get("create") or table).place, path=join(path, "create"))
        hint = f"where it is to be made, write its name: on: {{<destination>: {component.name!r}}}"
        shaper.problems.warning(place, "this component is made nowhere: 'on' gives no destination its name", hint=hint)


def entries_of(shaper: Shaper, node: Node | None, section: str, found: Named) -> Iterator[tuple[str, Entry]]:
    """The entries of a section whose names can be used; the names of the others are reported."""
    if node is None or (isinstance(node, Scalar) and node.plain and node.value is None):
        return
    if not isinstance(node, Table):
        shaper.expected(node, "a mapping of names", section, f"write the name of the first of the {section} below it")
        return
    for entry in node:
        name = entry.key.text
        found.names[name] = entry
        if not NAME.match(name):
            place = replace(entry.key.place, path=section)
            shaper.problems.error(place, "this cannot be a name", value=name, hint=NAME_HINT)
        yield name, entry


def common_and_options(
    shaper: Shaper, schema: Schema, node: Node, path: str, types: Types
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Read an entry whose ``type`` says which further keys it takes; options are None when the type is wrong."""
    if not isinstance(node, Table):
        shaper.load(schema, node, path)
        return {}, None
    type_node = node.get("type")
    options_schema = _options_schema(shaper, type_node, join(path, "type"), types)
    if options_schema is None:
        unknown = set(node.entries) - set(schema.fields)
        return shaper.load(schema, node, path, ignore=unknown), None
    common = shaper.load(schema, node, path, ignore=set(node.entries) - set(schema.fields))
    options = shaper.load(options_schema, node, path, ignore=schema.fields)
    return common, options if "type" in common else None


def _options_schema(shaper: Shaper, node: Node | None, path: str, types: Types) -> Schema | None:
    if not isinstance(node, Scalar) or node.unset or not node.text:
        return None
    place = replace(node.place, path=path)
    known = types.names()
    name = types.normal(node.text)
    if name not in known:
        hint = suggest(name, known, noun="known")
        shaper.problems.error(place, f"there is no such {types.noun}", value=node.written, hint=hint)
        return None
    try:
        return types.options_schema(name)()
    except ConfigError as error:
        shaper.problems.error(place, str(error), value=node.written)
        return None


def in_seconds(value: Any) -> Any:
    """A duration as seconds; anything else as it is."""
    return value.total_seconds() if isinstance(value, timedelta) else value


def _check_on(shaper: Shaper, table: Table, node: Node | None, path: str, destinations: Named) -> None:
    if node is None or (isinstance(node, Table) and not node.entries):
        hint = "say where it is shown: on: {<destination>: <remote id or name>}"
        shaper.problems.warning(replace(table.place, path=path), "this component is shown on no destination", hint=hint)
        return
    for entry in node if isinstance(node, Table) else ():
        name = entry.key.text
        if name not in destinations.names:
            place = replace(entry.key.place, path=join(path, "on"))
            hint = suggest(name, destinations.names, noun="destinations")
            shaper.problems.error(place, "there is no such destination", value=name, hint=hint)


def _check_shared_copies(shaper: Shaper, found: Named) -> None:
    """Two components on one remote component would overwrite each other for ever."""
    first: dict[tuple[str, str], str] = {}
    for name, component in found.settings.items():
        for destination, remote in component.on.items():
            other = first.setdefault((destination, remote), name)
            if other != name:
                why = f"the component {other!r} is shown as the same remote component of {destination!r}"
                place = _place_of_copy(found.names[name], destination, join("components", name))
                shaper.problems.error(place, why, value=remote, hint="each component needs a remote one of its own")


def _place_of_copy(entry: Entry, destination: str, path: str) -> Place:
    node: Node | None = entry.value
    for step in ("on", destination):
        node = node.get(step) if isinstance(node, Table) else None
    return replace((node or entry.value).place, path=join(join(path, "on"), destination))
