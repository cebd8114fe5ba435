"""``statusbridge subscribers``: who subscribes to a page, and copying them to others when somebody says so."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import click

from bridge.cli.console import Cells, Console, Value
from bridge.cli.drift import check_names, runtime_of
from bridge.cli.invocation import Invocation
from bridge.model.addresses import masked
from bridge.sync.decisions.subscribers import Copy, Entry, Verdict, listeners_of, owe_copy, plan_copy
from bridge.sync.pages.audience import Listener

_EPILOG = """\b
Examples:
  statusbridge subscribers list public
  statusbridge subscribers copy old public intranet --dry-run
  statusbridge subscribers copy old public
"""
_EXAMPLES = 3
"""Of many who share a reason, so many are shown."""


def register(group: click.Group) -> None:
    """Add ``subscribers`` and what is below it to the command line."""

    @group.group("subscribers", epilog=_EPILOG)
    def subscribers() -> None:
        """See who subscribes to a page, and copy them to others.

        Subscribers are never mirrored: they move only when somebody says so here, and by a copy nobody is written to.
        """

    subscribers.command("list")(list_command)
    subscribers.command("copy")(copy_command)


@click.argument("page", metavar="DEST_OR_PAGE")
@click.option("--show-addresses", is_flag=True, help="Show whole addresses.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def list_command(invocation: Invocation, page: str, show_addresses: bool, as_json: bool) -> None:
    """List who subscribes to a destination, or to a page of `sources:` that is looked at.

    Addresses are shown in part. The id stays the same wherever a subscriber is copied to.
    """
    found = listeners_of(runtime_of(invocation), page)
    if as_json:
        for each in found:
            click.echo(json.dumps(_data(each, shown=show_addresses), ensure_ascii=False))
        return
    rows: list[Cells] = [_row(each, shown=show_addresses) for each in found]
    Console().table("Subscribers", ("id", "address", "confirmed", "follows", "why not"), rows)


@click.argument("source", metavar="FROM")
@click.argument("destinations", metavar="TO...", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--unverified", is_flag=True, help="Take along those who never confirmed their address.")
@click.option(
    "--let-provider-confirm", is_flag=True, help="Accept that the provider writes to those, to ask for confirmation."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for each subscriber and destination.")
@click.pass_obj
def copy_command(
    invocation: Invocation,
    source: str,
    destinations: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    unverified: bool,
    let_provider_confirm: bool,
    as_json: bool,
) -> None:
    """Subscribe those who subscribe to a page to other destinations as well.

    FROM is a destination or a page of `sources:`, TO are destinations. Shows first what would be done, and asks. The
    workers then do it when nothing more urgent is due; `status` shows how far they are, `failed list` who was refused.
    """
    names = tuple(dict.fromkeys(destinations))
    settings = invocation.settings()
    check_names(settings, names)
    if source in names:
        raise click.UsageError(f"{source} cannot be copied to itself")
    runtime = runtime_of(invocation)
    copy = plan_copy(runtime, source, names, unverified=unverified)
    _show(copy, names, as_json=as_json)
    asked = sum(each.is_asked for each in copy.made())
    if not dry_run and copy.made():
        _check_consent(asked, allowed=let_provider_confirm)
        if not yes:
            click.confirm(f"Subscribe them on {', '.join(names)}?", abort=True, err=True)
        owed = owe_copy(runtime, copy)
        click.echo(f"{owed} owed now; `statusbridge status` shows how many are left", err=as_json)
    if copy.troubles:
        raise click.exceptions.Exit(1)


def _check_consent(asked: int, *, allowed: bool) -> None:
    """Nobody is written to by a copy, unless somebody has said so.

    Raises:
        click.UsageError: they did not.
    """
    if asked and not allowed:
        raise click.UsageError(
            f"{_people(asked)} never confirmed an address, so the provider would write to them and ask: "
            "say --let-provider-confirm if that is meant, or leave out --unverified"
        )


def _show(copy: Copy, names: Iterable[str], *, as_json: bool) -> None:
    if as_json:
        for entry in copy.entries:
            click.echo(json.dumps(_entry(entry), ensure_ascii=False))
        for name, why in copy.troubles.items():
            click.echo(json.dumps({"destination": name, "error": why}, ensure_ascii=False))
        return
    console = Console()
    headers = ("destination", "to be made", "there", "under way", "left out", "why")
    console.table("Copy", headers, [_total(copy, name) for name in names])
    notes = list(_notes(copy))
    if notes:
        console.table("Notes", ("destination", "what", "how many", "such as"), notes)
    asked = Counter(each.destination for each in copy.made() if each.is_asked)
    for name, count in asked.items():
        console.line(f"{name} will write to {_people(count)} and ask for confirmation", "bad")
    for name, where in copy.cautions.items():
        if copy.made(name):
            console.line(f"{name} writes to everybody and asks for confirmation {where}: is it one?", "waiting")


def _total(copy: Copy, name: str) -> Cells:
    counts = Counter(each.verdict for each in copy.entries if each.destination == name)
    numbers = [str(counts[each]) for each in (Verdict.MAKE, Verdict.THERE, Verdict.UNDER_WAY, Verdict.LEFT_OUT)]
    return (name, *numbers, Value(copy.troubles.get(name, ""), "bad"))


def _notes(copy: Copy) -> Iterator[Cells]:
    """Why somebody is left out and what somebody loses, each with how many it befalls."""
    found: dict[tuple[str, str], list[str]] = {}
    for entry in copy.entries:
        who = masked(entry.listener.address)
        if entry.verdict is Verdict.LEFT_OUT:
            found.setdefault((entry.destination, f"left out: {entry.why}"), []).append(who)
        elif entry.verdict is Verdict.MAKE:
            for loss in entry.losses:
                what = f"without {loss.field} {loss.had}: {loss.why}"
                found.setdefault((entry.destination, what), []).append(who)
    for (destination, what), people in found.items():
        more = f" and {len(people) - _EXAMPLES} more" if len(people) > _EXAMPLES else ""
        yield destination, what, str(len(people)), ", ".join(people[:_EXAMPLES]) + more


def _people(count: int) -> str:
    return "1 subscriber" if count == 1 else f"{count} subscribers"


def _row(listener: Listener, *, shown: bool) -> Cells:
    data = _data(listener, shown=shown)
    confirmed = {True: "yes", False: "no", None: "–"}[data["confirmed"]]
    return listener.id or "–", data["address"], confirmed, ", ".join(data["follows"]) or "–", listener.why


def _data(listener: Listener, *, shown: bool) -> dict[str, Any]:
    person = listener.person
    return {
        "id": listener.id or None,
        "address": listener.address if shown else masked(listener.address),
        "confirmed": person.verified if person else None,
        "follows": [*(person.components or ["everything"] if person else ()), *listener.strangers],
        "why_not": listener.why or None,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "destination": entry.destination,
        **_data(entry.listener, shown=False),
        "verdict": entry.verdict,
        "why_not": entry.why or None,
        "is_asked": entry.is_asked,
        "losses": [asdict(loss) for loss in entry.losses],
    }
