"""The one table of failures: what a failed call means, whether it may have had an effect, and in whose words.

A provider adds rows for its own habits (Statuspage's 420) and says where in an error body its words are; it never
catches errors of its own. Reaction and effect are two answers: ``Down`` says what to do with the destination,
:class:`bridge.errors.Outcome` says what is known about this one call.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlsplit

from bridge.errors import Busy, Down, Gone, NotAllowed, Outcome, ProviderError, Refused
from bridge.model.addresses import without_addresses
from bridge.secret import Secret

_MAX_DETAIL = 500
_MAX_PAUSE = 86_400.0
_MAX_REQUEST_ID = 100
_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-correlation-id", "x-arequestid", "atl-traceid")
"""The last two are those of Atlassian's edge."""


class Reaction(StrEnum):
    """What is done about a failed call."""

    BUSY = "busy"
    DOWN = "down"
    NOT_ALLOWED = "not_allowed"
    REFUSED = "refused"
    GONE = "gone"
    MISROUTED = "misrouted"
    """The address leads to no API (wrong ``url``, API switched off): down until somebody looks, never "gone"."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """The facts about one failed call.

    Attributes:
        where: method and path, without host and query.
        write: whether the call was meant to change something.
        about_object: whether the path names a remote object, so that 404 is about that object.
        sent: False only when it is certain that the request never left.
        status: HTTP status; None when no answer came.
        headers: of the answer, lower-case names.
        payload: the answer as JSON; None when it is not JSON.
        text: the answer as text, when it is not JSON.
        cause: what went wrong on the way, in words, when it was not the status.
        now: present moment, to make sense of dates in headers.
    """

    where: str
    write: bool
    about_object: bool
    now: datetime
    sent: bool = True
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    payload: Any = None
    text: str = ""
    cause: str | None = None

    @property
    def is_page(self) -> bool:
        """True when the answer is a web page instead of the API's JSON."""
        return self.payload is None and "<" in self.text[:500]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: a status, an optional condition on the facts, and the reaction."""

    status: int
    reaction: Reaction
    when: Callable[[Trouble], bool] | None = None

    def covers(self, trouble: Trouble) -> bool:
        """Whether the row is about this trouble."""
        return trouble.status == self.status and (self.when is None or self.when(trouble))


_ROWS = (
    Row(401, Reaction.NOT_ALLOWED),
    Row(403, Reaction.NOT_ALLOWED),
    # A web page under 404 or 405 comes from a router that knows no such route (PingPong trap 25, Cachet, proxies).
    Row(404, Reaction.MISROUTED, lambda trouble: trouble.is_page),
    Row(405, Reaction.MISROUTED, lambda trouble: trouble.is_page),
    Row(404, Reaction.GONE, lambda trouble: trouble.about_object),
    Row(404, Reaction.REFUSED, lambda trouble: trouble.write),
    Row(404, Reaction.MISROUTED),
    Row(407, Reaction.DOWN),
    Row(408, Reaction.DOWN),
    Row(410, Reaction.GONE, lambda trouble: trouble.about_object),
    # In no standard, and Statuspage's own; whoever else says it and names a time means the same.
    Row(420, Reaction.BUSY, lambda trouble: "retry-after" in trouble.headers),
    Row(425, Reaction.BUSY),
    Row(429, Reaction.BUSY),
    Row(503, Reaction.BUSY, lambda trouble: "retry-after" in trouble.headers),
)


class Failures:
    """The table of one provider.

    Args:
        rows: the provider's own rows; they win over the general ones.
        words: picks the telling part out of an error body; the whole body when left out.
        pause: seconds to stay away when a busy destination names no time.
        request_id: picks the provider's name for the request out of an error body, where no header has it.
    """

    def __init__(
        self,
        rows: Iterable[Row] = (),
        *,
        words: Callable[[Any], Any] | None = None,
        pause: float = 30.0,
        request_id: Callable[[Any], Any] | None = None,
    ) -> None:
        self._rows = (*rows, *_ROWS)
        self._words = words
        self._pause = pause
        self._named = request_id

    def reaction(self, trouble: Trouble) -> Reaction:
        """Which of the classes the trouble belongs to."""
        if trouble.status is None or trouble.cause is not None:
            return Reaction.DOWN
        for row in self._rows:
            if row.covers(trouble):
                return row.reaction
        if trouble.status < 400:
            return Reaction.MISROUTED
        return Reaction.REFUSED if trouble.status < 500 else Reaction.DOWN

    def error(self, trouble: Trouble, mask: Mask) -> ProviderError:
        """The error to raise, ready to be shown: shortened and without secrets."""
        reaction = self.reaction(trouble)
        fields: dict[str, Any] = {
            "outcome": outcome(trouble),
            "status": trouble.status,
            "detail": self._detail(trouble, mask),
            "request_id": self._request_id(trouble, mask),
            "where": mask(trouble.where),
        }
        message = mask(_message(reaction, trouble))
        if reaction is Reaction.BUSY:
            wait = retry_after(trouble.headers, trouble.now)
            return Busy(message, retry_after=self._pause if wait is None else wait, **fields)
        return _ERRORS[reaction](message, **fields)

    def _request_id(self, trouble: Trouble, mask: Mask) -> str | None:
        """What the provider calls the request, for whoever asks its people about it."""
        headers = trouble.headers
        found = next((headers[name] for name in _REQUEST_ID_HEADERS if headers.get(name)), None)
        if found is None and self._named is not None:
            found = self._named(trouble.payload)
        return mask(str(found))[:_MAX_REQUEST_ID] if found else None

    def _detail(self, trouble: Trouble, mask: Mask) -> str | None:
        payload = trouble.payload
        if payload is None:
            found = _TAG.sub(" ", trouble.text)
        else:
            picked = self._words(payload) if self._words else None
            found = readable(picked if picked else payload)
        # Masked before it is cut: half a secret is no longer recognised.
        line = " ".join(mask(found).split())
        return (line if len(line) <= _MAX_DETAIL else line[: _MAX_DETAIL - 1] + "…") or None


_ERRORS: Mapping[Reaction, type[ProviderError]] = {
    Reaction.DOWN: Down,
    Reaction.MISROUTED: Down,
    Reaction.NOT_ALLOWED: NotAllowed,
    Reaction.REFUSED: Refused,
    Reaction.GONE: Gone,
}


class Mask:
    """Takes secrets out of texts, also in the spellings that JSON and URLs give them."""

    def __init__(self, secrets: Iterable[Secret] = (), addresses: Iterable[str] = ()) -> None:
        self._secrets = tuple(secrets)
        spellings: set[str] = set()
        for secret in self._secrets:
            value = secret.reveal()
            # A Sanctum token is "<number>|<key>" (Cachet 3): the key alone is as secret as the whole.
            for part in {value, value.rpartition("|")[2]} - {""}:
                spellings |= {part, quote(part, safe=""), json.dumps(part)[1:-1]}
        self._spellings = sorted(spellings, key=len, reverse=True)
        self._addresses = tuple({form for text in addresses for form in (text, quote(text, safe=""))})

    def __call__(self, text: str) -> str:
        """The text with dots in place of secrets."""
        for spelling in self._spellings:
            text = text.replace(spelling, "•••")
        return without_addresses(text, self._addresses)

    def hiding(self, addresses: Iterable[str]) -> Mask:
        """A mask that hides addresses of people as well, which a request holds and its answer may repeat."""
        return Mask(self._secrets, addresses)

    def __repr__(self) -> str:
        return f"Mask({len(self._spellings)} spellings)"


def outcome(trouble: Trouble) -> Outcome:
    """What is known about the effect of the call; unknown in doubt, as a second write may be a second incident."""
    if not trouble.write or not trouble.sent:
        return Outcome.NOT_DONE
    status = trouble.status
    if status is None or status < 300 or status >= 500:
        return Outcome.UNKNOWN
    # 302 and 303 are also how applications answer *after* a form was accepted; 408 comes after a partial send.
    return Outcome.UNKNOWN if status in (302, 303, 408) else Outcome.NOT_DONE


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that ``Retry-After`` asks for (a number or an HTTP date); None when it is missing or nonsense.

    A date is measured against the answer's own ``Date``, so that a wrong clock on either side does no harm.
    """
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        until = _http_date(value)
        if until is None:
            return None
        seconds = (until - (_http_date(headers.get("date", "")) or now)).total_seconds()
    return None if math.isnan(seconds) else min(max(seconds, 1.0), _MAX_PAUSE)


