"""The contract of a source type, as tests. Shipped, so that third parties can hold their own sources to it.

Subclass :class:`SourceSuite` in a test module and say where the samples are::

    class TestAlertmanager(SourceSuite):
        type_name = "alertmanager"
        samples = Path(__file__).parent / "data" / "alertmanager"

Every ``<case>.json`` in that folder is a body as posted (or a whole request, see ``bridge.sources.envelope``). Beside
it stands ``<case>.expected.json``: what ``statusbridge normalize`` prints for it. Only pytest is needed.
"""

# ruff: noqa: D102 - the names of tests are sentences

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from bridge.config.schemes import Scheme
from bridge.errors import NotAuthentic, Unparsable
from bridge.model.enums import Action
from bridge.model.events import Delivery, Parsed
from bridge.secret import Secret
from bridge.sources.base import SourceType, traits_of
from bridge.sources.envelope import delivery_of, normalized
from bridge.sources.redaction import NOTHING, kept
from bridge.sources.registry import make, options_schema
from bridge.sources.secretnames import names_of
from bridge.sources.signatures.factory import Verifiers
from bridge.sources.signatures.fetch import Fetched
from bridge.sources.signatures.verifier import Request

ARRIVAL = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
"""When deliveries of this suite arrive, unless their envelope says otherwise."""

JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 10**30, "", " ", "None", "\x00", "\ud800", "a\nb", "🔥" * 50, "x" * 5_000,
    "0001-01-01T00:00:00Z", "31.02.2026", [], [None], [[]], {}, {"": None}, {"a": {"b": [1]}},
)  # fmt: skip
"""Values that some sender has put, or will put, where something else belongs."""

HOPELESS: tuple[bytes, ...] = (
    b"", b" \n", b"\xef\xbb\xbf", b"{", b"nope", b"\xff\xfe{}", b"'a'", b"[" * 100_000, b'{"a":' * 100_000, b"{} {}",
    b"1" * 5_000, b'"text"', b"42", b"null",
)  # fmt: skip
"""Bodies of which nothing can be read."""

_CANARY = "canary-of-the-suite"


class SourceSuite:
    """What holds for every source type.

    Attributes:
        type_name: as in ``type:``.
        options: settings of the type, as in bridge.yaml.
        samples: folder of sample bodies.
        rounds: how many mutants of each sample are tried.
    """

    type_name: ClassVar[str]
    options: ClassVar[Mapping[str, Any]] = {}
    samples: ClassVar[Path]
    rounds: ClassVar[int] = 150

    @classmethod
    def pytest_generate_tests(cls, metafunc: pytest.Metafunc) -> None:
        """One test for each sample."""
        if "sample" in metafunc.fixturenames:
            files = sorted(file for file in cls.samples.glob("*.json") if not file.name.endswith(".expected.json"))
            metafunc.parametrize("sample", files, ids=lambda file: file.stem)

    @pytest.fixture
    def source(self) -> SourceType:
        """The source under test, with checked options."""
        return make(self.type_name, options_schema(self.type_name)().load(dict(self.options)))

    def delivery(self, content: bytes) -> Delivery:
        """A delivery of a sample."""
        return delivery_of(content, "suite", ARRIVAL)

    def test_a_sample_gives_the_expected_events(self, source: SourceType, sample: Path) -> None:
        expected = json.loads(sample.with_name(f"{sample.stem}.expected.json").read_text(encoding="utf-8"))
        assert normalized(source.parse(self.delivery(sample.read_bytes()))) == expected

    def test_parsing_is_pure(self, source: SourceType, sample: Path) -> None:
        delivery = self.delivery(sample.read_bytes())
        first = source.parse(delivery)
        later = replace(delivery, received_at=delivery.received_at + timedelta(seconds=1))
        assert source.parse(delivery) == first
        assert [event.dedup_key for event in source.parse(later).events] == [event.dedup_key for event in first.events]

    def test_every_event_keeps_the_rules_of_the_model(self, source: SourceType, sample: Path) -> None:
        check_rules(source.parse(self.delivery(sample.read_bytes())))

    def test_a_byte_order_mark_changes_nothing(self, source: SourceType, sample: Path) -> None:
        delivery = self.delivery(sample.read_bytes())
        if not delivery.body.lstrip().startswith((b"{", b"[")):
            pytest.skip("not a JSON body")
        assert source.parse(replace(delivery, body=b"\xef\xbb\xbf" + delivery.body)) == source.parse(delivery)

    def test_no_mutant_of_a_sample_breaks_it(self, source: SourceType, sample: Path) -> None:
        delivery = self.delivery(sample.read_bytes())
        try:
            data = json.loads(delivery.body)
        except ValueError:
            pytest.skip("not a JSON body")
        dice = random.Random(sample.stem)  # noqa: S311 - the same mutants in every run
        for _ in range(self.rounds):
            mutant = mutate(data, dice)
            body = json.dumps(mutant).encode()
            try:
                parsed = source.parse(replace(delivery, body=body))
            except Unparsable as error:
                assert error.reason
            else:
                check_rules(parsed)

    def test_what_is_kept_of_a_sample_says_the_same_and_holds_no_secret(self, source: SourceType, sample: Path) -> None:
        delivery, names = self.delivery(sample.read_bytes()), names_of(type(source))
        try:
            data = json.loads(delivery.body)
        except ValueError:
            pytest.skip("not a JSON body")
        own = [name.replace("*", "X") for name in getattr(traits_of(source).record, "secrets", ())]
        for node in _objects(data):
            node.update({name: _CANARY for name in ("x_password", "x_pushToken", *own) if node.get(name) in NOTHING})
        planted = replace(delivery, body=json.dumps(data).encode())
        parsed = source.parse(planted)
        told, shown = kept(names, planted, parsed)
        assert _CANARY.encode() not in told.body
        assert _CANARY not in json.dumps(normalized(shown), ensure_ascii=False)
        if any(event.reason and "test" in event.reason for event in parsed.events):
            return  # such as Netdata's, which is a secret and nothing else
        said = [(event.action, event.severity, event.started_at) for event in source.parse(told).events]
        assert said == [(event.action, event.severity, event.started_at) for event in parsed.events]

    @pytest.mark.parametrize("body", HOPELESS, ids=lambda body: repr(body[:12]))
    def test_a_hopeless_body_is_refused_with_a_reason(self, source: SourceType, body: bytes) -> None:
        with pytest.raises(Unparsable) as refusal:
            source.parse(Delivery("dlv_suite", "suite", ARRIVAL, body))
        assert refusal.value.reason

    def test_what_is_not_signed_is_refused(self, source: SourceType) -> None:
        scheme = traits_of(source).scheme
        if scheme is None:
            pytest.skip("its sender signs nothing")
        verifier = Verifiers(_nobody).make(scheme, [Secret("whsec_c2VjcmV0")])
        for headers in ({}, dict.fromkeys(_headers_of(scheme), ""), dict.fromkeys(_headers_of(scheme), "v1=00")):
            with pytest.raises(NotAuthentic):
                verifier.verify(Request(b"{}", headers.get, "", ARRIVAL))

    def test_the_type_is_declared_completely(self, source: SourceType) -> None:
        assert source.name == self.type_name.replace("_", "-")
        assert source.methods
        assert all(header == header.lower() for header in source.headers)


