"""Read bridge.yaml and the environment once, whole, with every problem at once."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bridge.config import environment
from bridge.config.interpolation import Interpolation
from bridge.config.pages import PageTypes, check_called_pages, read_mirrors, read_pages, split_sources
from bridge.config.problems import Place, Problem, Problems, has_errors
from bridge.config.routes import read_rules
from bridge.config.schema import BLOCKS, DocumentSchema, ValvesSchema
from bridge.config.sections import Types, read_components, read_destinations, read_sources
from bridge.config.settings import DestinationSettings, Settings, StoreSettings, WebSettings, WorkerSettings
from bridge.config.shape import Shaper
from bridge.config.yaml import MAX_BYTES, Node, Scalar, Table, parse
from bridge.errors import ConfigError
from bridge.policy.rules import Valves

DEFAULT_PATH = "bridge.yaml"
_SOURCES = "bridge.sources.registry"
_PROVIDERS = "bridge.providers.registry"
_PAGES = "bridge.pages.registry"


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading gave.

    Attributes:
        settings: None when a problem forbids to start.
        problems: errors and warnings in the order of the file.
    """

    settings: Settings | None
    problems: tuple[Problem, ...]

    def require(self) -> Settings:
        """The settings.

        Raises:
            ConfigError: with every problem.
        """
        if self.settings is None:
            raise ConfigError(self.problems)
        return self.settings


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings that a file and the environment give.

    Args:
        path: the file; None takes ``BRIDGE_CONFIG``, else ``bridge.yaml`` in the working directory.
        environ: the environment; its ``BRIDGE_…`` variables go before the file.

    Raises:
        ConfigError: with every problem at once.
    """
    return read(path, environ).require()


def read(path: Path | None, environ: Mapping[str, str]) -> Reading:
    """As :func:`load`, with the warnings, and without raising."""
    file = path or Path(environ.get("BRIDGE_CONFIG") or DEFAULT_PATH)
    problems = Problems()
    raw = _read_file(file, problems)
    if raw is None:
        return Reading(None, problems.all())
    return parse_settings(raw, file, environ)


def parse_settings(raw: bytes, file: Path, environ: Mapping[str, str]) -> Reading:
    """Read the content of a configuration file.

    Args:
        raw: its bytes.
        file: its path, for messages and for what is relative to it.
        environ: the environment.
    """
    problems = Problems()
    interpolation = Interpolation(environ)
    document = parse(raw, str(file), interpolation, problems)
    empty = document is None or (isinstance(document, Scalar) and document.plain and document.value is None)
    if empty and not has_errors(problems.all()):
        problems.error(Place(str(file)), "the file is empty", hint="begin with examples/minimal.yaml")
    if empty or document is None:
        return Reading(None, problems.all())
    shaper = Shaper(problems, file.parent)
    settings = _settings(shaper, document, file, environ)
    environment.warn_of_near_misses(environ, interpolation.used, problems)
    found = problems.all()
    return Reading(None if has_errors(found) else settings, found)


def _settings(shaper: Shaper, document: Node, file: Path, environ: Mapping[str, str]) -> Settings:
    shaper.load(DocumentSchema(), document, "")
    top = document if isinstance(document, Table) else Table(document.place)
    page_types = _page_types()
    senders, looked_at = split_sources(top.get("sources"), page_types)
    sources = read_sources(shaper, senders, _source_types(page_types))
    pages = read_pages(shaper, looked_at, page_types)
    destinations = read_destinations(shaper, top.get("destinations"), _provider_types())
    components = read_components(shaper, top.get("components"), destinations)
    rules = read_rules(shaper, top.get("routes"), sources, components)
    valves = top.get("valves")
    if valves is not None:
        rules = replace(rules, valves=Valves(**shaper.load(ValvesSchema(), valves, "valves")))
    mirrors = read_mirrors(shaper, top.get("mirrors"), pages, destinations, components, page_types)
    check_called_pages(shaper, sources, pages)
    _warn_of_nothing(shaper, top)
    blocks = {name: _block(shaper, name, top, environ) for name in BLOCKS}
    return Settings(
        sources=sources.settings,
        destinations=destinations.settings,
        components=components.settings,
        rules=rules,
        store=_store(blocks["store"], shaper.base),
        web=WebSettings(**blocks["web"]),
        worker=WorkerSettings(**blocks["worker"]),
        pages=pages.settings,
        mirrors=mirrors,
        path=file,
    )


def _block(shaper: Shaper, name: str, top: Table, environ: Mapping[str, str]) -> dict[str, Any]:
    node = top.get(name)
    if node is None or (isinstance(node, Scalar) and node.plain and node.value is None):
        node = Table(top.place)
    if isinstance(node, Table):
        node = environment.overlay(name, node, environ)
    data = shaper.load(BLOCKS[name](), node, name)
    if isinstance(data.get("state_dir"), str) and isinstance(node, Table):
        given = node.get("state_dir")
        from_file = given is not None and given.place.line > 0
        data["state_dir"] = (shaper.base if from_file else Path()) / Path(data["state_dir"]).expanduser()
    if isinstance(data.get("sweep_every"), timedelta):
        data["sweep_every"] = data["sweep_every"].total_seconds()
    return data


def _store(data: dict[str, Any], base: Path) -> StoreSettings:
    url = data.pop("redis_url", None)
    state_dir = data.pop("state_dir", None) or default_state_dir()
    return StoreSettings(state_dir=Path(state_dir).absolute(), url=url, **data)


def default_state_dir() -> Path:
    """Where the embedded store lives when nobody says otherwise."""
    from platformdirs import user_data_path  # noqa: PLC0415 - needed only where no directory is named

    return user_data_path("statusbridge")


def _warn_of_nothing(shaper: Shaper, top: Table) -> None:
    missing = {
        "sources": "nothing can send events",
        "destinations": "nothing can be published",
        "routes": "no alert is published",
    }
    if top.get("mirrors") is not None:
        del missing["sources"], missing["routes"]
    for section, effect in missing.items():
        node = top.get(section)
        if node is None or (isinstance(node, Scalar) and node.value is None):
            place = replace(top.place, path=section)
            shaper.problems.warning(place, f"there are no {section}: {effect}", hint=f"add '{section}:'")


def _source_types(pages: PageTypes) -> Types:
    registry = importlib.import_module(_SOURCES)  # by name: the registries stand above this package

    def names() -> tuple[str, ...]:
        return (*registry.names(), *pages.types.names())  # pages are taken out before; here they are suggested

    return Types("source type", names, registry.options_schema, registry.normal, scheme=registry.scheme)


def _page_types() -> PageTypes:
    registry = importlib.import_module(_PAGES)

    def make(settings: DestinationSettings) -> None:
        registry.make(settings, _NoBudget(), lambda call: None).close()

    types = Types("source type", registry.names, registry.options_schema, registry.normal, prove=make)
    return PageTypes(types, registry.READ_ONLY, registry.shows_points)


def _provider_types() -> Types:
    registry = importlib.import_module(_PROVIDERS)

    def make(settings: DestinationSettings) -> None:
        registry.make(settings, _NoBudget(), lambda call: None).close()

    return Types("provider", registry.names, registry.options_schema, prove=make)


class _NoBudget:
    """Stands in for a rate budget where no call is made."""

    def take(self, *, read: bool = False) -> float:
        """Always now."""
        return 0.0

    def penalise(self, seconds: float, *, read: bool = False) -> None:
        """Nothing waits here."""


def _read_file(file: Path, problems: Problems) -> bytes | None:
    place = Place(str(file))
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        hint = "write one (examples/minimal.yaml is a start), name it with --config, or try: statusbridge demo"
        problems.error(place, "there is no such file", hint=hint)
    except OSError as error:
        problems.error(place, f"the file cannot be read: {error.strerror or type(error).__name__}")
    except ValueError:
        problems.error(Place("configuration"), "this cannot be the name of a file")
    return None