def spent(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to stay away because an answer says that it was the last one for now; None when it does not say so.

    ``X-RateLimit-Remaining: 0`` alone tells nothing about the end (Cachet 3 names it on a refusal only): then the
    next call is refused, and that refusal tells.
    """
    if headers.get("x-ratelimit-remaining", "").strip() != "0":
        return None
    away = retry_after(headers, now)
    reset = headers.get("x-ratelimit-reset", "").strip()
    if away is None and reset.isdigit():
        # Seconds since 1970 (Laravel), measured on the answer's own clock.
        left = int(reset) - (_http_date(headers.get("date", "")) or now).timestamp()
        away = min(max(left, 1.0), _MAX_PAUSE)
    return away


def readable(value: Any) -> str:
    """An error body of any shape (text, list, mapping, nested) as one readable text."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        parts = [(str(key), readable(inner)) for key, inner in value.items()]
        return "; ".join(f"{key}: {text}" for key, text in parts if text)
    if isinstance(value, (list, tuple)):
        return "; ".join(text for text in map(readable, value) if text)
    return "" if value is None else str(value)


def first_of(*keys: str) -> Callable[[Any], Any]:
    """A picker for :class:`Failures`: the first of these keys that is there and not empty."""

    def pick(payload: Any) -> Any:
        if not isinstance(payload, Mapping):
            return payload
        return next((payload[key] for key in keys if payload.get(key)), None)

    return pick


def _message(reaction: Reaction, trouble: Trouble) -> str:
    if reaction is Reaction.DOWN:
        if trouble.cause:
            return trouble.cause
        return "the destination is in trouble"
    if reaction is Reaction.MISROUTED:
        return _misrouted(trouble)
    if reaction is Reaction.NOT_ALLOWED:
        if trouble.status == 401:
            return "the destination does not accept the token: check the destination's `token`"
        return "the token may not do this: check its abilities on the destination"
    return {
        Reaction.BUSY: "the destination asks us to wait",
        Reaction.REFUSED: "the destination refuses the object",
        Reaction.GONE: "the remote object is not there any more",
    }[reaction]


def _misrouted(trouble: Trouble) -> str:
    target = trouble.headers.get("location")
    if target:
        parts = urlsplit(target)
        place = f"{parts.scheme}://{parts.hostname or ''}{parts.path}" if parts.scheme else parts.path
        return f"the destination redirects to {place}, which is not followed: put the final address into its `url`"
    return "there is no such API at this address: check the destination's `url` and whether its API is switched on"


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
