"""``statusbridge sandbox``: local copies of the four providers, and their state as files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bridge.cli.console import Console
from bridge.cli.invocation import Invocation
from bridge.cli.main import start_logging
from bridge.cli.serve import refuse_taken

if TYPE_CHECKING:
    from bridge.cli.sandbox_link import SandboxLink
    from bridge.sandbox.dump.comparison import Difference

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_PORT = 8090
ROWS = ("demo", "page", "empty")
PROVIDERS = ("cachet2", "cachet3", "statuspage", "pingpong")
_APIS = {
    "cachet2": "/cachet2/api/v1", "cachet3": "/cachet3/api", "statuspage": "/statuspage/v1",
    "pingpong": "/pingpong/rest/v1",
}  # fmt: skip
_SHOWN, _WIDTH = 200, 48

_EPILOG = """\b
Examples:
  statusbridge sandbox --port 8090
  then, as a destination: {type: cachet3, url: "http://127.0.0.1:8090/cachet3", token: sandbox}
\b
  statusbridge sandbox --seed page                   60 components, 400 incidents, three years
  statusbridge sandbox --state before.json           go on from a dump

\b
While it runs, from another terminal:
  statusbridge sandbox dump before.json
  statusbridge sandbox load before.json
"""
_DUMP_EPILOG = """\b
Examples:
  statusbridge sandbox dump before.json
  statusbridge sandbox dump --provider statuspage - | jq '.providers.statuspage.objects.incidents.rows | length'
"""
_LOAD_EPILOG = """\b
Example:
  statusbridge sandbox load before.json
"""
_COMPARE_EPILOG = """\b
Exit codes:
  0  there is no difference
  1  there are differences
  2  they cannot be compared

\b
Examples:
  statusbridge sandbox compare before.json after.json
  statusbridge sandbox compare before.json                        the file and the running sandbox
  statusbridge sandbox compare first.json second.json --provider cachet3 --ids aligned --times told
"""
_RESET_EPILOG = """\b
Example:
  statusbridge sandbox reset
"""
_SEED_EPILOG = """\b
Examples:
  statusbridge sandbox seed page
  statusbridge sandbox seed empty
