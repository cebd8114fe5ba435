"""Care with what is there: planned work that changes, what people wrote, answers that were lost. As tests;
a part of :mod:`bridge.testing.provider_suite`.

Nothing in here asks which provider it is.
"""

# ruff: noqa: D102 - the names of tests are sentences

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bridge.errors import Down, Outcome, Refused
from bridge.model.actions import Append, Reason, Update
from bridge.model.enums import ComponentStatus, Kind, MaintenanceStatus, Severity, Visibility
from bridge.model.facts import ObjectKey, Wanted
from bridge.model.objects import Incident, Maintenance, Text
from bridge.sync.fields import left_alone
from bridge.testing.failures_suite import named
from bridge.testing.stage import IDENTIFIED, OPENING, START, Stage, assert_shows, creation, incident
from bridge.testing.staged import Staged


def _work() -> Maintenance:
    return Maintenance(
        "mnt_1", "New disks", MaintenanceStatus.SCHEDULED, Text("We change disks."), ("api",),
        START + timedelta(hours=1), Visibility.PUBLIC, notify=False, ends_at=START + timedelta(hours=3),
    )  # fmt: skip


def _translated(stage: Stage, obj: Incident | Maintenance) -> Wanted | None:
    """The object in the provider's words; None where it has no place there."""
    if obj.kind not in stage.provider.capabilities.kinds:
        return None
    try:
        return stage.provider.translate(obj, stage.refs())[0]
    except Refused:
        return None


class CareSuite(Staged):
    """What holds at every provider for what is there already, or may be."""

    def test_a_maintenance_shows_what_was_wanted(self, stage: Stage) -> None:
        refs = stage.refs()
        planned = Maintenance(
            id="mnt_1",
            title="New disks",
            status=MaintenanceStatus.SCHEDULED,
            message=Text("We change disks."),
            components=("web",),
            starts_at=START + timedelta(days=1),
            ends_at=START + timedelta(days=1, hours=2),
            visibility=Visibility.PUBLIC,
            notify=False,
        )
        if Kind.MAINTENANCE not in stage.provider.capabilities.kinds:
            with pytest.raises(Refused, match="maintenance"):
                stage.settle(planned, refs)
            return
        link, done = stage.settle(planned, refs)
        wanted, _ = stage.provider.translate(planned, refs)
        assert done == ["create"]
        assert_shows(stage.seen(Kind.MAINTENANCE, link.remote_id), wanted.echo)
        assert [seen.remote_id for seen in stage.provider.find(Kind.MAINTENANCE, wanted.find)] == [link.remote_id]
        later = replace(planned, ends_at=START + timedelta(days=1, hours=3), title="New disks and cables")
        link, done = stage.settle(later, refs, link)
        assert done == ["update"]
        assert_shows(stage.seen(Kind.MAINTENANCE, link.remote_id), stage.provider.translate(later, refs)[0].echo)

    def test_every_field_that_is_compared_is_written_by_something(self, stage: Stage) -> None:
        for obj in (incident(OPENING, IDENTIFIED), replace(_work(), status=MaintenanceStatus.IN_PROGRESS)):
            wanted = _translated(stage, obj)
            if wanted is not None:
                told = {name for append in wanted.appends for name in append.settles}
                for name in wanted.echo:
                    assert wanted.carrier(name) in wanted.update or name in told, f"{obj.kind}: what carries {name}?"

    def test_a_field_that_is_left_alone_keeps_what_stands_there(self, stage: Stage) -> None:
        hour = timedelta(hours=1)
        opening = replace(OPENING, message=Text("Said otherwise."))
        changes: dict[str, Any] = {"title": "Another title", "impact": Severity.MINOR, "started_at": START - hour}
        for before, after in (
            (incident(), replace(incident(opening), components={"web": ComponentStatus.DEGRADED}, **changes)),
            (_work(), replace(_work(), title="Another title", message=Text("Else."), starts_at=START + 2 * hour,
                              ends_at=START + 4 * hour)),
        ):  # fmt: skip
            wanted = _translated(stage, after)
            for number, name in enumerate(wanted.echo if wanted else ()):
                identity = f"{before.id}_{number}"
                link, _ = stage.settle(replace(before, id=identity), stage.refs())
                there = dict(stage.seen(before.kind, link.remote_id).echo)
                plan_of = left_alone(stage.provider.translate(replace(after, id=identity), stage.refs())[0], {name: 0})
                key, remote = ObjectKey(before.kind, identity), str(link.remote_id)
                stage.provider.perform(Update(key, remote, plan_of.update, plan_of.echo, Reason.CHANGED))
                shown = dict(stage.seen(before.kind, link.remote_id).echo)
                assert shown[name] == there[name], f"{before.kind}: {name} was written all the same"
                assert shown != there, f"{before.kind}: nothing else was written beside {name}"

    # --- lost answers --------------------------------------------------------------------------------------

    @pytest.mark.parametrize("fault", [{"kind": "reset"}, {"kind": "html", "status": 502}], ids=named)
    def test_a_creation_whose_answer_was_lost_is_found_once(self, stage: Stage, fault: dict[str, Any]) -> None:
        refs = stage.refs()
        stage.settle(incident(id="inc_other", title="Something else"), refs)
        obj = incident()
        wanted, _ = stage.provider.translate(obj, refs)
        stage.fault(**fault, when="after", method="POST")
        with pytest.raises(Down) as caught:
            stage.provider.perform(creation(obj, wanted))
        found = list(stage.provider.find(Kind.INCIDENT, wanted.find))
        assert caught.value.outcome is Outcome.UNKNOWN
        assert len(found) == 1
        assert_shows(found[0], wanted.creates)
        assert found[0].marker == (obj.id if stage.provider.capabilities.carries_marker else None)

    def test_a_creation_that_never_happened_is_not_found(self, stage: Stage) -> None:
        refs = stage.refs()
        obj = incident()
        wanted, _ = stage.provider.translate(obj, refs)
        stage.fault("reset", when="before", method="POST")
        with pytest.raises(Down) as caught:
            stage.provider.perform(creation(obj, wanted))
        assert caught.value.outcome is Outcome.UNKNOWN
        assert list(stage.provider.find(Kind.INCIDENT, wanted.find)) == []

    def test_another_incident_with_the_same_title_is_not_taken_for_the_lost_one(self, stage: Stage) -> None:
        refs = stage.refs()
        stranger = incident(id="inc_stranger", started_at=START - timedelta(days=3))
        stage.settle(stranger, refs)
        wanted, _ = stage.provider.translate(incident(), refs)
        assert list(stage.provider.find(Kind.INCIDENT, wanted.find)) == []

    def test_an_update_whose_answer_was_lost_is_seen_among_the_updates_once(self, stage: Stage) -> None:
        refs = stage.refs()
        link, _ = stage.settle(incident(), refs)
        obj = incident(OPENING, IDENTIFIED)
        wanted, _ = stage.provider.translate(obj, refs)
        append = wanted.appends[0]
        for method in ("POST", "PUT", "PATCH"):  # whichever it is that appends; a read before it is to pass
            stage.fault("reset", when="after", path="*/incidents/*", method=method)
        with pytest.raises(Down) as caught:
            stage.provider.perform(Append(ObjectKey(Kind.INCIDENT, obj.id), str(link.remote_id), append))
        seen = stage.seen(Kind.INCIDENT, link.remote_id)
        fresh = [item for item in seen.appended if item.remote_id not in link.appended.values()]
        assert caught.value.outcome is Outcome.UNKNOWN
        assert [item.echo for item in fresh] == [append.echo]
        assert_shows(seen, wanted.echo)
