"""What a provider makes of failures, as tests; a part of :mod:`bridge.testing.provider_suite`.

Nothing in here asks which provider it is.
"""

# ruff: noqa: D102 - the names of tests are sentences

from __future__ import annotations

from typing import Any

import pytest

from bridge.errors import Busy, Down, NotAllowed, Outcome, ProviderError, Refused
from bridge.model.enums import Kind
from bridge.testing.stage import SEEDED, TOKEN, Stage, assert_shows, creation, incident
from bridge.testing.staged import Staged

FAILURES: tuple[tuple[dict[str, Any], type[ProviderError], Outcome], ...] = (
    ({"kind": "status", "status": 400}, Refused, Outcome.NOT_DONE),
    ({"kind": "status", "status": 401}, NotAllowed, Outcome.NOT_DONE),
    ({"kind": "status", "status": 403}, NotAllowed, Outcome.NOT_DONE),
    ({"kind": "html", "status": 404}, Down, Outcome.NOT_DONE),
    ({"kind": "html", "status": 307}, Down, Outcome.NOT_DONE),
    ({"kind": "html", "status": 302}, Down, Outcome.UNKNOWN),
    ({"kind": "status", "status": 409}, Refused, Outcome.NOT_DONE),
    ({"kind": "status", "status": 422}, Refused, Outcome.NOT_DONE),
    ({"kind": "status", "status": 429, "retry_after": 7}, Busy, Outcome.NOT_DONE),
    ({"kind": "status", "status": 420, "retry_after": 7}, Busy, Outcome.NOT_DONE),
    ({"kind": "status", "status": 503, "retry_after": 7}, Busy, Outcome.UNKNOWN),
    ({"kind": "status", "status": 500}, Down, Outcome.UNKNOWN),
    ({"kind": "html", "status": 502, "when": "after"}, Down, Outcome.UNKNOWN),
    ({"kind": "html", "status": 200, "when": "after"}, Down, Outcome.UNKNOWN),
    ({"kind": "truncated"}, Down, Outcome.UNKNOWN),
    ({"kind": "short"}, Down, Outcome.UNKNOWN),
    ({"kind": "reset"}, Down, Outcome.UNKNOWN),
    ({"kind": "reset", "when": "after"}, Down, Outcome.UNKNOWN),
    ({"kind": "latency", "seconds": 0.9, "when": "after"}, Down, Outcome.UNKNOWN),
    ({"kind": "timeout", "seconds": 0.9, "when": "after"}, Down, Outcome.UNKNOWN),
)

PASSING: tuple[dict[str, Any], ...] = ({"kind": "reset"}, {"kind": "status", "status": 500}, {"kind": "short"})


def named(fault: dict[str, Any]) -> str:
    """A fault as the name of a test."""
    return " ".join(str(value) for value in fault.values())


