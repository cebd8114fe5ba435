"""``statusbridge check``: every mistake of the configuration, then whether what it points at is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import click

from bridge.cli.console import Console, Tone, Value
from bridge.cli.invocation import Invocation
from bridge.cli.probe import Finding, probe_destination, probe_page, probe_store
from bridge.cli.proofs import weak_proofs
from bridge.cli.recoveries import Doubt, doubts_of
from bridge.config.load import Reading
from bridge.config.problems import Level
from bridge.config.settings import AuthKind, Settings, SourceSettings
from bridge.policy.rules import Match, Publish

_CHECK_EPILOG = """\b
Exit codes:
  0  all is well, or there are warnings only
  1  the file is right, and something it points at is not
  2  the file has mistakes

\b
Examples:
  statusbridge check
  statusbridge --config other.yaml check --offline
"""


def register(group: click.Group) -> None:
    """Add ``check`` to the command line."""

    @group.command(epilog=_CHECK_EPILOG)
    @click.option("--offline", is_flag=True, help="Look at the file only, not at the store and the destinations.")
    @click.pass_obj
    def check(invocation: Invocation, offline: bool) -> None:
        """Check the configuration, and what it points at.

        All mistakes are shown at once, each with file, line, column and what would be right; then the sources whose
        alerts may stay open for ever, and those that let in more than was meant. Then, unless --offline, the store's
        settings are looked at, and each destination and each mirrored page is asked for its components. Nothing is
        written.
        """
        reading = invocation.read()
        console = Console()
        doubts = [*doubts_of(reading.settings), *weak_proofs(reading.settings)] if reading.settings else []
        _show_problems(console, reading, doubts)
        if reading.settings is None:
            raise click.exceptions.Exit(2)
        _show_settings(console, reading.settings)
        if not offline and _look(console, reading.settings):
            raise click.exceptions.Exit(1)


def _show_problems(console: Console, reading: Reading, doubts: Sequence[Doubt]) -> None:
    for problem in reading.problems:
        for line in str(problem).splitlines():
            console.line(line, "bad" if problem.severity is Level.ERROR else "waiting")
    for doubt in doubts:
        for line in str(doubt).splitlines():
            console.line(line, "waiting" if doubt.is_warning else "plain")
    errors = sum(problem.severity is Level.ERROR for problem in reading.problems)
    warnings = len(reading.problems) - errors + sum(doubt.is_warning for doubt in doubts)
    console.line(f"{_count(errors, 'mistake')}, {_count(warnings, 'warning')}", "bad" if errors else "good")


def _look(console: Console, settings: Settings) -> bool:
    """Look at store, destinations and pages; True when something is wrong there."""
    findings: list[Finding] = list(probe_store(settings))
    for destination in settings.destinations.values():
        findings += probe_destination(destination, settings)
    for page in settings.pages.values():
        findings += probe_page(page, settings)
    rows = [
        (each.subject, Value("wrong" if each.is_wrong else "note" if each.is_note else "ok", _tone(each)), each.text)
        for each in findings
    ]
    console.table("Found", ("where", "state", "what"), rows)
    return any(each.is_wrong for each in findings)


def _tone(finding: Finding) -> Tone:
    return "bad" if finding.is_wrong else "waiting" if finding.is_note else "good"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _show_settings(console: Console, settings: Settings) -> None:
    console.table(
        "Sources", ("name", "type", "auth", "posts to"), [_source(each) for each in settings.sources.values()]
    )
    console.table(
        "Destinations",
        ("name", "type", "address", "components"),
        [
            (each.name, each.type, each.url or "the provider's own", str(_shown_on(each.name, settings)))
            for each in settings.destinations.values()
        ],
    )
    if settings.mirrors:
        console.table("Mirrors", ("from", "type", "looked at every", "to"), list(_mirrors(settings)))
    console.table(
        "Components",
        ("id", "name", "group", "shown on"),
        [
            (each.id, each.name, each.group or "–", ", ".join(f"{at}: {as_}" for at, as_ in each.on.items()) or "–")
            for each in settings.components.values()
        ],
    )
    console.table("Routes", ("name", "takes", "components", "opens, closes, publishes"), list(_routes(settings)))
    store, web, worker = settings.store, settings.web, settings.worker
    console.table(
        "Process",
        ("what", "value"),
        [
            (
                "store",
                "the server of BRIDGE_REDIS_URL or store.redis_url" if store.url else f"embedded, {store.state_dir}",
            ),
            ("web", f"{web.host}:{web.port}, {web.workers} workers of {web.threads} threads"),
            ("worker", f"{worker.count} workers"),
        ],
    )


def _source(source: SourceSettings) -> tuple[str | Value, ...]:
    tail = "/<secret>" if source.auth.kind is AuthKind.PATH else ""
    auth = Value(source.auth.kind, "waiting" if source.auth.kind is AuthKind.NONE else "plain")
    return (source.name, source.type, auth, f"/hooks/{source.name}{tail}")


def _mirrors(settings: Settings) -> Iterator[tuple[str | Value, ...]]:
    for mirror in settings.mirrors:
        page = settings.pages[mirror.page]
        way = f" (both ways, conflicts: {mirror.conflicts.value})" if mirror.two_way else ""
        yield (mirror.page, page.reach.type, _length(page.every), ", ".join(mirror.to) + way)


def _shown_on(destination: str, settings: Settings) -> int:
    return sum(destination in component.on for component in settings.components.values())


def _routes(settings: Settings) -> Iterator[tuple[str | Value, ...]]:
    for route in settings.rules.routes:
        course = f"after {_length(route.open_after)}, after {_length(route.close_after)}, "
        publish = "held for a person" if route.publish is Publish.HOLD else "by itself"
        yield (route.name, _takes(route.match), ", ".join(route.components), course + publish)


def _takes(match: Match) -> str:
    parts = [f"source {' or '.join(match.sources)}"] if match.sources else []
    parts += [f"{label} {'|'.join(values)}" for label, values in match.labels.items()]
    parts += [f"severity {' or '.join(match.severities)}"] if match.severities else []
    return ", ".join(parts) or "everything"


def _length(span: timedelta) -> str:
    left, parts = int(span.total_seconds()), []
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s")):
        count, left = divmod(left, size)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"
