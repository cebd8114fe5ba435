"""``mirrors:`` and the pages of ``sources:``: what is read, and what is said about mistakes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bridge.config.load import Reading, parse_settings
from bridge.config.settings import Conflicts, Deletions, History, Settings

HEAD = """\
sources:
  old: {type: cachet3, url: https://old.example.com, token: t0ken-of-old, every: 1m}
  github: {type: statuspage_public, url: https://www.example.com}
destinations:
  intranet: {type: cachet3, url: https://status.internal, token: t0ken-of-intranet}
  public: {type: statuspage, page_id: abc, token: t0ken-of-public}
components:
  api: {name: API, on: {intranet: API}}
"""


def reading(mirrors: str, head: str = HEAD) -> Reading:
    return parse_settings((head + mirrors).encode(), Path("bridge.yaml"), {})


def settings(mirrors: str) -> Settings:
    found = reading(mirrors)
    assert found.settings is not None, [str(problem) for problem in found.problems]
    return found.settings


def said(mirrors: str, head: str = HEAD) -> str:
    found = reading(mirrors, head)
    assert found.settings is None
    return "\n".join(str(problem) for problem in found.problems)


def test_pages_are_no_senders() -> None:
    read = settings("mirrors:\n  - {from: old, to: intranet}\n")
    assert dict(read.sources) == {}
    assert (read.pages["old"].reach.type, read.pages["old"].every) == ("cachet3", timedelta(minutes=1))
    assert (read.pages["github"].reach.type, read.pages["github"].reach.token.reveal()) == ("statuspage-public", "")
    assert "t0ken-of-old" not in repr(read)


def test_a_mirror_has_careful_defaults() -> None:
    (mirror,) = settings("mirrors:\n  - {from: old, to: [intranet, public]}\n").mirrors
    assert (mirror.page, mirror.to, mirror.components, mirror.everything) == (
        "old",
        ("intranet", "public"),
        None,
        False,
    )
    assert (mirror.history, mirror.deletions, mirror.notify) == (History.OPEN, Deletions.RESOLVE, True)


def test_a_destination_may_be_a_page_too() -> None:
    read = settings("mirrors:\n  - {from: public, to: intranet, every: 10s}\n")
    assert (read.pages["public"].reach.type, read.pages["public"].every) == ("statuspage", timedelta(seconds=10))


def test_all_pages_of_a_two_way_mirror_are_looked_at() -> None:
    read = settings("mirrors:\n  - {from: public, to: intranet, two_way: true, conflicts: hold, every: 10s}\n")
    assert {name: page.every.total_seconds() for name, page in read.pages.items() if name in read.destinations} == {
        "public": 10.0,
        "intranet": 10.0,
    }
    assert (read.mirrors[0].two_way, read.mirrors[0].conflicts) == (True, Conflicts.HOLD)


@pytest.mark.parametrize(
    ("mirror", "told"),
    [
        ("{from: odl, to: intranet}", "there is no such page to mirror from"),
        ("{from: old, to: intrnet}", "there is no such destination"),
        ("{from: old, to: intranet, components: {Web: wbe}}", "there is no such component"),
        ("{from: public, to: public}", "a page cannot be mirrored to itself"),
        ("{from: old, to: intranet, every: 1m}", "a page of 'sources:' says itself how often it is looked at"),
        ("{from: old, to: intranet, history: some}", "history"),
        ("{from: old}", "the key 'to' is missing"),
        ("{from: old, to: intranet, two_way: true}", "a two-way mirror writes to the page that it is from"),
        ("{from: old, to: intranet, conflicts: hold}", "only a two-way mirror has conflicts"),
        ("{from: public, to: intranet, two_way: true, conflicts: nobody}", "conflicts"),
        ("{from: old, to: intranet, notfy: false}", "unknown key 'notfy'"),
    ],
)
def test_a_mistake_is_told_with_its_place(mirror: str, told: str) -> None:
    text = said(f"mirrors:\n  - {mirror}\n")
    assert told in text
    assert "bridge.yaml:9:" in text or "bridge.yaml:10:" in text


def test_a_list_is_needed() -> None:
    assert "a list of mirrors is needed here" in said("mirrors: {from: old, to: intranet}\n")


def test_a_page_without_its_token_is_a_mistake() -> None:
    head = HEAD.replace(", token: t0ken-of-old", "")
    assert "the key 'token' is missing" in said("mirrors:\n  - {from: old, to: intranet}\n", head)


def test_metrics_go_along_when_that_is_asked_for() -> None:
    (silent, all_of_them, named) = settings(
        "mirrors:\n"
        "  - {from: old, to: intranet}\n"
        "  - {from: old, to: public, metrics: true}\n"
        "  - {from: old, to: [intranet, public], metrics: {Answer time: Latency, 7: Orders}, create_metrics: true}\n"
    ).mirrors
    assert (silent.metrics, silent.create_metrics) == (False, False)
    assert (all_of_them.metrics, all_of_them.create_metrics) == (True, False)
    assert (named.metrics, named.create_metrics) == ({"Answer time": "Latency", "7": "Orders"}, True)


def test_metrics_can_only_come_from_where_their_points_are_shown() -> None:
    told = said(
        "mirrors:\n  - {from: github, to: intranet, metrics: true}\n  - {from: public, to: intranet, metrics: true}\n"
    )
    assert (
        "bridge.yaml:10:43: error: mirrors[0].metrics: a page of type statuspage-public does not show the points"
        in told
    )
    assert "mirrors[1].metrics: a page of type statuspage does not show" in told
    assert "on Cachet only" in told


def test_mistakes_about_metrics_are_told_where_they_are() -> None:
    assert "mirrors[0].create_metrics: no metrics go along that could be made" in said(
        "mirrors:\n  - {from: old, to: intranet, create_metrics: true}\n"
    )
    told = said("mirrors:\n  - {from: old, to: intranet, metrics: Latency}\n")
    assert "bridge.yaml:10:40: error: mirrors[0].metrics: this is neither true or false nor a mapping of names" in told
    assert "write true, or the name on the page" in told
    assert "this is empty" in said('mirrors:\n  - {from: old, to: intranet, metrics: {Answer time: ""}}\n')