def _nobody(url: str) -> Fetched:
    raise AssertionError(f"{url} was asked for a message that cannot be authentic")


def _headers_of(scheme: Scheme) -> tuple[str, ...]:
    named = (getattr(scheme, name, None) for name in ("header", "timestamp_header", "id_header"))
    return (*filter(None, named), "webhook-id", "webhook-timestamp", "webhook-signature")


def check_rules(parsed: Parsed) -> None:
    """What must hold for everything that a source says.

    Raises:
        AssertionError: naming the event that breaks a rule.
    """
    # Whoever stores, sends or prints it must be able to: plain JSON, UTF-8, no NUL.
    text = json.dumps(normalized(parsed), ensure_ascii=False, allow_nan=False)
    text.encode("utf-8")
    assert "\\u0000" not in text.replace("\\\\", ""), "a NUL"  # a backslash of the text itself is doubled
    for event in parsed.events:
        assert event.dedup_key.strip(), event
        assert event.title or event.action is not Action.TRIGGER, event
        assert event.severity is not None or event.action is not Action.TRIGGER, event
        assert "\n" not in event.title, event
        assert event.ended_at is None or event.action is Action.RESOLVE, event
        assert event.reason or event.action is not Action.IGNORE, event
        assert all(type(name) is str and type(value) is str for name, value in event.labels.items()), event
        for moment in (event.started_at, event.ended_at, event.happened_at):
            assert moment is None or (moment.utcoffset() == timedelta(0) and moment.year >= 1970), event
    for bad in parsed.quarantined:
        assert bad.reason, bad
        assert bad.index >= 0, bad


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of JSON data, the innermost first."""
    below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for value in list(below):
        yield from _objects(value)
    if isinstance(node, dict):
        yield node


def mutate(data: Any, dice: random.Random) -> Any:
    """A copy with one to three places changed: a value replaced by junk, removed, doubled, or renamed."""
    root = [copy.deepcopy(data)]
    for _ in range(dice.randint(1, 3)):
        holder, place = dice.choice(list(_places(root)))
        match dice.randrange(4):
            case 0 if isinstance(holder, dict):
                del holder[place]
            case 1 if isinstance(holder, dict):
                holder[f"{place}x"] = holder.pop(place)
            case 2 if isinstance(holder, list) and holder is not root:
                holder.append(copy.deepcopy(holder[place]))
            case _:
                holder[place] = copy.deepcopy(dice.choice(JUNK))
    return root[0]


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for place, below in list(items):
        yield node, place
        yield from _places(below)
