"""``statusbridge sources``: every tool that can send alerts, how to set it up, and a trial with its shipped samples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from bridge.cli.console import Console, Value
from bridge.cli.invocation import Invocation
from bridge.config.problems import suggest
from bridge.pages import registry as page_types
from bridge.sources import registry
from bridge.sources.base import traits_of
from bridge.sources.record import Resolves
from bridge.sources.samples import options_of, quarantined_of, samples_of
from bridge.sources.wording import OTHERWISE, authentication, configuration, plain, settings_of

if TYPE_CHECKING:
    from bridge.cli.trial import Outcome
    from bridge.config.settings import Settings, SourceSettings

_SOURCES_EPILOG = """\b
Examples:
  statusbridge sources
  statusbridge sources show pagerduty
  statusbridge sources test pager
"""
_TEST_EPILOG = """\b
Exit codes:
  0  the bridge understood every sample as far as it is meant to: some show what cannot be understood
  1  it did not, or it does not answer
  2  wrong usage: no such source, nothing to send

\b
Examples:
  statusbridge sources test pager
  statusbridge sources test pager --sample incident_triggered --for-real
"""


_COLUMNS = ("type", "tool", "proof", "resolves", "page")
_PAGE_COLUMNS = ("type", "looks at", "kind", "page")


def register(group: click.Group) -> None:
    """Add ``sources`` to the command line."""

    @group.group(epilog=_SOURCES_EPILOG, invoke_without_command=True)
    @click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
    @click.pass_context
    def sources(ctx: click.Context, as_json: bool) -> None:
        """See every tool that can send alerts, and try one out.

        Without a further command all types are listed: how they prove who they are, whether they tell when a problem
        is over, and the page that says how to set them up; then the types of pages that are looked at for mirrors.
        """
        if ctx.invoked_subcommand is None and as_json:
            for columns, rows in ((_COLUMNS, _rows()), (_PAGE_COLUMNS, _page_rows())):
                for row in rows:
                    cells = [cell.text if isinstance(cell, Value) else cell for cell in row]
                    click.echo(json.dumps(dict(zip(columns, cells, strict=True)), ensure_ascii=False))
        elif ctx.invoked_subcommand is None:
            console = Console()
            console.table("Source types", _COLUMNS, _rows())
            console.table("Pages to mirror", _PAGE_COLUMNS, _page_rows())

    @sources.command()
    @click.argument("source_type", metavar="TYPE")
    def show(source_type: str) -> None:
        """Show what one type needs, reads, and cannot know."""
        console, page = Console(), page_types.normal(source_type)
        for line in _shown_page(page) if page in page_types.names() else _shown(_known(source_type)):
            console.line(line)

    @sources.command()
    @click.argument("name", metavar="SOURCE")
    @click.pass_obj
    def handover(invocation: Invocation, name: str) -> None:
        """Show what the sender asks a person for, once.

        Netdata wants the token of its test back, Amazon SNS an address visited where the bridge is not to. It waits
        for an hour, stands in no log, and is forgotten as soon as it was shown.
        """
        settings = invocation.settings()
        source = _source(settings, name)
        text = invocation.open_store(settings).handovers.take(source.name)
        click.echo(text if text else f"the sender of {source.name} asks for nothing")

    @sources.command(epilog=_TEST_EPILOG)
    @click.argument("name", metavar="SOURCE")
    @click.option("--sample", help="Send only this sample.")
    @click.option("--url", help="Where the bridge is; by default where bridge.yaml says.")
    @click.option("--for-real", is_flag=True, help="Let the samples through: alerts of them may be published.")
    @click.pass_obj
    def test(invocation: Invocation, name: str, sample: str | None, url: str | None, for_real: bool) -> None:
        """Send the shipped samples of a source through the running bridge.

        SOURCE is a source of bridge.yaml, or the type of the only source of this type. The samples are authenticated
        and read as any delivery is, and then dropped; with --for-real they are kept, and routes may publish them.
        """
        settings = invocation.settings()
        source = _source(settings, name)
        if for_real:
            click.confirm("The samples may be published on your status pages. Go on?", abort=True)
        if not _try_out(settings, source, sample, url, for_real):
            raise click.exceptions.Exit(1)


def _rows() -> Iterator[tuple[str | Value, ...]]:
    for name in registry.names():
        traits = traits_of(registry.load(name))
        record = traits.record
        resolves = record.resolves if record else "–"
        tone = Value(str(resolves), "waiting" if resolves in (Resolves.NO, Resolves.BY_SET_UP) else "plain")
        proof = plain(authentication(traits.scheme)) if traits.scheme else "token"
        yield name, record.title if record else "–", proof, tone, f"docs/sources/{name}.md"


def _page_rows() -> Iterator[tuple[str | Value, ...]]:
    for name in page_types.names():
        yield name, page_types.title(name), "page", "docs/mirroring.md"


def _shown_page(name: str) -> Iterator[str]:
    yield f"{page_types.title(name)} (type {name}, a page to mirror, docs/mirroring.md)"
    yield "Settings:"
    fields = page_types.options_schema(name)().fields
    yield from (f"  {field.data_key or key}" for key, field in fields.items())
    limits = page_types.limits(name)
    yield f"Asked at most {limits.calls} times in {limits.window:g} s"


def _shown(name: str) -> Iterator[str]:
    kind = registry.load(name)
    traits, record = traits_of(kind), traits_of(kind).record
    yield f"{record.title if record else name} (type {name}, docs/sources/{name}.md)"
    yield f"Proof: {plain(authentication(traits.scheme))}; otherwise {plain(OTHERWISE)}"
    yield f"In bridge.yaml: {configuration(name, traits.scheme)}"
    yield f"Posts with: {', '.join(kind.methods)}; answered with {traits.success_status}"
    for title, lines in (
        ("Set up", [f"{number}. {step}" for number, step in enumerate(record.setup, 1)] if record else []),
        ("Looks at", [record.used] if record else []),
        ("Tells when it is over", [str(record.resolves)] if record else []),
        ("Limits", list(record.limits) if record else []),
        ("Settings", [_setting(*each) for each in settings_of(kind)]),
        ("Samples", [", ".join(samples_of(name))]),
    ):
        if any(lines):
            yield f"{title}:"
            yield from (f"  {plain(line)}" for line in lines)


def _setting(name: str, default: str, meaning: str) -> str:
    return f"{name}{f' ({default})' if default else ''}{f': {meaning}' if meaning else ''}"


def _known(type_name: str) -> str:
    name = registry.normal(type_name)
    if name not in registry.names():
        raise click.UsageError(f"there is no source type {type_name!r}; {suggest(name, registry.names())}")
    return name


def _source(settings: Settings, name: str) -> SourceSettings:
    if name in settings.sources:
        return settings.sources[name]
    of_type = [source for source in settings.sources.values() if source.type == registry.normal(name)]
    if len(of_type) == 1:
        return of_type[0]
    if of_type:
        names = ", ".join(source.name for source in of_type)
        raise click.UsageError(f"{len(of_type)} sources have the type {name}: say which of {names}")
    raise click.UsageError(f"bridge.yaml has no source {name!r}; {suggest(name, settings.sources, noun='sources')}")


def _try_out(settings: Settings, source: SourceSettings, sample: str | None, url: str | None, for_real: bool) -> bool:
    from bridge.cli.trial import send_samples  # noqa: PLC0415 - keeps --help fast
    from bridge.cli.up import address_of  # noqa: PLC0415

    samples = samples_of(source.type)
    if sample is not None:
        if sample not in samples:
            raise click.UsageError(f"there is no sample {sample!r}; {suggest(sample, samples, noun='samples')}")
        samples = {sample: samples[sample]}
    if not samples:
        raise click.UsageError(f"no samples are shipped for the type {source.type}")
    outcomes = list(send_samples(source, samples, url or address_of(settings), for_real, quarantined_of(source.type)))
    console, is_good = Console(), all(outcome.is_good for outcome in outcomes)
    console.table("Samples", ("sample", "answer", "what it did"), [_row(outcome) for outcome in outcomes])
    if not is_good and (made_with := options_of(source.type)):
        console.line(f"The samples of {source.type} were made for these settings: {json.dumps(made_with)}")
    return is_good


def _row(outcome: Outcome) -> tuple[str | Value, ...]:
    status = str(outcome.status) if outcome.status else "none"
    return outcome.sample, Value(status, "good" if outcome.is_good else "bad"), outcome.words
