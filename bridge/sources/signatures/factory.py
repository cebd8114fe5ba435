"""From a scheme to the one who checks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bridge.config.schemes import (
    EntraScheme,
    FieldToken,
    HeaderToken,
    HmacScheme,
    Scheme,
    SnsScheme,
    StandardWebhooksScheme,
)
from bridge.secret import Secret
from bridge.sources.signatures.verifier import Verifier

if TYPE_CHECKING:
    from bridge.sources.signatures.fetch import Fetch

# ruff: noqa: PLC0415 - a bridge whose sources sign nothing, or nothing special, needs none of these


class Verifiers:
    """Makes verifiers; those of Amazon SNS share their certificates, those of one tenant of Entra ID its keys.

    Args:
        fetch: how to ask Amazon SNS and Entra ID; None asks over the network.
    """

    def __init__(self, fetch: Fetch | None = None) -> None:
        self._fetch = fetch
        self._sns: Callable[[SnsScheme], Verifier] | None = None
        self._entra: Callable[[EntraScheme], Verifier] | None = None

    def make(self, scheme: Scheme, secrets: Sequence[Secret]) -> Verifier:
        """A verifier for a scheme and its secrets.

        Raises:
            ConfigError: when a secret cannot be one of this scheme.
        """
        match scheme:
            case HmacScheme():
                from bridge.sources.signatures.hmacs import HmacVerifier

                return HmacVerifier(scheme, secrets)
            case StandardWebhooksScheme():
                from bridge.sources.signatures.standard import StandardWebhooksVerifier

                return StandardWebhooksVerifier(scheme, secrets)
            case HeaderToken():
                from bridge.sources.signatures.tokens import HeaderTokenVerifier

                return HeaderTokenVerifier(scheme, secrets)
            case FieldToken():
                from bridge.sources.signatures.tokens import FieldTokenVerifier

                return FieldTokenVerifier(scheme, secrets)
            case SnsScheme():
                return self._make_sns(scheme)
            case EntraScheme():
                return self._make_entra(scheme)

    def _make_sns(self, scheme: SnsScheme) -> Verifier:
        if self._sns is None:
            from bridge.sources.signatures.certificates import Certificates
            from bridge.sources.signatures.fetch import fetch
            from bridge.sources.signatures.sns import SnsVerifier

            ask = self._fetch or fetch
            certificates = Certificates(ask)
            self._sns = lambda one: SnsVerifier(one, certificates, ask)
        return self._sns(scheme)

    def _make_entra(self, scheme: EntraScheme) -> Verifier:
        if self._entra is None:
            from bridge.sources.signatures.entra import EntraVerifier
            from bridge.sources.signatures.fetch import fetch
            from bridge.sources.signatures.tenantkeys import TenantKeys

            keys = TenantKeys(self._fetch or fetch)
            self._entra = lambda one: EntraVerifier(one, keys)
        return self._entra(scheme)
