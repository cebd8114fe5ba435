"""The one table of failures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Busy, Down, Gone, NotAllowed, Outcome, ProviderError, Refused
from bridge.providers.base.failures import (
    Failures,
    Mask,
    Reaction,
    Row,
    Trouble,
    first_of,
    outcome,
    readable,
    retry_after,
)
from bridge.secret import Secret

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
PAGE = "<!doctype html><html><title>Not found</title><script>var a = 1</script><p>No such page.</p></html>"


def trouble(**facts: Any) -> Trouble:
    told: dict[str, Any] = {"where": "POST /things", "write": True, "about_object": False, "now": NOW, "payload": {}}
    return Trouble(**{**told, **facts})


def error_of(**facts: Any) -> ProviderError:
    return Failures(pause=42).error(trouble(**facts), Mask())


@pytest.mark.parametrize(
    ("facts", "kind", "effect"),
    [
        pytest.param({"status": 400}, Refused, Outcome.NOT_DONE, id="bad request refuses the object"),
        pytest.param({"status": 401}, NotAllowed, Outcome.NOT_DONE, id="wrong credentials"),
        pytest.param({"status": 403}, NotAllowed, Outcome.NOT_DONE, id="forbidden"),
        pytest.param({"status": 404, "about_object": True}, Gone, Outcome.NOT_DONE, id="404 about the object is gone"),
        pytest.param({"status": 404}, Refused, Outcome.NOT_DONE, id="404 on a creation refuses the object"),
        pytest.param({"status": 404, "write": False}, Down, Outcome.NOT_DONE, id="404 on a listing is a wrong address"),
        pytest.param(
            {"status": 404, "about_object": True, "payload": None, "text": PAGE},
            Down,
            Outcome.NOT_DONE,
            id="a web page under 404 is a wrong address even for an object",
        ),
        pytest.param({"status": 405}, Refused, Outcome.NOT_DONE, id="405 in JSON is about this object"),
        pytest.param({"status": 405, "payload": None, "text": PAGE}, Down, Outcome.NOT_DONE, id="405 as a page is not"),
        pytest.param({"status": 408}, Down, Outcome.UNKNOWN, id="a request that took too long may have arrived"),
        pytest.param({"status": 409}, Refused, Outcome.NOT_DONE, id="conflict"),
        pytest.param({"status": 410, "about_object": True}, Gone, Outcome.NOT_DONE, id="410 is gone"),
        pytest.param({"status": 410}, Refused, Outcome.NOT_DONE, id="410 on a creation refuses the object"),
        pytest.param({"status": 413}, Refused, Outcome.NOT_DONE, id="too large"),
        pytest.param({"status": 422}, Refused, Outcome.NOT_DONE, id="invalid"),
        pytest.param({"status": 425}, Busy, Outcome.NOT_DONE, id="too early"),
        pytest.param({"status": 429}, Busy, Outcome.NOT_DONE, id="rate limit"),
        pytest.param({"status": 500}, Down, Outcome.UNKNOWN, id="an error after a write leaves its effect open"),
        pytest.param({"status": 500, "write": False}, Down, Outcome.NOT_DONE, id="a failed read had no effect"),
        pytest.param({"status": 503}, Down, Outcome.UNKNOWN, id="503 without a time"),
        pytest.param(
            {"status": 503, "headers": {"retry-after": "9"}}, Busy, Outcome.UNKNOWN, id="503 with a time is busy"
        ),
        pytest.param({"status": 301}, Down, Outcome.NOT_DONE, id="a permanent redirect did nothing"),
        pytest.param({"status": 303}, Down, Outcome.UNKNOWN, id="see other is also said after success"),
        pytest.param({"status": 200, "cause": "not JSON"}, Down, Outcome.UNKNOWN, id="a success that cannot be read"),
        pytest.param({"cause": "broke"}, Down, Outcome.UNKNOWN, id="no answer"),
        pytest.param({"cause": "refused", "sent": False}, Down, Outcome.NOT_DONE, id="never sent"),
    ],
)
def test_every_failure_has_one_reaction_and_one_effect(
    facts: dict[str, Any], kind: type[ProviderError], effect: Outcome
) -> None:
    error = error_of(**facts)
    assert type(error) is kind
    assert error.outcome is effect


@given(st.integers(300, 599), st.booleans(), st.booleans())
def test_no_status_is_without_a_reaction_and_no_read_has_an_effect(status: int, write: bool, about: bool) -> None:
    error = error_of(status=status, write=write, about_object=about)
    assert isinstance(error, ProviderError)
    assert write or error.outcome is Outcome.NOT_DONE
    assert not (write and status >= 500) or error.outcome is Outcome.UNKNOWN


def test_a_provider_adds_rows_that_win() -> None:
    table = Failures([Row(420, Reaction.BUSY), Row(404, Reaction.MISROUTED, lambda trouble: not trouble.payload)])
    assert table.reaction(trouble(status=420)) is Reaction.BUSY
    assert table.reaction(trouble(status=404, about_object=True)) is Reaction.MISROUTED
    assert table.reaction(trouble(status=404, about_object=True, payload={"a": 1})) is Reaction.GONE


def test_a_busy_destination_that_names_no_time_gets_the_providers_pause() -> None:
    error = error_of(status=429)
    assert isinstance(error, Busy)
    assert error.retry_after == 42


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "60"}, 60),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "0"}, 1),
        ({"retry-after": "-5"}, 1),
        ({"retry-after": "inf"}, 86_400),
        ({"retry-after": "Wed, 04 Mar 2026 05:07:07 GMT"}, 60),
        ({"retry-after": "Wed, 04 Mar 2026 04:00:00 GMT"}, 1),
        ({"retry-after": "Wed, 04 Mar 2026 08:00:30 GMT", "date": "Wed, 04 Mar 2026 08:00:00 GMT"}, 30),
    ],
    ids=str,
)
def test_a_time_to_wait_is_read_as_seconds_or_as_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Could not authenticate", "Could not authenticate"),
        (["Name can't be blank", "Status is wrong"], "Name can't be blank; Status is wrong"),
        ({"name": ["is missing", "is short"], "status": "is wrong"}, "name: is missing; is short; status: is wrong"),
        ({"a": [{"id": ["Not a valid string."]}, {}], "b": None}, "a: id: Not a valid string."),
        (17, "17"),
        (None, ""),
    ],
)
def test_an_error_body_of_any_shape_reads_as_text(body: Any, text: str) -> None:
    assert readable(body) == text


def test_the_providers_own_words_are_picked_out_of_the_body() -> None:
    table = Failures(words=first_of("error", "message"))
    said = {"message": "second", "error": ["first"], "trace": "x"}
    assert table.error(trouble(status=422, payload=said), Mask()).detail == "first"
    assert table.error(trouble(status=422, payload={"other": "whole"}), Mask()).detail == "other: whole"
    assert table.error(trouble(status=422, payload=["bare"]), Mask()).detail == "bare"


def test_a_web_page_is_told_without_its_tags_and_scripts() -> None:
    assert error_of(status=500, payload=None, text=PAGE).detail == "Not found No such page."


BODIES = st.recursive(
    st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(BODIES)
def test_no_body_makes_a_detail_that_is_long_or_has_line_breaks(body: Any) -> None:
    detail = error_of(status=422, payload=body).detail
    assert detail is None or (len(detail) <= 500 and "\n" not in detail)


@given(st.text(max_size=600))
def test_a_secret_is_masked_wherever_it_stands_also_across_the_cut(before: str) -> None:
    secret = "abc|d3f/gh+i"
    payload = {"error": f"{before} {secret} {before}"}
    detail = Failures().error(trouble(status=422, payload=payload), Mask([Secret(secret)])).detail
    assert "d3f/" not in str(detail)


def test_an_effect_is_never_denied_without_proof() -> None:
    assert outcome(trouble(cause="x")) is Outcome.UNKNOWN
    assert outcome(trouble(cause="x", status=200)) is Outcome.UNKNOWN
    assert outcome(trouble(cause="x", sent=False)) is Outcome.NOT_DONE
