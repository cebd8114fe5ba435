"""What the record classes of the clients declare is what the providers document, and what real servers answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest

from bridge.providers.base import coverage
from bridge.providers.base.declared import within
from bridge.providers.base.resource import Resource
from bridge.providers.base.results import Record
from tests.contract.declared import Watched, hints_of, problems_of, records_in
from tests.contract.documented import Comparison, given
from tests.contract.record_exceptions import DOCUMENT, NEVER_RECORDED, RECORDED, UNDOCUMENTED

RECORDS = {
    "cachet2": ("records",),
    "cachet3": ("records",),
    "pingpong": ("records",),
    "statuspage": ("records", "people_records", "metric_records"),
}
GIVES_NOTHING = {"remove", "resend", "resend_many", "unsubscribe", "reactivate"}
EXCHANGES = Path(__file__).parents[1] / "sandbox" / "data"


def modules_of(provider: str) -> list[ModuleType]:
    return [import_module(f"bridge.providers.{provider}.{name}") for name in RECORDS[provider]]


def records_of(provider: str) -> Iterator[type[Record]]:
    return (record for module in modules_of(provider) for record in records_in(module))


@pytest.mark.parametrize("provider", sorted(DOCUMENT))
def test_every_field_is_declared_as_it_is_documented_and_no_other_one(provider: str) -> None:
    comparison = Comparison(provider)
    assert set(comparison.differences()) == set(DOCUMENT[provider])
    compared = {record.__name__ for record in records_of(provider) if record in comparison.compared}
    assert {record.__name__ for record in records_of(provider)} - compared == set(UNDOCUMENTED[provider])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"id": "str", "name": "int"}, "may be string in the document"),
        ({"id": "str", "name": "int"}, "is never int in the document"),
        ({"id": "str", "name": "str"}, "may be null or missing in the document"),
        ({"id": "str", "name": "str | None", "nick": "str"}, "nick is not in the document"),
        ({"id": "str"}, "name is not declared"),
        ({"id": "int", "name": "str | None"}, "id is not a text"),
    ],
)
def test_a_declaration_that_is_wrong_is_noticed(fields: dict[str, str], told: str) -> None:
    comparison = Comparison("cachet3")
    wrong = type("Wrong", (Record,), {"__annotations__": fields, "__module__": __name__})
    schema = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": ["string", "null"]}}}
    assert told in "\n".join(comparison.compare(wrong, schema, "GET /things"))


@pytest.mark.parametrize(
    ("provider", "name"), [("cachet2", "cachet2"), ("cachet2", "cachet2-v23"), ("cachet3", "cachet3")]
)
def test_real_servers_answered_as_it_is_declared(provider: str, name: str) -> None:
    answers = list(recorded_answers(provider, name))
    assert len(answers) > 60
    problems = {f"{type(record).__name__}{problem}" for record in answers for problem in problems_of(record)}
    assert problems == set(RECORDED[name])


def test_every_field_that_is_declared_for_cachet_2_was_answered_by_one() -> None:
    seen = Watched()
    for name in ("cachet2", "cachet2-v23"):
        for record in recorded_answers("cachet2", name):
            seen.look(record)
    assert seen.unseen(records_of("cachet2")) == set(NEVER_RECORDED)


@pytest.mark.parametrize("provider", sorted(RECORDS))
def test_every_call_says_what_it_gives(provider: str) -> None:
    known = {module.__name__ for module in modules_of(provider)}
    for name, resource in coverage.client_of(provider).parts().items():
        named = {bracket for bracket in _brackets(resource) if isinstance(bracket, type) and bracket is not Record}
        assert named <= {resource.record}, f"{name} names several"
        for method in resource.served().values():
            told = list(within(given(resource, method)))
            records = [each for each in told if isinstance(each, type) and issubclass(each, Record)]
            assert {record.__module__ for record in records} <= known, f"{name}.{method} gives something unknown"
            assert told != [None] or method in GIVES_NOTHING, f"{name}.{method} says nothing"


@pytest.mark.parametrize("provider", sorted(RECORDS))
def test_no_field_is_called_like_something_that_every_record_has(provider: str) -> None:
    for record in records_of(provider):
        assert [name for name in hints_of(record) if hasattr(Record, name)] in ([], ["id"]), record.__name__


def _brackets(resource: type[Resource[Any]]) -> Iterator[Any]:
    for base in resource.__mro__:
        for generic in vars(base).get("__orig_bases__", ()):
            yield from get_args(generic)


def recorded_answers(provider: str, name: str) -> Iterator[Record]:
    """The objects in the answers of a real server, as the client would give them."""
    client = coverage.client_of(provider)
    for line in (EXCHANGES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        exchange = json.loads(line)
        path, _, query = exchange["p"].partition("?")
        below = re.sub(r"^/api(/v1)?", "", path).rstrip("/")
        # Whoever asks for some fields only gets no whole objects.
        if exchange["s"] >= 300 or not isinstance(exchange["body"], dict) or "fields" in query:
            continue
        fitting = [call for call in client.served() if call[0] == exchange["m"] and _fits(call[1], below)]
        if fitting:
            part, _, method = client.served()[min(fitting, key=lambda call: call[1].count("{"))].partition(".")
            yield from _answered(client.parts()[part], method, exchange["body"])


def _answered(resource: type[Resource[Any]], method: str, body: Any) -> Iterator[Record]:
    made = resource(None)  # type: ignore[arg-type]
    found = body.get(resource.unwrap) if resource.unwrap else body
    for record in within(given(resource, method)):
        if isinstance(record, type) and issubclass(record, Record):
            yield from (record(made.shape(row, body), row) for row in (found if isinstance(found, list) else [found]))


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None
