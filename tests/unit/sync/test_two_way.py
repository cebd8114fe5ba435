"""What a page's changes mean for the object, and which of them are taken. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config.settings import Conflicts
from bridge.model.enums import ComponentStatus, IncidentStatus, Publication, Severity, Visibility
from bridge.model.facts import AppendWanted, FindBy, Link, LinkState, Seen, SeenAppend, Wanted
from bridge.model.objects import Incident, IncidentUpdate, Origin, Text
from bridge.model.pages import Mirrored, Travels
from bridge.sync.two_way.copies import Edit, Edited, edited, native, with_field
from bridge.sync.two_way.verdict import Case, Verdict, decide

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)
STATUSES = st.sampled_from([item for item in IncidentStatus if item is not IncidentStatus.SCHEDULED])
IMPACTS = st.sampled_from(list(Severity))
SHOWN = {Severity.NONE: "minor"}
"""The page has no word for “none”: it shows the next best."""


def step(number: int, status: IncidentStatus, text: str = "Text.", page: str = "original") -> IncidentUpdate:
    return IncidentUpdate(
        f"upd_{number}", Text(text), NOW + timedelta(minutes=number), status, origin=Origin(page, f"r{number}")
    )


def incident(title: str = "Title", **fields: object) -> Incident:
    facts: dict[str, object] = {
        "status": IncidentStatus.INVESTIGATING,
        "impact": Severity.MAJOR,
        "components": {"api": ComponentStatus.MAJOR_OUTAGE},
        "updates": (step(1, IncidentStatus.INVESTIGATING),),
        "started_at": NOW,
        "visibility": Visibility.PUBLIC,
        "publication": Publication.PUBLISHED,
        "notify": True,
        "origin": Origin("original", "1"),
    }
    return Incident("inc_1", title, **{**facts, **fields})  # type: ignore[arg-type]


def translate(obj: Mirrored) -> Wanted:
    """The words of a page that cuts titles, knows fewer impacts, and keeps the opening message apart."""
    assert isinstance(obj, Incident)
    appends = tuple(
        AppendWanted(item.id, {}, {"text": item.message.source, "status": str(item.status)}) for item in obj.updates[1:]
    )
    told = [item.status for item in obj.updates if item.status is not None]
    echo = {
        "headline": obj.title.strip()[:20],
        "grade": SHOWN.get(obj.impact, obj.impact.value),
        "phase": str(told[-1]),
        "body": obj.updates[0].message.source,
    }
    return Wanted({}, echo, echo, FindBy(), opening=obj.updates[0].id, appends=appends)


def there(obj: Incident) -> Seen:
    """What the page shows after everything was written."""
    wanted = translate(obj)
    rows = tuple(SeenAppend(f"c-{item.id}", item.echo) for item in wanted.appends)
    return Seen("remote", wanted.echo, appended=rows)


def link_of(obj: Incident) -> Link:
    appended = {item.id: f"c-{item.id}" for item in obj.updates[1:]}
    return Link(LinkState.LINKED, "remote", echo=translate(obj).echo, appended={"upd_1": "", **appended})


def shown(obj: Incident, seen: Seen) -> Incident:
    """The page's row as a canonical object: only what the page has."""
    updates = tuple(
        IncidentUpdate(f"read-{row.remote_id}", Text(row.echo["text"]), NOW, IncidentStatus(row.echo["status"]),
                       origin=Origin("copy", row.remote_id))
        for row in seen.appended
    )  # fmt: skip
    opening = replace(obj.updates[0], message=Text(seen.echo["body"]), origin=Origin("copy", "remote"))
    return replace(
        obj,
        title=seen.echo["headline"],
        impact=Severity(seen.echo["grade"]),
        status=IncidentStatus(seen.echo["phase"]),
        updates=(opening, *updates),
    )


def changes(obj: Incident, seen: Seen, link: Link | None = None) -> Edited:
    return edited(obj, shown(obj, seen), translate, link or link_of(obj), seen)


@given(TEXTS, IMPACTS, STATUSES)
def test_a_page_that_nobody_touched_holds_no_edit_whatever_it_cannot_show(
    title: str, impact: Severity, status: IncidentStatus
) -> None:
    obj = incident(
        title, impact=impact, status=status, updates=(step(1, IncidentStatus.INVESTIGATING), step(2, status))
    )
    assert not changes(obj, there(obj))


@given(TEXTS, st.text(st.characters(codec="ascii", categories=("Lu",)), min_size=1, max_size=20), IMPACTS)
def test_one_changed_field_is_the_one_that_is_found(title: str, new: str, impact: Severity) -> None:
    obj = incident(title, impact=impact)
    seen = there(obj)
    touched = replace(seen, echo={**seen.echo, "headline": new})
    found = changes(obj, touched)
    if new == seen.echo["headline"]:
        assert not found
    else:
        assert found == Edited((Edit("title", new),))
        assert translate(with_field(obj, found.fields[0], "copy", NOW)).echo["headline"] == new


def test_a_status_without_an_update_is_told_by_one_without_text() -> None:
    obj = incident()
    seen = there(obj)
    found = changes(obj, replace(seen, echo={**seen.echo, "phase": "resolved"}))
    assert [edit.field for edit in found.fields] == ["status"]
    new = with_field(obj, found.fields[0], "copy", NOW)
    assert isinstance(new, Incident)
    assert (new.status, new.resolved_at, new.updates[-1].message.source) == (IncidentStatus.RESOLVED, NOW, "")


