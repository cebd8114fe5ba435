"""Every mistake is told with its place, its value and what would be right."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from bridge.config.load import load
from bridge.config.problems import Level
from bridge.errors import ConfigError
from tests.unit.config.reading import WHOLE, only, places, read_changed, read_text


class Mistake(NamedTuple):
    """One edit of the whole configuration and the one problem it makes."""

    old: str
    new: str
    place: tuple[int, int]
    why: str
    hint: str
    value: str | None = None


MISTAKES = [
    Mistake("routes:", "route:", (8, 1), "unknown key 'route'", "did you mean 'routes'?"),
    Mistake(
        "type: alertmanager",
        "type: alertmanger",
        (2, 22),
        "there is no such source type",
        "did you mean 'alertmanager'?",
        "alertmanger",
    ),
    Mistake("type: cachet3", "type: cachet33", (4, 18), "there is no such provider", "did you mean", "cachet33"),
    Mistake("type: alertmanager, ", "", (2, 15), "the key 'type' is missing", "add 'type: …'"),
    Mistake(", auth: {bearer: ${HOOK}}", "", (2, 15), "the key 'auth' is missing", "or, in words, none"),
    Mistake("{bearer: ${HOOK}}", "", (2, 41), "needs the word none", "write auth: {bearer: ${NAME}}"),
    Mistake("{bearer: ${HOOK}}", "{}", (2, 42), "the way to authenticate is missing", "write auth:"),
    Mistake("{bearer: ${HOOK}}", "open", (2, 42), "this is no way to authenticate", "or, in words, none"),
    Mistake(
        "bearer: ${HOOK}",
        "bearer: ${HOOK}, path: abc",
        (2, 42),
        "one source has one way to authenticate",
        "write auth:",
    ),
    Mistake("bearer: ${HOOK}", "bearer: ''", (2, 51), "the secret is empty", "set the variable"),
    Mistake("bearer: ${HOOK}", "bearer: ~", (2, 51), "the secret is empty", "set the variable"),
    Mistake("bearer: ${HOOK}", "basic: {username: u}", (2, 50), "the key 'password' is missing", "add"),
    Mistake("bearer: ${HOOK}", "basic: {username: 'u:v', password: p}", (2, 61), "with a colon", "without"),
    Mistake("bearer: ${HOOK}", "path: a/b", (2, 49), "this secret cannot stand in a path", "openssl rand"),
    Mistake("${HOOK}", "${HOOKK}", (2, 51), "the environment variable HOOKK is not set", "export HOOKK="),
    Mistake("${HOOK}", '"${HO-OK}"', (2, 51), "'${' begins no variable here", "write ${NAME}"),
    Mistake("token: ${PAGE}", "tokn: ${PAGE}", (4, 11), "the key 'token' is missing", "add 'token: …'"),
    Mistake("url: https://status.example.com, ", "", (4, 11), "url", ""),
    Mistake(
        "url: https://status.example.com",
        "url: status.example.com",
        (4, 32),
        "this is not an address",
        "write https://",
        "status.example.com",
    ),
    Mistake(
        "url: https://status.example.com", "read_timeout: 5", (4, 41), "this duration has no unit", "write 5s", "5"
    ),
    Mistake("routes:", "valves: {components_share: 2}\nroutes:", (8, 28), "this is not a share", "70%", "2"),
    Mistake("token: ${PAGE}}", "token: ${PAGE}, rate: fast}", (4, 82), "this is not a rate", "60/1m", "fast"),
    Mistake("token: ${PAGE}}", "token: ${PAGE}, bulk_share: 130%}", (4, 88), "this is not a share", "70%", "130%"),
    Mistake(
        "token: ${PAGE}}",
        "token: ${PAGE}, concurrency: 0x4}",
        (4, 89),
        "this is not a whole number",
        "from 1 to 64",
        "0x4",
    ),
    Mistake("  prometheus:", "  Prometheus:", (2, 3), "this cannot be a name", "small letter", "Prometheus"),
    Mistake(
        "on: {public: 3}",
        "on: {publik: 3}",
        (6, 32),
        "there is no such destination",
        "did you mean 'public'?",
        "publik",
    ),
    Mistake(
        "on: {public: 3}",
        "on: {public: Website}",
        (7, 37),
        "the component 'api' is shown as the same",
        "of its own",
        "Website",
    ),
    Mistake("on: {public: 3}", "on: {public: }", (6, 39), "this is empty", "write a value"),
    Mistake("on: {public: 3}", "on: 3", (6, 31), "this is not a mapping", "on: {public: 3}", "3"),
    Mistake("name: Public API", "name: [Public API]", (6, 15), "this is not text", ""),
    Mistake("  web:", "  api:", (7, 3), "the key 'api' stands here twice", "it stands first on line 6"),
    Mistake(
        "source: prometheus",
        "source: prometheu",
        (9, 21),
        "there is no such source",
        "did you mean 'prometheus'?",
        "prometheu",
    ),
    Mistake(
        "source: prometheus",
        "severity: warning",
        (9, 23),
        "'warning' is no severity",
        "one of info, minor, major, critical",
        "warning",
    ),
    Mistake("source: prometheus", "labels: {job: a||b}", (9, 27), "a word is missing here", "critical|warning", "a||b"),
    Mistake("[api]", "[apy]", (10, 18), "there is no such component", "did you mean 'api'?", "apy"),
    Mistake("[api]", "[]", (10, 17), "this list is empty", "at least one"),
    Mistake("[api]", '["{{ labels.x }"]', (10, 18), "this template cannot be used", "", "{{ labels.x }"),
    Mistake("[api]", '["{{ component.id }}"]', (10, 18), "this template cannot be used", "", "{{ component.id }}"),
    Mistake("[api]", "[{{ labels.x }}]", (10, 19), "a key is a word, not a mapping", "in quotes"),
    Mistake("    components: [api]\n", "", (9, 5), "the key 'components' is missing", "add"),
    Mistake("[api]", "api\n    open_after: 2 minutes", (11, 17), "this is not a duration", "1h30m", "2 minutes"),
    Mistake("[api]", "api\n    publish: yes", (11, 14), "this word is not known here", "one of auto, hold", "yes"),
    Mistake("[api]", "api\n    notify: on", (11, 13), "this is neither true nor false", "write true or false", "on"),
    Mistake(
        "[api]",
        "api\n    title: '{{ secret }}'",
        (11, 12),
        "this template cannot be used",
        "docs/configuration.md",
        "{{ secret }}",
    ),
    Mistake(
        "[api]",
        "api\n    statuses: {critical: majr_outage}",
        (11, 26),
        "this word is not known here",
        "did you mean 'major_outage'?",
        "majr_outage",
    ),
    Mistake("routes:", "web: {port: 080}\nroutes:", (8, 13), "this is not a whole number", "decimal", "080"),
    Mistake("routes:", "web: {max_body: 2GB}\nroutes:", (8, 17), "this is not a whole number", "", "2GB"),
    Mistake(
        "routes:",
        "store: {redis_url: 'http://u:secretpw@h'}\nroutes:",
        (8, 20),
        "this is not the address of a Valkey",
        "redis://",
    ),
    Mistake("routes:", "store: [1]\nroutes:", (8, 8), "a mapping is needed here, and this is a list", ""),
    Mistake("sources:\n", "sources: !!python/object:x\n", (1, 10), "tags are not used here", "begins with '!'"),
    Mistake("{source: prometheus}", "*nowhere", (9, 12), "*nowhere refers to no finished &nowhere", ""),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: f"{mistake.new[:30]}-{mistake.why[:30]}")
def test_a_mistake_is_told_with_its_place_and_the_way_out(mistake: Mistake) -> None:
    reading = read_changed(mistake.old, mistake.new)
    assert reading.settings is None
    found = [problem for problem in reading.problems if problem.severity is Level.ERROR and mistake.why in problem.why]
    assert found, [str(problem) for problem in reading.problems]
    problem = found[0]
    assert (problem.where.line, problem.where.column) == mistake.place, str(problem)
    assert mistake.hint in (problem.hint or "")
    assert problem.value == mistake.value


ALONE = [
    mistake for mistake in MISTAKES if "tokn" not in mistake.new and mistake.old not in ("  prometheus:", "  web:")
]


@pytest.mark.parametrize("mistake", ALONE, ids=lambda mistake: f"{mistake.new[:30]}-{mistake.why[:30]}")
def test_one_mistake_is_told_once(mistake: Mistake) -> None:
    errors = [
        problem
        for problem in read_changed(mistake.old, mistake.new).problems
        if problem.severity is Level.ERROR and "is missing" not in problem.why
    ]
    assert len(errors) <= 1, [str(problem) for problem in errors]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    reading = read_text(
        """\
        sources:
          prometheus: {type: alertmanger, auth: {bearer: ${MISSING}}}
        destinations:
          public: {type: statuspage, page: abc, token: t0ken}
        components:
          api: {name: Public API, on: {publik: 1}}
        routes:
          - match: {source: prometheu}
            components: [web]
            close_after: 5
        """
    )
    assert places(reading) == [
        "2:22 there is no such source type",
        "2:50 the environment variable MISSING is not set",
        "4:11 the key 'page_id' is missing",
        "4:30 unknown key 'page'",
        "6:32 there is no such destination",
        "8:21 there is no such source",
        "9:18 there is no such component",
        "10:18 this duration has no unit",
    ]


def test_the_error_prints_every_problem_with_file_line_and_column() -> None:
    with pytest.raises(ConfigError) as caught:
        read_changed("[api]", "[apy]").require()
    assert "bridge.yaml:10:18: error: routes[0].components: there is no such component (it says 'apy')" in str(
        caught.value
    )


def test_a_missing_file_is_told_with_a_way_to_begin(tmp_path: object) -> None:
    from pathlib import Path

    with pytest.raises(ConfigError, match="statusbridge demo"):
        load(Path(str(tmp_path)) / "none.yaml", {})


def test_an_empty_file_is_told() -> None:
    assert only(read_text("# nothing\n")).why == "the file is empty"


def test_the_whole_configuration_has_no_problem() -> None:
    assert places(read_text(WHOLE)) == []


def test_a_route_behind_one_with_the_same_match_is_warned_of() -> None:
    reading = read_text(WHOLE + "  - match: {source: prometheus, severity: critical}\n    components: web\n")
    problem = only(reading)
    assert reading.settings is not None
    assert (problem.severity, problem.where.line) == (Level.WARNING, 11)
    assert "no alert comes as far as this route: 'prometheus' takes them all" in problem.why


def test_a_route_behind_one_by_template_is_reached_when_the_template_names_no_component() -> None:
    text = WHOLE.replace("[api]", "['{{ labels.service }}']")
    assert places(read_text(text + "  - match: {source: prometheus}\n    components: web\n")) == []


def test_a_route_behind_a_narrower_one_is_reached() -> None:
    text = WHOLE.replace("{source: prometheus}", "{source: prometheus, labels: {job: a|b}}")
    assert places(read_text(text + "  - match: {labels: {job: a|c}}\n    components: web\n")) == []
    assert (
        "no alert comes"
        in only(
            read_text(text + "  - match: {source: prometheus, labels: {job: b, x: '1'}}\n    components: web\n")
        ).why
    )


def test_a_source_that_no_route_takes_is_warned_of() -> None:
    text = WHOLE.replace("destinations:", "  deploys: {type: generic, auth: none}\ndestinations:")
    problem = only(read_text(text))
    assert problem.severity is Level.WARNING
    assert "no route takes alerts of this source" in problem.why


def test_a_component_that_is_shown_nowhere_is_warned_of() -> None:
    assert "shown on no destination" in only(read_changed(", on: {public: 3}", "")).why


def test_two_routes_of_one_name_are_refused() -> None:
    text = WHOLE.replace("  - match", "  - name: one\n    match")
    reading = read_text(text + "  - name: one\n    match: {severity: info}\n    components: web\n")
    assert places(reading) == ["12:11 another route has this name"]
