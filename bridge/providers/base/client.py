"""A provider as a library: collections as attributes, settings from arguments or the environment, no store needed.

::

    class Client(BaseClient):
        provider = "statuspage"
        failures = FAILURES
        options = Options
        environment = {"token": "STATUSPAGE_TOKEN", "page_id": "STATUSPAGE_PAGE_ID", "url": "STATUSPAGE_URL"}
        address = staticmethod(address)

        incidents = Part(Incidents)

    with Client(token="…", page_id="…") as client:
        for incident in client.incidents.list():
            print(incident.id, incident.name)
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar, Generic, Self, TypedDict, TypeVar, cast, overload

import marshmallow

from bridge.clock import Clock
from bridge.config.settings import DestinationSettings
from bridge.errors import ConfigError
from bridge.model.facts import Call
from bridge.providers.base import mapping as mappings
from bridge.providers.base.failures import Failures, readable
from bridge.providers.base.http import Address, Http
from bridge.providers.base.pace import LocalBudget, PatientHttp
from bridge.providers.base.provider import Budget, Observer
from bridge.providers.base.resource import Resource
from bridge.secret import Secret

R = TypeVar("R", bound=Resource[Any])

_PATIENCE = 120.0
_TRANSPORT = frozenset(
    {"connect_timeout", "read_timeout", "wait", "rate", "budget", "observe", "clock", "environ", "verify"}
)


class Transport(TypedDict, total=False):
    """How a client goes about its calls; every part has a default.

    Attributes:
        connect_timeout: seconds.
        read_timeout: seconds of silence, and at most so many for reading an answer.
        wait: instead of raising ``Busy``, wait up to so many seconds per call; True is two minutes.
        rate: calls and window in seconds; the provider's own from ``mappings/`` when left out.
        budget: a budget to share with other clients, instead of ``rate``.
        observe: told after every call, also after a failed one.
        clock: for the times of calls.
        environ: read in place of the environment.
        verify: file of the certificates to trust, for a server with one of its own; False trusts any, so that
            whoever stands between can read the token.
    """

    connect_timeout: float
    read_timeout: float
    wait: bool | float
    rate: tuple[int, float]
    budget: Budget
    observe: Observer
    clock: Clock
    environ: Mapping[str, str]
    verify: bool | str


class Part(Generic[R]):
    """A collection of a client, made when it is first asked for.

    Args:
        resource: what it is.
    """

    def __init__(self, resource: type[R]) -> None:
        self.resource = resource

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...

    @overload
    def __get__(self, client: BaseClient, owner: type) -> R: ...

    def __get__(self, client: BaseClient | None, owner: type) -> Self | R:
        if client is None:
            return self
        made = client.__dict__.get(self._name)
        if made is None:
            # In the instance's own dict, where it is found before this descriptor from now on.
            made = client.__dict__[self._name] = client.make(self.resource)
        return cast(R, made)


class BaseClient:
    """What all clients share. Safe for several threads; close it, or use it with ``with``.

    Attributes:
        provider: name of the provider, which is also that of its mapping.
        failures: the provider's failure table.
        options: schema of the provider's own settings.
        environment: setting → environment variable that is read where no argument is given, or several of which the
            first one counts that is set.
        needed: settings that must be there.
        words: the provider's words and what they mean: ``client.words.of(ComponentStatus, component.status)``,
            ``client.words.to(ComponentStatus.DEGRADED)``. Canonical values in calls are translated by themselves.
        budget: the rate budget, to share with other clients of the same token.
        settings: what was given, checked.

    Args:
        given: the arguments of the subclass; None means not given.
        transport: how to go about the calls.

    Raises:
        ConfigError: a setting is missing or cannot be used; all problems at once.
    """

    provider: ClassVar[str]
    failures: ClassVar[Failures]
    options: ClassVar[type[marshmallow.Schema]]
    environment: ClassVar[Mapping[str, str | tuple[str, ...]]]
    needed: ClassVar[tuple[str, ...]] = ("token",)

    def __init__(self, given: Mapping[str, Any], **transport: Any) -> None:
        strange = sorted(set(transport) - _TRANSPORT)
        if strange:
            raise TypeError(
                f"Client takes no {', '.join(strange)}; it takes {', '.join([*given, *sorted(_TRANSPORT)])}"
            )
        self.words = mappings.load(self.provider)
        self.settings = self._settle(given, transport)
        self.budget: Budget = transport.get("budget") or LocalBudget(
            *(transport.get("rate") or (self.words.limits.calls, self.words.limits.window)),
            reads_apart=self.words.limits.reads_by_address,
        )
        self.http = self._connect(transport)

    @staticmethod
    def address(settings: DestinationSettings) -> Address:
        """Where the API of a destination with these settings is; each provider has this function already."""
        raise NotImplementedError

    def make(self, resource: type[R]) -> R:
        """A collection of this client."""
        made = resource(self.http, **self.constants())
        made.words = self.words
        return made

    def constants(self) -> dict[str, str]:
        """Values for the ``{names}`` that paths have in common: the provider's own settings that were given."""
        return {name: str(value) for name, value in self.settings.options.items() if isinstance(value, str) and value}

    def judgement(self) -> Failures:
        """The failure table of this client."""
        return self.failures

    def close(self) -> None:
        """Close the connections. A later call opens new ones."""
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{self.provider} client for {self.http.base}>"

    @classmethod
    def parts(cls) -> dict[str, type[Resource[Any]]]:
        """Attribute → declared resource."""
        found: dict[str, type[Resource[Any]]] = {}
        for base in reversed(cls.__mro__):
            found |= {name: part.resource for name, part in vars(base).items() if isinstance(part, Part)}
        return found

    @classmethod
    def served(cls) -> dict[tuple[str, str], str]:
        """(HTTP method, path template) → the method that makes the call, such as ``incidents.list``."""
        found: dict[tuple[str, str], str] = {}
        for name, resource in cls.parts().items():
            for call, method in resource.served().items():
                found.setdefault(call, f"{name}.{method}")
        return found

    def _settle(self, given: Mapping[str, Any], transport: Mapping[str, Any]) -> DestinationSettings:
        environ = transport.get("environ", os.environ)
        found: dict[str, Any] = {}
        for name, value in given.items():
            told = next(filter(None, map(environ.get, self._variables(name))), None) if value is None else value
            if told is not None:
                found[name] = told
        problems = [self._missing(name) for name in self.needed if not found.get(name)]
        token, url = found.pop("token", ""), found.pop("url", None)
        try:
            # What the schema demands is demanded by the call that needs it, unless it is in ``needed``.
            schema = self.options()
            optional = [name for name, field in schema.fields.items() if field.required]
            options = schema.load(found, partial=optional)
        except marshmallow.ValidationError as error:
            problems += [f"{name} {readable(texts)}" for name, texts in error.messages_dict.items()]
        if problems:
            raise ConfigError(problems)
        return DestinationSettings(
            name="client",
            type=self.provider,
            token=token if isinstance(token, Secret) else Secret(str(token)),
            url=url,
            options=MappingProxyType(dict(options)),
            **{name: transport[name] for name in ("connect_timeout", "read_timeout") if name in transport},
        )

    def _missing(self, name: str) -> str:
        variables = self._variables(name)
        return f"{name} is missing: pass {name}=… to Client" + (f", or set {variables[0]}" if variables else "")

    def _variables(self, name: str) -> tuple[str, ...]:
        variables = self.environment.get(name, ())
        return (variables,) if isinstance(variables, str) else variables

    def _connect(self, transport: Mapping[str, Any]) -> Http:
        return self._connect_to(self.address(self.settings), transport)

    def _connect_to(self, address: Address, transport: Mapping[str, Any]) -> Http:
        wait = transport.get("wait", False)
        where = (
            replace(address, verify=transport.get("verify", True)),
            self.judgement(),
            self.budget,
            transport.get("observe", _ignore),
            transport.get("clock"),
        )
        if not wait:
            return Http(*where)
        return PatientHttp(*where, patience=_PATIENCE if wait is True else float(wait))


def _ignore(call: Call) -> None:
    """Nobody wants to know of the calls."""
