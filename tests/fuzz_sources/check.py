"""What must hold for any body whatever, and how long and how large reading it may be."""

from __future__ import annotations

import json
import time
import tracemalloc
from dataclasses import replace

from bridge.config.schemes import Scheme
from bridge.errors import NotAuthentic, Unparsable
from bridge.model.events import Delivery, Parsed
from bridge.secret import Secret
from bridge.sources.base import SourceType, traits_of
from bridge.sources.envelope import normalized
from bridge.sources.redaction import kept, kept_unread
from bridge.sources.secretnames import names_of
from bridge.sources.signatures.factory import Verifiers
from bridge.sources.signatures.fetch import Fetched
from bridge.sources.signatures.verifier import CannotCheck, Request, Verifier
from bridge.testing.source_suite import check_rules
from tests.fuzz_sources.bodies import CANARY

SLOWEST = 2.0
"""Seconds of processor time that one body of up to 1 MiB may take."""
_LARGE = 50_000
MOST_MEMORY = 60
"""Bytes of memory, at the peak, for each byte of a large body, beside a few megabytes."""
_BESIDE = 8 * 1_048_576
_FAULT = "statusbridge could not read it"


class Finding(Exception):
    """Something that must not be."""


class Checker:
    """Holds one source type to the contract.

    Attributes:
        slowest: processor seconds of the slowest body, its size, and the body.
        refused: bodies that were refused whole.
        peak: most bytes of memory for each byte of a large body.
    """

    def __init__(self, kind: SourceType) -> None:
        self._kind = kind
        self._names = names_of(type(kind))
        self._verifier = _verifier_of(traits_of(kind).scheme)
        self.slowest: tuple[float, int, bytes] = (0.0, 0, b"")
        self.refused = 0
        self.peak = 0.0

    def check(self, delivery: Delivery) -> None:
        """Let one delivery through.

        Raises:
            Finding: when something does not hold; or whatever the parser raises and should not.
        """
        self._try_signature(delivery)
        first = self._timed(delivery)
        second = self._parse(replace(delivery))
        if first != second:
            raise Finding("the same body twice gives different events")
        if len(delivery.body) > _LARGE:
            self._measure(delivery)
        self._check_secrecy(delivery, first)
        if isinstance(first, str):
            self.refused += 1
            if not first.strip() or first.startswith(_FAULT):
                raise Finding(first or "refused without a reason")
            return
        check_rules(first)
        if fault := next((bad.reason for bad in first.quarantined if bad.reason.startswith(_FAULT)), None):
            raise Finding(fault)

    def _parse(self, delivery: Delivery) -> Parsed | str:
        try:
            return self._kind.parse(delivery)
        except Unparsable as refusal:
            return refusal.reason

    def _check_secrecy(self, delivery: Delivery, parsed: Parsed | str) -> None:
        started = time.process_time()
        told = self._kept(delivery, parsed)
        seconds = time.process_time() - started
        if seconds > SLOWEST:
            raise Finding(f"hiding secrets took {seconds:.1f} s for {len(delivery.body)} bytes")
        if self._kept(told[0], parsed)[0].body != told[0].body:
            raise Finding("hiding secrets twice gives something else")
        if CANARY.encode() not in delivery.body:
            return
        if CANARY.encode() in told[0].body:
            raise Finding("a secret is kept in the body")
        if isinstance(told[1], Parsed) and CANARY in json.dumps(normalized(told[1]), ensure_ascii=False):
            raise Finding("a secret is kept with the events")

    def _kept(self, delivery: Delivery, parsed: Parsed | str) -> tuple[Delivery, Parsed | str]:
        if isinstance(parsed, str):
            return kept_unread(self._names, delivery), parsed
        return kept(self._names, delivery, parsed)

    def _timed(self, delivery: Delivery) -> Parsed | str:
        started = time.process_time()
        parsed = self._parse(delivery)
        seconds = time.process_time() - started
        if seconds > self.slowest[0]:
            self.slowest = (seconds, len(delivery.body), delivery.body)
        if seconds > SLOWEST:
            raise Finding(f"took {seconds:.1f} s for {len(delivery.body)} bytes")
        return parsed

    def _measure(self, delivery: Delivery) -> None:
        tracemalloc.start()
        self._parse(delivery)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        self.peak = max(self.peak, peak / len(delivery.body))
        if peak > MOST_MEMORY * len(delivery.body) + _BESIDE:
            raise Finding(f"took {peak / 1_048_576:.0f} MiB for {len(delivery.body)} bytes")

    def _try_signature(self, delivery: Delivery) -> None:
        if self._verifier is None:
            return
        text = delivery.body[:3_000].decode("latin-1")
        try:
            self._verifier.verify(Request(delivery.body, lambda name: text, text, delivery.received_at))
        except (NotAuthentic, CannotCheck):
            return
        raise Finding("junk passed for a signature")


def _verifier_of(scheme: Scheme | None) -> Verifier | None:
    return Verifiers(_nobody).make(scheme, [Secret("whsec_c2VjcmV0")]) if scheme else None


def _nobody(url: str) -> Fetched:
    raise CannotCheck("nobody is asked")
