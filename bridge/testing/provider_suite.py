"""The contract of a provider, as tests. Shipped, so that third parties can hold their own providers to it.

Subclass :class:`ProviderSuite` in a test module and say who is to be tested::

    class TestStatuspage(ProviderSuite):
        name = "statuspage"
        path = "/statuspage/v1"
        options = {"page_id": "sandboxpage1"}

The provider is tested over HTTP against its sandbox, which must have the seeded components of
:data:`bridge.testing.stage.SEEDED` and take faults. Nothing in here asks which provider it is: where providers differ,
their :class:`bridge.providers.base.capabilities.Capabilities` and their answers to ``translate`` say so. Only pytest
is needed.
"""

# ruff: noqa: D102 - the names of tests are sentences

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bridge.errors import Busy, Outcome
from bridge.model.enums import Kind
from bridge.providers.base.pace import LocalBudget
from bridge.testing.care_suite import CareSuite
from bridge.testing.components_suite import ComponentsSuite
from bridge.testing.failures_suite import FailuresSuite
from bridge.testing.incidents_suite import IncidentsSuite
from bridge.testing.kinds_suite import KindsSuite
from bridge.testing.stage import IDENTIFIED, OPENING, SEEDED, Stage, incident
from bridge.testing.texts_suite import TextsSuite


class ProviderSuite(ComponentsSuite, IncidentsSuite, CareSuite, TextsSuite, FailuresSuite, KindsSuite):
    """What holds for every provider."""

    def test_every_call_takes_from_the_budget_and_is_observed_without_host_query_and_secret(self, stage: Stage) -> None:
        stage.settle(incident(OPENING, IDENTIFIED), stage.refs())
        assert stage.budget.taken == len(stage.calls) == len(stage.sandbox.calls.all())
        assert all(call.path.startswith("/") and "?" not in call.path for call in stage.calls)
        assert all(call.status and call.millis > 0 and call.error is None for call in stage.calls)

    def test_several_threads_may_use_it(self, stage: Stage) -> None:
        refs = stage.refs()
        remotes = [str(refs.remote_id(Kind.COMPONENT, name)) for name in SEEDED] * 2
        with ThreadPoolExecutor(4) as pool:
            seen = list(pool.map(lambda remote: stage.seen(Kind.COMPONENT, remote).remote_id, remotes))
        assert seen == remotes

    def test_eight_callers_together_stay_within_one_budget(self, stage: Stage) -> None:
        remote = str(stage.refs().remote_id(Kind.COMPONENT, "api"))
        provider, before = stage.make(budget=LocalBudget(10, 600.0)), len(stage.sandbox.calls.all())

        def ask(_: int) -> bool:
            try:
                return provider.look(Kind.COMPONENT, remote) is not None
            except Busy as busy:
                assert busy.outcome is Outcome.NOT_DONE
                assert busy.retry_after > 0
                return False

        with ThreadPoolExecutor(8) as pool:
            answered = list(pool.map(ask, range(40)))
        provider.close()
        assert len(stage.sandbox.calls.all()) - before == 10
        assert any(answered)
        assert not all(answered)

    def test_a_provider_that_was_closed_can_be_used_again(self, stage: Stage) -> None:
        stage.provider.close()
        assert len(list(stage.provider.scan(Kind.COMPONENT))) == len(SEEDED)
