"""The ``statusbridge`` command. Commands are imported when they are called, not before."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import click

from bridge import __version__
from bridge.cli.invocation import Invocation
from bridge.errors import BridgeError, ConfigError, StoreDown


class Entry(NamedTuple):
    """One command: its name, the module whose ``register`` adds it, and its line in the overview."""

    name: str
    module: str
    help: str


COMMANDS: tuple[Entry, ...] = (
    Entry("demo", "bridge.cli.demo", "See an alert become an incident on four local status pages."),
    Entry("up", "bridge.cli.up", "Run everything: store, web and workers, until Ctrl-C."),
    Entry("check", "bridge.cli.check", "Check the configuration, and what it points at."),
    Entry("status", "bridge.cli.status", "Show sources, destinations and where each object stands."),
    Entry("approve", "bridge.cli.decisions", "Publish an incident that is held."),
    Entry("reject", "bridge.cli.decisions", "Keep an incident that is held off every page."),
    Entry("pause", "bridge.cli.lanes", "Write nothing to a destination until it is resumed."),
    Entry("resume", "bridge.cli.lanes", "Write to a destination again, at once."),
    Entry("diff", "bridge.cli.drift", "Compare what is there with what should be, field by field."),
    Entry("sync", "bridge.cli.drift", "Mend what differs on a destination, as far as its policy allows."),
    Entry("reclaim", "bridge.cli.drift", "Take back under automation what people changed on a destination."),
    Entry("take", "bridge.cli.take", "Take what people wrote on a destination to all other pages."),
    Entry("failed", "bridge.cli.failed", "See to what a destination refuses."),
    Entry("subscribers", "bridge.cli.subscribers", "See who subscribes to a page, and copy them to others."),
    Entry("explain", "bridge.cli.explain", "Tell the whole story of an incident."),
    Entry("backup", "bridge.cli.backup", "Write all state into one file."),
    Entry("restore", "bridge.cli.backup", "Read all state from a file into an empty store."),
    Entry("sources", "bridge.cli.sources", "See every tool that can send alerts, and try one out."),
    Entry("normalize", "bridge.cli.normalize", "Print the events in saved webhook bodies."),
    Entry("losses", "bridge.cli.losses", "Show what is lost between two providers."),
    Entry("web", "bridge.cli.serve", "Run the web process only."),
    Entry("worker", "bridge.cli.serve", "Run the workers and the sweep only."),
    Entry("sandbox", "bridge.cli.sandbox", "Run local copies of the four providers."),
)


class LazyGroup(click.Group):
    """A group that knows the names of its commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of use rather than of the alphabet."""
        return [entry.name for entry in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module, once."""
        if cmd_name not in self.commands:
            for entry in COMMANDS:
                if entry.name == cmd_name:
                    importlib.import_module(entry.module).register(self)
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the overview from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl([(entry.name, entry.help) for entry in COMMANDS])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what a user did wrong ends as words and an exit code, never as a traceback."""
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            _report_problems(error)
            ctx.exit(2)
        except StoreDown as error:
            click.echo(f"the store does not answer: {error}", err=True)
            click.echo("  → is `statusbridge up` running with the same --state-dir or BRIDGE_REDIS_URL?", err=True)
            ctx.exit(1)
        except BridgeError as error:
            click.echo(str(error), err=True)
            ctx.exit(1)


def _report_problems(error: ConfigError) -> None:
    count = sum(getattr(problem, "severity", "error") == "error" for problem in error.problems)
    for problem in error.problems:
        click.echo(str(problem), err=True)
    click.echo(f"{count} mistake{'' if count == 1 else 's'} in the configuration.", err=True)


EXAMPLES = """\b
Begin here:
  statusbridge demo                     a minute's tour, nothing to configure
  statusbridge check                    is ./bridge.yaml right?
  statusbridge up                       run it
  statusbridge normalize alertmanager body.json
                                        what would this webhook say?
"""


@click.group(
    "statusbridge",
    cls=LazyGroup,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The configuration.  [env: BRIDGE_CONFIG; default: ./bridge.yaml]",
)
@click.option(
    "--state-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the embedded store keeps its files.  [env: BRIDGE_STATE_DIR; default: the user's data directory]",
)
@click.option("-v", "--verbose", count=True, envvar="BRIDGE_VERBOSITY", help="Log more; twice for the libraries too.")
@click.version_option(__version__, "--version", prog_name="statusbridge")
@click.pass_context
def main(ctx: click.Context, config: Path | None, state_dir: Path | None, verbose: int) -> None:
    """Carry alerts from every alerting tool to every status page."""
    ctx.obj = Invocation(config, state_dir, verbose, dict(os.environ))


def start_logging(invocation: Invocation) -> None:
    """Set up logging for a command that runs until it is stopped."""
    from bridge.observe import configure  # noqa: PLC0415 - keeps --help fast

    configure(
        logging.DEBUG if invocation.verbosity else logging.INFO,
        sys.stderr,
        libraries=logging.DEBUG if invocation.verbosity > 1 else logging.WARNING,
    )