"""


def register(group: click.Group) -> None:
    """Add ``sandbox`` and what is below it to the command line."""
    for command in (dump_command, load_command, compare_command, reset_command, seed_command):
        sandbox.add_command(command)
    group.add_command(sandbox)


@click.group("sandbox", epilog=_EPILOG, invoke_without_command=True)
@click.option("--port", type=click.IntRange(1, 65_535), default=DEFAULT_PORT, show_default=True, help="Port to use.")
@click.option("--token", default="sandbox", show_default=True, help="The token that all four accept.")
@click.option(
    "--seed", "rows", type=click.Choice(ROWS), default="demo", show_default=True,
    help="What it begins with: four components, a page with three years of history, or nothing.",
)  # fmt: skip
@click.option(
    "--state", type=click.Path(dir_okay=False, allow_dash=True), metavar="FILE",
    help="Begin with a dump instead. A reset goes back to it.",
)  # fmt: skip
@click.option("--resume-clock", is_flag=True, help="With --state: its time goes on from the moment of the dump.")
@click.pass_context
def sandbox(ctx: click.Context, port: int, token: str, rows: str, state: str | None, resume_clock: bool) -> None:
    """Run local copies of the four providers.

    They listen on 127.0.0.1 only and forget everything when they stop, unless you dump it before. Each has a public
    page, too. The commands below speak to a sandbox that runs.
    """
    if ctx.invoked_subcommand is not None:
        return
    if state is None and resume_clock:
        raise click.UsageError("--resume-clock goes with --state")
    if state is not None and ctx.get_parameter_source("rows") is not click.core.ParameterSource.DEFAULT:
        raise click.UsageError("--state says what it begins with: leave --seed out")
    _run(ctx.obj, port, {"token": token, "rows": rows, "state": _read(state), "resume": resume_clock})


def _run(invocation: Invocation, port: int, begin: Mapping[str, Any]) -> None:
    """Serve a sandbox until it is stopped; a dump that cannot be loaded is told before."""
    from bridge.cli.sandbox_server import HOST, serve  # noqa: PLC0415 - help does without the sandbox
    from bridge.sandbox.app import Sandbox  # noqa: PLC0415 - as above

    refuse_taken(HOST, port, "--port")
    start_logging(invocation)
    made = Sandbox(**begin)
    for name, path in _APIS.items():
        click.echo(f"{name}\tAPI http://{HOST}:{port}{path}\tpage http://{HOST}:{port}/{name}/")
    serve(made, port)


def _read(state: str | None) -> Any:
    from bridge.cli.sandbox_link import find_dump  # noqa: PLC0415 - help does without the sandbox

    return None if state is None else find_dump(state)


def _with_url(command: Command) -> Command:
    return click.option("--url", help=f"Where the sandbox runs.  [default: http://127.0.0.1:{DEFAULT_PORT}]")(command)


_with_json = click.option("--json", "as_json", is_flag=True, help="The numbers of objects as one JSON object.")
_with_providers = click.option(
    "--provider", "providers", type=click.Choice(PROVIDERS), multiple=True, help="Only this one; may be repeated."
)


@click.command("dump", epilog=_DUMP_EPILOG)
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@_with_providers
@_with_url
@_with_json
def dump_command(file: str, providers: tuple[str, ...], url: str | None, as_json: bool) -> None:
    """Write all state of a running sandbox into one file.

    It is one JSON document: rows, counters, what decides about the next ids, switches, armed faults. No token and no
    secret of a webhook is in it. Without FILE, or with `-`, it goes to standard output.
    """
    from bridge.cli.sandbox_link import write_file  # noqa: PLC0415 - help does without the sandbox
    from bridge.sandbox.dump.document import counts, from_text  # noqa: PLC0415 - as above

    if file == "-" and as_json:
        raise click.UsageError("--json tells what was written, so it needs a FILE")
    content = _link(url).dump(providers)
    write_file(file, content)
    if file != "-":
        _tell(counts(from_text(content)), as_json)


@click.command("load", epilog=_LOAD_EPILOG)
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--resume-clock", is_flag=True, help="Its time goes on from the moment of the dump.")
@_with_url
@_with_json
def load_command(file: str, resume_clock: bool, url: str | None, as_json: bool) -> None:
    """Let a running sandbox go on from a dump.

    What it had is thrown away, and with it its journal. Ids made from now on are those that the dumped sandbox would
    have made. A dump that is not whole is refused with the place of its first mistake; then nothing has changed.
    """
    from bridge.cli.sandbox_link import read_file  # noqa: PLC0415 - help does without the sandbox

    _tell(_link(url).load(read_file(file), resume=resume_clock), as_json)


@click.command("compare", epilog=_COMPARE_EPILOG)
@click.argument("left", metavar="LEFT")
@click.argument("right", metavar="[RIGHT]", required=False)
@click.option(
    "--ids", type=click.Choice(("exact", "aligned")), default="exact", show_default=True,
    help="aligned: the same object may have another id; it is known by what it says.",
)  # fmt: skip
@click.option(
    "--times", type=click.Choice(("exact", "told", "ignored")), default="exact", show_default=True,
    help="told: times that the server stamps itself do not count; ignored: no time does.",
)  # fmt: skip
@_with_providers
@_with_url
@click.option("--json", "as_json", is_flag=True, help="One JSON list of all differences, values in full.")
def compare_command(left: str, right: str | None, as_json: bool, **options: Any) -> None:
    """List what is different between two states.

    LEFT and RIGHT are files, `-`, or addresses of running sandboxes; without RIGHT it is the running one. Two
    rehearsals of a migration came to the same result when nothing is left with --ids aligned and --times told.
    """
    from bridge.sandbox.dump.broken import BrokenDump  # noqa: PLC0415 - help does without the sandbox

    try:
        found = _differences(left, right or _address(options["url"]), options)
    except BrokenDump as broken:
        raise click.UsageError(f"these states cannot be compared: {broken}") from broken
    if as_json:
        click.echo(json.dumps([difference.to_json() for difference in found], ensure_ascii=False))
    else:
        _show(found)
    click.get_current_context().exit(1 if found else 0)


@click.command("reset", epilog=_RESET_EPILOG)
@_with_url
@_with_json
def reset_command(url: str | None, as_json: bool) -> None:
    """Let a running sandbox go back to where it began.

    That is what it was started or last seeded with. Faults, journal and listeners are emptied.
    """
    _tell(_link(url).reset(), as_json)


@click.command("seed", epilog=_SEED_EPILOG)
@click.argument("rows", type=click.Choice(ROWS), default="page")
@_with_url
@_with_json
def seed_command(rows: str, url: str | None, as_json: bool) -> None:
    """Let a running sandbox begin anew with other rows.

    demo: four components. page: 60 components in 9 groups, 400 incidents with 1,500 updates over three years, 20
    maintenances, metrics, subscribers. empty: nothing. A later reset goes back to them.
    """
    _tell(_link(url).seed(rows), as_json)


def _address(url: str | None) -> str:
    """That of ``--url``, or of the port that was given to ``sandbox`` itself."""
    parent = click.get_current_context().parent
    port = parent.params.get("port", DEFAULT_PORT) if parent else DEFAULT_PORT
    return url or f"http://127.0.0.1:{port}"


def _link(url: str | None) -> SandboxLink:
    from bridge.cli.sandbox_link import SandboxLink  # noqa: PLC0415 - help does without the sandbox

    return SandboxLink(_address(url))


def _tell(counts: Mapping[str, Mapping[str, int]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(counts))
        return
    found = [(provider, kind, count) for provider, kinds in counts.items() for kind, count in kinds.items()]
    rows = [(provider, kind, str(count)) for provider, kind, count in found if count]
    Console().table("Objects", ("provider", "kind", "number"), rows)


def _differences(left: str, right: str, options: Mapping[str, Any]) -> list[Difference]:
    from bridge.cli.sandbox_link import find_dump  # noqa: PLC0415 - help does without the sandbox
    from bridge.sandbox.dump.comparison import compare  # noqa: PLC0415 - as above

    providers = options["providers"]
    documents = find_dump(left, providers), find_dump(right, providers)
    found = compare(*documents, ids=options["ids"], times=options["times"])
    return [difference for difference in found if not providers or difference.provider in providers]


def _show(found: list[Difference]) -> None:
    rows = [
        (d.provider, d.kind, str(d.id or "–"), d.field or "–", _short(d.left), _short(d.right)) for d in found[:_SHOWN]
    ]
    console = Console()
    if rows:
        console.table("Differences", ("provider", "kind", "id", "field", "left", "right"), rows)
    if len(found) > _SHOWN:
        click.echo(f"and {len(found) - _SHOWN} more; --json has all of them", err=True)
    click.echo(f"{len(found) or 'no'} difference{'' if len(found) == 1 else 's'}", err=True)


def _short(value: Any) -> str:
    """A value for a table; an object that is on one side only by its name."""
    if value is None:
        return "–"
    if isinstance(value, dict):
        value = next((value[name] for name in ("name", "title", "email") if value.get(name)), value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
