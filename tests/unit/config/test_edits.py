"""``edits``, ``deleted`` and ``audit`` of a destination."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.config.settings import Deleted, DestinationSettings, Edits, EditSettings
from tests.unit.config.reading import only, read_changed

TOKEN = "token: ${PAGE}"


def destination(more: str) -> DestinationSettings:
    return read_changed(TOKEN, f"{TOKEN}, {more}").require().destinations["public"]


def test_people_win_over_automation_but_for_the_status_of_components() -> None:
    settings = read_changed(TOKEN, TOKEN).require().destinations["public"]
    edits = settings.edits
    assert (edits.text, edits.status, edits.details) == (Edits.RESPECT,) * 3
    assert edits.component_status is Edits.REPAIR
    assert (settings.deleted, settings.audit) == (Deleted.RECREATE, timedelta(hours=1))


def test_each_sort_of_field_has_its_own_word() -> None:
    settings = destination("edits: {text: repair, component_status: respect}, deleted: respect")
    assert settings.edits == EditSettings(text=Edits.REPAIR, component_status=Edits.RESPECT)
    assert settings.deleted is Deleted.RESPECT


@pytest.mark.parametrize(("said", "every"), [("5m", timedelta(minutes=5)), ("never", None)])
def test_the_audit_has_an_interval_or_none(said: str, every: timedelta | None) -> None:
    assert destination(f"audit: {said}").audit == every


@pytest.mark.parametrize(
    ("more", "path", "hint"),
    [
        ("edits: {text: keep}", "destinations.public.edits.text", "one of respect, repair"),
        ("edits: {title: repair}", "destinations.public.edits.title", "text"),
        ("edits: repair", "destinations.public.edits", "write edits: {text: respect"),
        ("deleted: remake", "destinations.public.deleted", "recreate"),
        ("audit: 1s", "destinations.public.audit", "write 10s"),
    ],
)
def test_a_mistake_is_told_with_what_would_be_right(more: str, path: str, hint: str) -> None:
    problem = only(read_changed(TOKEN, f"{TOKEN}, {more}"))
    assert problem.where.path == path
    assert hint in str(problem)


def test_a_page_that_is_only_read_has_none_of_them() -> None:
    text = "  prometheus: {type: alertmanager, auth: {bearer: ${HOOK}}}"
    page = "  old: {type: cachet3, url: https://old.example.com, token: ${PAGE}, audit: 1h}"
    reading = read_changed(text, f"{text}\n{page}")
    assert "unknown key 'audit'" in str(reading.problems[0])
