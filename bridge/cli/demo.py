"""``statusbridge demo``: an alert becomes an incident on four local status pages, before your eyes."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import click

from bridge.children import Child, stop_all
from bridge.cli.up import GRACE, stop_signal
from bridge.config.load import load
from bridge.demo.place import Place, free_port
from bridge.demo.show import addresses, screen_for
from bridge.demo.tour import DemoFailed, Tour, await_start

WITHIN = 60.0
"""Seconds from the start of the command until all four pages must be right."""
LONGER_THAN_UP = GRACE + 15.0


def register(group: click.Group) -> None:
    """Add ``demo`` to the command line."""

    @group.command()
    @click.option("--once", is_flag=True, help="End when all four pages are right (exit code 0) or are not (1).")
    @click.option("--port", type=click.IntRange(0, 65535), default=0, help="Of the dashboard; 0 picks a free one.")
    @click.option("--sandbox-port", type=click.IntRange(0, 65535), default=0, help="Of the four pages; 0 as above.")
    @click.option("--keep", is_flag=True, help="Keep the directory with configuration, state and logs.")
    def demo(once: bool, port: int, sandbox_port: int, keep: bool) -> None:
        """See an alert become an incident on four local status pages.

        Starts everything on this machine, sends what Alertmanager would send, and stays until Ctrl-C.
        """
        deadline = time.monotonic() + WITHIN
        with stop_signal() as stop, directory(keep) as where:
            place = Place(where, port or free_port(), sandbox_port or free_port())
            place.write_config()
            click.echo("Starting the store, the web process, the workers and four status pages ...")
            with running(place) as children:
                await_start(place, children, stop, deadline)
                show_tour(place, stop, deadline)
                if not once and not stop.is_set():
                    stay(children, stop)


@contextlib.contextmanager
def directory(keep: bool) -> Iterator[Path]:
    """A directory for one demo."""
    where = Path(tempfile.mkdtemp(prefix="statusbridge-demo-"))
    try:
        yield where
    finally:
        if keep:
            click.echo(f"Kept: {where}")
        else:
            shutil.rmtree(where, ignore_errors=True)


@contextlib.contextmanager
def running(place: Place) -> Iterator[tuple[Child, ...]]:
    """The sandbox and statusbridge, stopped at the end; statusbridge first, so that it never misses its pages."""
    children = place.start()
    try:
        yield children
    finally:
        for child in reversed(children):
            stop_all([child], LONGER_THAN_UP, click.echo)


def show_tour(place: Place, stop: threading.Event, deadline: float) -> None:
    """Take the tour and show it.

    Raises:
        DemoFailed: a page was not right in time.
    """
    click.echo(addresses(place) + "\n")
    settings = load(place.config, place.environ())
    with screen_for(sys.stdout) as screen:
        Tour(place, settings, screen.show, stop).run(deadline)
    if not stop.is_set():
        click.echo("\nAll four pages are right: one incident each, every update once and in order, resolved.")


def stay(children: tuple[Child, ...], stop: threading.Event) -> None:
    """Until Ctrl-C.

    Raises:
        DemoFailed: something that must run has ended.
    """
    click.echo("Everything stays up for you to look at. Ctrl-C ends it.")
    while not stop.wait(0.5):
        for child in children:
            if child.exit_code is not None:
                raise DemoFailed(f"{child.command.name} ended with code {child.exit_code}")
