"""A right configuration becomes the settings it describes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bridge.config.load import default_state_dir, load
from bridge.config.settings import AuthKind
from bridge.model.enums import AlertSeverity, ComponentStatus, Visibility
from bridge.policy.rules import DEFAULT_STATUSES, Match, Publish
from bridge.secret import Secret
from tests.unit.config.reading import ENVIRON, WHOLE, only, read_changed, read_text

EXAMPLES = Path(__file__).parents[3] / "examples"
EXAMPLE_ENVIRON = dict.fromkeys(
    ("PROMETHEUS_HOOK_TOKEN", "DEPLOYS_PASSWORD", "STATUSPAGE_TOKEN", "CACHET_TOKEN"), "an-example"
)


@pytest.mark.parametrize("name", ["bridge.yaml", "minimal.yaml"])
def test_the_examples_load_without_a_warning(name: str) -> None:
    from bridge.config.load import read

    assert read(EXAMPLES / name, EXAMPLE_ENVIRON).problems == ()


def test_the_realistic_example_says_what_it_means() -> None:
    settings = load(EXAMPLES / "bridge.yaml", EXAMPLE_ENVIRON)
    payments, services, everything = settings.rules.routes
    assert payments.publish is Publish.HOLD
    assert payments.match == Match(labels={"service": ("payments",)})
    assert services.match == Match(("prometheus",), {"severity": ("critical", "warning"), "service": ("*",)})
    assert (services.open_after, services.close_after) == (timedelta(minutes=2), timedelta(minutes=5))
    assert services.wording.title == "Problems with {{ component.name }}"
    assert everything.statuses == {**DEFAULT_STATUSES, AlertSeverity.CRITICAL: ComponentStatus.PARTIAL_OUTAGE}
    assert settings.sources["deploys"].auth.username == "deploys"
    assert settings.destinations["public"].rate == (60, 60.0)
    assert settings.destinations["intranet"].read_timeout == 10.0
    assert settings.components["api"].on == {"public": "8kbf7d35c070", "intranet": "3"}
    assert settings.store.retention == timedelta(days=14)


def test_what_is_not_written_has_its_default() -> None:
    settings = read_text(WHOLE).require()
    route = settings.rules.routes[0]
    assert (route.name, route.publish, route.notify, route.visibility) == (
        "prometheus",
        Publish.AUTO,
        True,
        Visibility.PUBLIC,
    )
    assert settings.store.state_dir == default_state_dir()
    assert settings.web.port == 8080
    assert settings.sources["prometheus"].options["severity"] is AlertSeverity.MAJOR
    assert settings.destinations_of("api") == ("public",)


@pytest.mark.parametrize(
    ("auth", "kind", "secrets"),
    [
        ("none", AuthKind.NONE, ()),
        ("{bearer: one}", AuthKind.BEARER, ("one",)),
        ("{bearer: [one, '2']}", AuthKind.BEARER, ("one", "2")),
        ("{bearer: 0123}", AuthKind.BEARER, ("0123",)),
        ("{basic: {username: u, password: [p, q]}}", AuthKind.BASIC, ("p", "q")),
        ("{path: a-b_c}", AuthKind.PATH, ("a-b_c",)),
    ],
)
def test_each_way_to_authenticate(auth: str, kind: AuthKind, secrets: tuple[str, ...]) -> None:
    found = read_changed("{bearer: ${HOOK}}", auth).require().sources["prometheus"].auth
    assert (found.kind, tuple(secret.reveal() for secret in found.secrets)) == (kind, secrets)


@pytest.mark.parametrize("word", ["on", "yes", "no", "012", "12:30:45", "0x1F", "1e3", "true", "007"])
def test_words_that_yaml_1_1_would_change_stay_as_they_are(word: str) -> None:
    settings = read_changed("on: {public: 3}", f"on: {{public: {word}}}").require()
    assert settings.components["api"].on == {"public": word}


def test_a_route_is_named_by_its_match_so_that_others_can_move_around_it() -> None:
    text = WHOLE.replace("{source: prometheus}", "{source: prometheus, labels: {severity: critical|warning}}")
    routes = read_text(text + "  - components: web\n  - components: api\n").settings
    assert routes is not None
    assert [route.name for route in routes.rules.routes] == [
        "prometheus-severity-critical-warning",
        "everything",
        "everything-2",
    ]


def test_the_environment_goes_before_the_file() -> None:
    text = WHOLE + "web: {port: 9000, host: 0.0.0.0}\nstore: {state_dir: state}\n"
    environ = {
        **ENVIRON,
        "BRIDGE_WEB_PORT": "9001",
        "BRIDGE_REDIS_URL": "redis://:pw@127.0.0.1:1/0",
        "BRIDGE_WORKER_COUNT": "7",
        "BRIDGE_WEB_HOST": "",
    }
    settings = read_text(text, environ).require()
    assert (settings.web.port, settings.web.host, settings.worker.count) == (9001, "0.0.0.0", 7)
    assert settings.store.url == Secret("redis://:pw@127.0.0.1:1/0")
    assert settings.store.state_dir == Path("state").absolute()


def test_a_wrong_variable_is_told_by_its_name() -> None:
    problem = only(read_text(WHOLE, {**ENVIRON, "BRIDGE_WEB_PORT": "many"}))
    assert str(problem.where) == "environment variable BRIDGE_WEB_PORT"
    assert problem.why == "this is not a whole number"


def test_a_misspelt_variable_is_warned_of() -> None:
    problem = only(read_text(WHOLE, {**ENVIRON, "BRIDGE_REDIS_ULR": "redis://h"}))
    assert problem.hint == "did you mean BRIDGE_REDIS_URL?"


def test_the_state_directory_of_a_file_is_beside_that_file(tmp_path: Path) -> None:
    file = tmp_path / "bridge.yaml"
    file.write_text(WHOLE + "store: {state_dir: state}\n")
    assert load(file, ENVIRON).store.state_dir == tmp_path / "state"
    assert load(None, {**ENVIRON, "BRIDGE_CONFIG": str(file)}).path == file
