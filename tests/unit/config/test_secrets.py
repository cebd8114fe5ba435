"""Secrets are taken from where the file says, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.config.reading import ENVIRON, WHOLE, only, read_changed, read_text

SECRET = "s3cr3t-V4lue"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("bearer: ${HOOK}", f"bearr: {SECRET}"),
        ("bearer: ${HOOK}", f"bearer: {{x: {SECRET}}}"),
        ("bearer: ${HOOK}", f"bearer: [[{SECRET}]]"),
        ("bearer: ${HOOK}", f"path: {SECRET}/x"),
        ("bearer: ${HOOK}", f"basic: {SECRET}"),
        ("bearer: ${HOOK}", f"basic: {{username: [], password: ' {SECRET}'}}"),
        ("{bearer: ${HOOK}}", SECRET),
        ("{bearer: ${HOOK}}", f"[{SECRET}]"),
        ("{type: alertmanager, auth: {bearer: ${HOOK}}}", SECRET),
        ("token: ${PAGE}", f"tokn: {SECRET}"),
        ("token: ${PAGE}", f"token: [{SECRET}]"),
        ("token: ${PAGE}", f"token: '{SECRET} '"),
        ("token: ${PAGE}", f"token: {SECRET}, url: {SECRET}"),
        ("https://status.example.com", f"https://u:{SECRET}@host"),
        ("https://status.example.com", f"ftp://u:{SECRET}@host"),
        ("sources:", f"store: {{redis_url: 'http://:{SECRET}@h'}}\nsources:"),
        ("sources:", f"store: {{redis_url: {SECRET}}}\nsources:"),
    ],
)
def test_no_problem_shows_a_secret(old: str, new: str) -> None:
    reading = read_changed(old, new)
    assert reading.settings is None
    told = [str(problem) for problem in reading.problems]
    assert told
    assert not [line for line in told if SECRET in line]


def test_what_a_variable_holds_is_never_shown() -> None:
    reading = read_changed("type: cachet3", "type: ${PAGE}")
    assert "a-page-token" not in "".join(map(str, reading.problems))
    assert [problem.value for problem in reading.problems] == ["${PAGE}"]


def test_settings_do_not_show_secrets() -> None:
    assert "a-hook-token" not in repr(read_text(WHOLE).require())


def test_a_secret_may_come_from_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{SECRET}\n")
    reading = read_text(WHOLE.replace("${PAGE}", "file:token"), ENVIRON, tmp_path / "bridge.yaml")
    assert reading.require().destinations["public"].token.reveal() == SECRET


def test_the_name_of_a_file_may_hold_a_variable(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(SECRET)
    environ = {**ENVIRON, "SECRETS": str(tmp_path)}
    reading = read_text(WHOLE.replace("${PAGE}", '"file:${SECRETS}/token"'), environ)
    assert reading.require().destinations["public"].token.reveal() == SECRET


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff\xfe", "it is not UTF-8 text"),
        (b"x" * 70_000, "is larger than"),
    ],
)
def test_a_secret_file_that_cannot_be_used_is_told(tmp_path: Path, content: bytes | None, why: str) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    reading = read_text(WHOLE.replace("${PAGE}", "file:token"), ENVIRON, tmp_path / "bridge.yaml")
    problem = only(reading)
    assert why in problem.why
    assert (problem.where.line, problem.value) == (4, "file:token")


def test_only_secrets_are_read_from_files() -> None:
    settings = read_changed("name: Public API", "name: 'file:/etc/hostname'").require()
    assert settings.components["api"].name == "file:/etc/hostname"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=8, max_size=30), st.integers(0, 3))
def test_a_secret_of_any_letters_is_not_shown(letters: str, where: int) -> None:
    secret = f"zq{letters}qz"
    environ = {"HOOK": secret, "PAGE": f" {secret}"}
    spots = ("{type: alertmanager, auth: {bearer: ${HOOK}}}", "{bearer: ${HOOK}}", "bearer: ${HOOK}", "Public API")
    reading = read_text(WHOLE.replace(spots[where], "${HOOK}"), environ)
    assert not [problem for problem in reading.problems if secret in str(problem)]