def test_an_added_update_explains_the_status_that_came_with_it() -> None:
    obj = incident()
    seen = there(obj)
    row = SeenAppend("c-9", {"text": "A person.", "status": "monitoring"})
    found = changes(obj, replace(seen, echo={**seen.echo, "phase": "monitoring"}, appended=(row,)))
    assert found.fields == ()
    assert [item.message.source for item in found.updates] == ["A person."]
    assert not found.clashes


def test_our_own_update_whose_id_nobody_told_is_known_by_its_text() -> None:
    obj = incident(updates=(step(1, IncidentStatus.INVESTIGATING), step(2, IncidentStatus.IDENTIFIED)))
    link = replace(link_of(obj), appended={"upd_1": "", "upd_2": ""})
    assert not changes(obj, there(obj), link)


def test_what_both_sides_changed_clashes_unless_they_changed_it_alike() -> None:
    before, now = incident("Before"), incident("Now")
    link, seen = link_of(before), there(before)
    clash = edited(now, shown(now, replace(seen, echo={**seen.echo, "headline": "Theirs"})), translate, link,
                   replace(seen, echo={**seen.echo, "headline": "Theirs"}))  # fmt: skip
    assert clash == Edited((Edit("title", "Theirs", clashes=True),))
    alike = replace(seen, echo={**seen.echo, "headline": "Now"})
    assert not edited(now, shown(now, alike), translate, link, alike)


def test_what_was_written_on_a_page_is_there_already() -> None:
    obj = incident(updates=(step(1, IncidentStatus.INVESTIGATING), step(2, IncidentStatus.MONITORING, page="copy")))
    assert native(obj, ["copy"], Link(appended={"upd_1": "x"})).appended == {"upd_1": "x", "upd_2": "r2"}
    assert native(obj, ["elsewhere"], Link()).appended == {}


# --- what is taken ------------------------------------------------------------------------------------------------


def case(found: Edited, **fields: object) -> Case:
    facts: dict[str, object] = {
        "is_original": False, "policy": Conflicts.SOURCE, "forced": False, "travels": Travels(), "now": NOW,
    }  # fmt: skip
    return Case(incident(), found, "copy", **{**facts, **fields})  # type: ignore[arg-type]


CLASH = Edited((Edit("title", "Theirs", clashes=True),))


@pytest.mark.parametrize(
    ("policy", "is_original", "title", "overruled"),
    [
        (Conflicts.SOURCE, False, "Title", True),
        (Conflicts.SOURCE, True, "Theirs", False),
        (Conflicts.NEWEST, False, "Theirs", False),
        (Conflicts.HOLD, False, "Title", False),
        (Conflicts.HOLD, True, "Title", False),
    ],
)
def test_a_clash_is_decided_by_the_policy(policy: Conflicts, is_original: bool, title: str, overruled: bool) -> None:
    verdict = decide(case(CLASH, policy=policy, is_original=is_original))
    assert (verdict.obj.title, verdict.overruled) == (title, overruled)
    assert [item.why for item in verdict.decisions][:1] == ["conflict"]


def test_a_held_clash_is_told_once_and_again_when_it_changes() -> None:
    first = decide(case(CLASH, policy=Conflicts.HOLD))
    again = decide(case(CLASH, policy=Conflicts.HOLD, travels=first.travels))
    other = Edited((Edit("title", "Something else", clashes=True),))
    changed = decide(case(other, policy=Conflicts.HOLD, travels=again.travels))
    assert [len(item.decisions) for item in (first, again, changed)] == [1, 0, 1]


def test_a_person_s_word_ends_a_clash() -> None:
    assert decide(case(CLASH, policy=Conflicts.HOLD, forced=True)).obj.title == "Theirs"


def test_a_lost_clash_costs_no_text() -> None:
    found = Edited(updates=(step(9, IncidentStatus.RESOLVED, "A person.", page="copy"),), clashes=True)
    verdict = decide(case(found))
    assert verdict.obj.updates[-1].message.source == "A person."
    assert verdict.obj.status is IncidentStatus.INVESTIGATING
    assert verdict.overruled


@given(st.lists(st.sampled_from("AB"), min_size=1, max_size=40), st.integers(1, 100))
def test_a_field_never_goes_to_and_fro_for_long(values: list[str], seconds: int) -> None:
    travels, taken, obj = Travels(), [], incident()
    for number, value in enumerate(values):
        now = NOW + timedelta(seconds=seconds * number / len(values))
        verdict = decide(replace(case(Edited((Edit("title", value),))), obj=obj, travels=travels, now=now))
        taken += [value] * (verdict.obj.title == value and bool(verdict.decisions) and not _stopped(verdict))
        obj, travels = verdict.obj, verdict.travels  # type: ignore[assignment]
    assert max(taken.count(value) for value in "AB") <= 2


def _stopped(verdict: Verdict) -> bool:
    return any(item.why == "oscillation" for item in verdict.decisions)


def test_slow_changes_are_no_quarrel() -> None:
    travels = Travels()
    for number in range(12):
        found = Edited((Edit("title", "AB"[number % 2]),))
        verdict = decide(case(found, travels=travels, now=NOW + timedelta(minutes=6 * number)))
        travels = verdict.travels
        assert not _stopped(verdict), number


def test_updates_that_come_faster_than_people_write_are_stopped() -> None:
    travels, taken = Travels(), 0
    for number in range(30):
        found = Edited(updates=(step(number, IncidentStatus.IDENTIFIED, page="copy"),))
        verdict = decide(case(found, travels=travels, now=NOW + timedelta(seconds=number)))
        taken, travels = taken + (len(verdict.obj.updates) > 1), verdict.travels
    assert taken == 10
    assert travels.stopped == ("updates",)
