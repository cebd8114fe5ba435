"""``statusbridge diff``, ``sync`` and ``reclaim``: what is there against what should be, and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import click

from bridge.cli.console import Console, Tone, Value
from bridge.cli.invocation import Invocation
from bridge.config.settings import Settings
from bridge.errors import ProviderError
from bridge.sync.decisions.reclaim import reclaim
from bridge.sync.drift.audit import mend
from bridge.sync.drift.differences import Cause, Difference
from bridge.sync.drift.survey import Survey, survey
from bridge.sync.runtime import Runtime

_DIFF_EPILOG = """\b
Examples:
  statusbridge diff
  statusbridge diff public --json | jq -r 'select(.cause == "edited") | .object'
"""
_SYNC_EPILOG = """\b
Examples:
  statusbridge sync public
  statusbridge sync public --repair
"""
_RECLAIM_EPILOG = """\b
Examples:
  statusbridge reclaim public inc_0h6x2k9v --field title
  statusbridge reclaim public component:api
  statusbridge reclaim public
"""


_SAID: dict[Cause, tuple[str, Tone]] = {
    Cause.EDITED: ("changed by a person: left alone", "waiting"),
    Cause.MENDABLE: ("changed by a person: to be mended", "bad"),
    Cause.WAITS: ("held back: a person chose another phase", "waiting"),
    Cause.BEHIND: ("not written yet", "waiting"),
    Cause.DELETED: ("deleted by a person", "bad"),
    Cause.MISSING: ("never made there", "bad"),
    Cause.FAILED: ("refused, see `statusbridge failed list`", "bad"),
}
_HEADERS = ("destination", "object", "title", "field", "there", "should be", "why")


def register(group: click.Group) -> None:
    """Add the commands to the command line."""
    _register_diff(group)
    _register_sync(group)
    _register_reclaim(group)


def _register_diff(group: click.Group) -> None:
    @group.command("diff", epilog=_DIFF_EPILOG)
    @click.argument("destination", required=False)
    @click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
    @click.pass_context
    def diff_command(ctx: click.Context, destination: str | None, as_json: bool) -> None:
        """Compare what is there with what should be, field by field.

        Reads all destinations, or DESTINATION only; writes nothing. The exit code is 0 when all is as it should be, 1
        when something differs or a destination cannot be read.
        """
        runtime = runtime_of(ctx.obj, *([destination] if destination else []))
        names = [destination] if destination else list(runtime.settings.destinations)
        surveys, failed = _surveys(runtime, names)
        _show([(each.destination, item) for each in surveys for item in each.differences], as_json=as_json)
        if not as_json:
            for each in surveys:
                click.echo(_summary(each), err=not Console().is_terminal)
        ctx.exit(1 if failed or any(each.differences for each in surveys) else 0)


def _register_sync(group: click.Group) -> None:
    @group.command("sync", epilog=_SYNC_EPILOG)
    @click.argument("destination")
    @click.option("--repair", is_flag=True, help="Write what is to be mended.")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
    @click.pass_context
    def sync_command(ctx: click.Context, destination: str, repair: bool, as_json: bool) -> None:
        """Mend what differs on a destination, as far as its policy allows.

        Without --repair it only shows what would be looked at. With it, that is owed to DESTINATION, and written by the
        workers in order and within its rate. What people changed and what is to be left alone stays, see `reclaim`.
        """
        runtime = runtime_of(ctx.obj, destination)
        surveys, failed = _surveys(runtime, [destination])
        for found in surveys:
            open_ones = [item for item in found.differences if not item.known]
            _show([(destination, item) for item in open_ones], as_json=as_json)
            keys = mend(runtime, destination, open_ones) if repair else ()
            if not as_json:
                count = len(keys) if repair else len({item.key for item in open_ones})
                owed = f"owed to {destination} now" if repair else "to be mended: statusbridge sync --repair does it"
                click.echo(f"{count} object{'' if count == 1 else 's'} {owed}")
        ctx.exit(1 if failed else 0)


def _surveys(runtime: Runtime, names: Iterable[str]) -> tuple[list[Survey], bool]:
    """Every destination that can be read, and whether some could not."""
    found: list[Survey] = []
    failed = False
    for name in names:
        try:
            found.append(survey(runtime, name))
        except ProviderError as error:
            failed = True
            click.echo(f"{name} cannot be read: {error}", err=True)
    return found, failed


def _show(differences: list[tuple[str, Difference]], *, as_json: bool) -> None:
    if as_json:
        for destination, item in differences:
            click.echo(json.dumps(_data(destination, item), ensure_ascii=False))
        return
    rows = [
        (name, str(item.key), item.title, item.field or "–", _told(item.there), _told(item.wanted), _why(item))
        for name, item in differences
    ]
    if rows:
        Console().table("Drift", _HEADERS, rows)


def _summary(found: Survey) -> str:
    fields, objects = len(found.differences), len({item.key for item in found.differences})
    if not fields:
        return f"{found.destination}: in sync, {found.compared} objects compared"
    return f"{found.destination}: {fields} differences in {objects} of {found.compared} objects"


def _why(item: Difference) -> Value:
    text, tone = _SAID[item.cause]
    return Value(text, tone)


def _told(value: Any) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _data(destination: str, item: Difference) -> dict[str, Any]:
    return {
        "destination": destination,
        "object": str(item.key),
        "title": item.title,
        "field": item.field or None,
        "there": item.there,
        "should_be": item.wanted,
        "last_written": item.written,
        "cause": item.cause,
    }


def _register_reclaim(group: click.Group) -> None:
    @group.command("reclaim", epilog=_RECLAIM_EPILOG)
    @click.argument("destination")
    @click.argument("object_id", metavar="[OBJECT]", required=False)
    @click.option("--field", "fields", multiple=True, help="Only this field, as `diff` calls it; may be repeated.")
    @click.option("--json", "as_json", is_flag=True, help="One JSON list of the objects that are owed now.")
    @click.pass_obj
    def reclaim_command(
        invocation: Invocation, destination: str, object_id: str | None, fields: tuple[str, ...], as_json: bool
    ) -> None:
        """Take back under automation what people changed on a destination.

        OBJECT is an incident, a maintenance or a component (component:api), or the beginning of an id; without it,
        everything that people changed on DESTINATION is taken back. What is deleted there is made again.
        """
        runtime = runtime_of(invocation, destination)
        keys = reclaim(runtime, destination, object_id, fields)
        if as_json:
            click.echo(json.dumps([str(key) for key in keys]))
            return
        for key in keys:
            click.echo(f"{key} is owed to {destination} again")
        if not keys:
            click.echo(f"nothing on {destination} was changed by people")


def runtime_of(invocation: Invocation, *destinations: str) -> Runtime:
    """The surroundings of a command about destinations that the configuration has.

    Raises:
        click.UsageError: it does not have them.
    """
    settings = invocation.settings()
    check_names(settings, destinations)
    store = invocation.open_store(settings)
    return Runtime(settings, store, store.clock)


def check_names(settings: Settings, destinations: tuple[str, ...]) -> None:
    """Refuse names that no destination has.

    Raises:
        click.UsageError: with the names that there are.
    """
    for name in destinations:
        if name not in settings.destinations:
            known = ", ".join(settings.destinations) or "none"
            raise click.UsageError(f"there is no destination {name!r}; the configuration has: {known}")
