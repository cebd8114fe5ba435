"""``statusbridge subscribers`` on real pages of the sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result

from bridge.cli.main import main
from bridge.model.addresses import masked, same_form, without_addresses
from bridge.sandbox.server import Server
from bridge.store import Store

CONFIG = """\
destinations:
  old: {type: cachet3, url: "%(url)s/cachet3/api", token: sandbox}
  public: {type: statuspage, url: "%(url)s/statuspage/v1", page_id: sandboxpage1, token: sandbox}
  vendor: {type: pingpong, url: "%(url)s/pingpong/rest/v1", token: sandbox}
components:
  api: {name: Public API, on: {old: Public API, public: Public API}}
sources: {prom: {type: alertmanager, auth: none}}
routes: [{match: {source: prom}, components: [api]}]
"""
ANNA, BERT = "anna@mail.test", "bert@mail.test"


@pytest.fixture
def command(tmp_path: Path, valkey: str, sandbox_server: Server) -> Callable[..., Result]:
    """Runs the command line where Anna has confirmed her address and Bert has not."""
    file = tmp_path / "bridge.yaml"
    file.write_text(CONFIG % {"url": sandbox_server.url})
    call(sandbox_server, {"email": ANNA, "verified": True, "global": False, "components": [1, 2]})
    call(sandbox_server, {"email": BERT, "verified": False})

    def run(*words: str, answer: str | None = None) -> Result:
        environ = {"BRIDGE_CONFIG": str(file), "BRIDGE_REDIS_URL": valkey}
        return CliRunner().invoke(main, ["subscribers", *words], env=environ, input=answer)

    return run


def call(server: Server, body: dict[str, object]) -> None:
    headers = {"Authorization": "Bearer sandbox", "Accept": "application/json"}
    url = f"{server.url}/cachet3/api/subscribers"
    requests.post(url, json=body, headers=headers, timeout=5).raise_for_status()


def test_the_list_masks_addresses_unless_asked(command: Callable[..., Result]) -> None:
    shown = command("list", "old")
    assert shown.exit_code == 0, shown.output
    assert "a•••@m•••" in shown.output
    assert "mail.test" not in shown.output
    rows = [json.loads(line) for line in command("list", "old", "--json", "--show-addresses").output.splitlines()]
    by_address = {row["address"]: row for row in rows}
    assert by_address[ANNA]["confirmed"] is True
    assert by_address[ANNA]["follows"][0] == "api"
    assert by_address[BERT]["follows"] == ["everything"]


def test_a_dry_run_tells_the_plan_and_owes_nothing(command: Callable[..., Result], store: Store) -> None:
    shown = command("copy", "old", "public", "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert "copy\tpublic\t1\t0\t0\t1" in shown.output
    assert "they never confirmed their address\t1\tb•••@m•••" in shown.output
    assert "without components" in shown.output
    assert "on a page that is not paid for" in shown.output
    assert "mail.test" not in shown.output
    assert store.outbox.all("public") == []


def test_a_copy_asks_first(command: Callable[..., Result], store: Store) -> None:
    refused = command("copy", "old", "public", answer="n\n")
    assert (refused.exit_code, store.outbox.all("public")) == (1, [])
    accepted = command("copy", "old", "public", answer="y\n")
    assert "1 owed now" in accepted.output
    assert len(store.outbox.all("public")) == 1


def test_a_copy_that_makes_the_provider_write_needs_a_word_of_its_own(
    command: Callable[..., Result], store: Store
) -> None:
    refused = command("copy", "old", "public", "--unverified", "--yes")
    assert refused.exit_code == 2
    assert "public will write to 1 subscriber and ask for confirmation" in refused.output
    assert "--let-provider-confirm" in refused.output
    assert store.outbox.all("public") == []
    assert command("copy", "old", "public", "--unverified", "--yes", "--let-provider-confirm").exit_code == 0
    assert len(store.outbox.all("public")) == 2


def test_programs_get_every_subscriber_with_losses_and_no_address(command: Callable[..., Result]) -> None:
    shown = command("copy", "old", "public", "--dry-run", "--json")
    rows = [json.loads(line) for line in shown.output.splitlines()]
    assert sorted(row["verdict"] for row in rows) == ["left out", "make"]
    (made,) = [row for row in rows if row["verdict"] == "make"]
    assert [loss["field"] for loss in made["losses"]] == ["components"]
    assert made["id"].startswith("sub_")
    assert "mail.test" not in shown.output


def test_a_provider_without_subscribers_ends_the_copy_there_only(command: Callable[..., Result], store: Store) -> None:
    shown = command("copy", "old", "vendor", "public", "--yes")
    assert shown.exit_code == 1
    assert "PingPong's API has no subscribers" in shown.output
    assert len(store.outbox.all("public")) == 1
    assert "PingPong's API has no subscribers" in command("list", "vendor").output


@pytest.mark.parametrize(("words", "said"), [(("old", "old"), "to itself"), (("old", "nowhere"), "no destination")])
def test_what_cannot_be_meant_is_refused(command: Callable[..., Result], words: tuple[str, ...], said: str) -> None:
    shown = command("copy", *words)
    assert shown.exit_code == 2
    assert said in shown.output


def test_an_unknown_page_is_told(command: Callable[..., Result]) -> None:
    shown = command("list", "nowhere")
    assert shown.exit_code == 1
    assert "the configuration has: old, public, vendor" in shown.output


# --- addresses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("anna.example@mail.test", "a•••@m•••"),
        ("+1 555 0100", "•••00"),
        ("911", "•••"),
        ("https://hooks.test/secret/path?key=1", "https://h•••/•••"),
    ],
)
def test_a_masked_address_says_whose_it_is_only_to_who_knows_it(address: str, shown: str) -> None:
    assert masked(address) == shown


def test_the_same_mailbox_telephone_or_program_has_one_form() -> None:
    assert same_form(" Anna@Mail.Test ") == same_form("anna@mail.test")
    assert same_form("+1 (555) 01-00") == same_form("+15550100")
    assert same_form("https://h.test/A") != same_form("https://h.test/a")


def test_an_address_is_taken_out_of_a_text_in_any_capitals() -> None:
    assert without_addresses("ANNA@mail.test is taken", ("anna@mail.test",)) == "••• is taken"
    assert without_addresses("nothing here", ("anna@mail.test", "a")) == "nothing here"