class FailuresSuite(Staged):
    """What holds for every provider when a call fails."""

    @pytest.mark.parametrize(("fault", "kind", "outcome"), FAILURES, ids=[named(row[0]) for row in FAILURES])
    def test_a_failed_write_is_told_by_what_to_do_about_it(
        self, stage: Stage, fault: dict[str, Any], kind: type[ProviderError], outcome: Outcome
    ) -> None:
        refs, obj = stage.refs(), incident()
        wanted, _ = stage.provider.translate(obj, refs)
        stage.calls.clear()
        stage.fault(**fault, method="POST")
        with pytest.raises(ProviderError) as caught:
            stage.make(read_timeout=0.4).perform(creation(obj, wanted))
        error = caught.value
        assert type(error) is kind
        assert error.outcome is outcome
        assert [call.method for call in stage.calls].count("POST") == 1
        assert stage.calls[-1].error
        if isinstance(error, Busy):
            assert error.retry_after == 7
            assert stage.budget.penalties == [7]

    @pytest.mark.parametrize("fault", PASSING, ids=named)
    def test_a_read_is_repeated_and_a_failed_one_leaves_nothing_in_doubt(
        self, stage: Stage, fault: dict[str, Any]
    ) -> None:
        stage.fault(**fault, method="GET", times=2)
        assert len(list(stage.provider.scan(Kind.COMPONENT))) == len(SEEDED)
        stage.fault(**fault, method="GET", times=None)
        with pytest.raises(Down) as caught:
            list(stage.provider.scan(Kind.COMPONENT))
        assert caught.value.outcome is Outcome.NOT_DONE

    @pytest.mark.parametrize("status", [429, 420])
    def test_a_destination_that_asks_to_wait_without_a_time_is_left_alone_for_a_while(
        self, stage: Stage, status: int
    ) -> None:
        obj = incident()
        wanted, _ = stage.provider.translate(obj, stage.refs())
        stage.fault("status", status=status, method="POST")
        with pytest.raises(ProviderError) as caught:
            stage.provider.perform(creation(obj, wanted))
        assert caught.value.outcome is Outcome.NOT_DONE
        assert caught.value.status == status
        if isinstance(caught.value, Busy):
            assert 0 < caught.value.retry_after <= 600
            assert stage.budget.penalties == [caught.value.retry_after]
        else:
            assert status == 420, "429 is busy everywhere; 420 where the provider says so"

    def test_an_answer_of_the_wrong_type_counts_by_what_it_says(self, stage: Stage) -> None:
        refs, obj = stage.refs(), incident()
        wanted, _ = stage.provider.translate(obj, refs)
        stage.fault("wrong_type", method="POST")
        remote = stage.provider.perform(creation(obj, wanted)).remote_id
        assert_shows(stage.seen(Kind.INCIDENT, remote), wanted.creates)

    def test_a_failure_names_the_call_and_the_object_that_it_was_about(self, stage: Stage) -> None:
        link, _ = stage.settle(incident(), stage.refs())
        stage.fault("status", status=500, method="GET", times=None)
        with pytest.raises(Down) as caught:
            stage.provider.look(Kind.INCIDENT, str(link.remote_id))
        assert str(caught.value.where).startswith("GET /")
        assert str(link.remote_id) in str(caught.value.where)

    def test_a_page_that_says_not_found_does_not_mean_that_an_object_is_gone(self, stage: Stage) -> None:
        link, _ = stage.settle(incident(), stage.refs())
        stage.fault("html", status=404, method="GET", times=None)
        with pytest.raises(Down):
            stage.provider.look(Kind.INCIDENT, str(link.remote_id))

    def test_a_wrong_address_is_trouble_of_the_destination_and_not_of_the_object(self, stage: Stage) -> None:
        provider = stage.make(url=stage.server.url + "/nowhere")
        with pytest.raises(Down) as caught:
            list(provider.scan(Kind.COMPONENT))
        assert "url" in str(caught.value)

    def test_a_server_that_is_not_there_was_asked_nothing(self, stage: Stage) -> None:
        refs, obj = stage.refs(), incident()
        wanted, _ = stage.provider.translate(obj, refs)
        stage.server.stop()
        stage.provider.close()
        with pytest.raises(Down) as caught:
            stage.make().perform(creation(obj, wanted))
        assert caught.value.outcome is Outcome.NOT_DONE

    def test_without_budget_nothing_is_sent(self, stage: Stage) -> None:
        refs, obj = stage.refs(), incident()
        wanted, _ = stage.provider.translate(obj, refs)
        before = len(stage.sandbox.calls.all())
        stage.budget.wait = 12.5
        for ask in (
            lambda: stage.provider.perform(creation(obj, wanted)),
            lambda: stage.provider.look(Kind.INCIDENT, "1"),
            lambda: list(stage.provider.scan(Kind.INCIDENT)),
        ):
            with pytest.raises(Busy) as caught:
                ask()
            assert caught.value.retry_after == 12.5
        assert len(stage.sandbox.calls.all()) == before

    def test_a_wrong_token_is_not_allowed_and_never_shown(self, stage: Stage) -> None:
        secret = "wr0ng|5ecret/of+mine"  # noqa: S105
        obj = incident()
        wanted, _ = stage.provider.translate(obj, stage.refs())
        provider = stage.make(token=secret)
        with pytest.raises(NotAllowed) as caught:
            provider.perform(creation(obj, wanted))
        self._assert_secret(secret, caught.value, stage)

    @pytest.mark.parametrize("fault", [row[0] for row in FAILURES], ids=named)
    def test_no_failure_shows_the_token(self, stage: Stage, fault: dict[str, Any]) -> None:
        obj = incident()
        wanted, _ = stage.provider.translate(obj, stage.refs())
        stage.fault(**fault, method="POST")
        with pytest.raises(ProviderError) as caught:
            stage.make(read_timeout=0.4).perform(creation(obj, wanted))
        self._assert_secret(TOKEN, caught.value, stage)

    @staticmethod
    def _assert_secret(secret: str, error: ProviderError, stage: Stage) -> None:
        texts = [str(error), repr(error), str(error.args), *(str(call) for call in stage.calls)]
        texts += [str(error.__cause__), repr(error.__cause__)]
        for text in texts:
            assert secret not in text
            assert secret.rpartition("|")[2] not in text
