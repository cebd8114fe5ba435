from __future__ import annotations

import base64

import pytest

from bridge.config.settings import AuthKind, AuthSettings
from bridge.errors import NotAuthentic
from bridge.secret import Secret
from bridge.sources.auth import authenticate

OLD, NEW = Secret("old-séçret"), Secret("new-secret")


def latin(header: str) -> str:
    """A header as WSGI hands it over: its bytes as Latin-1."""
    return header.encode().decode("latin-1")


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


BEARER = AuthSettings(AuthKind.BEARER, (OLD, NEW))
BASIC = AuthSettings(AuthKind.BASIC, (OLD, NEW), username="prom")
PATH = AuthSettings(AuthKind.PATH, (OLD, NEW))
NONE = AuthSettings(AuthKind.NONE)


@pytest.mark.parametrize(
    ("auth", "header", "secret"),
    [
        (BEARER, latin("Bearer old-séçret"), None),
        (BEARER, "bearer   new-secret ", None),
        (BASIC, basic("prom", "old-séçret"), None),
        (BASIC, basic("prom", "new-secret"), None),
        (PATH, None, "old-séçret"),
        (PATH, "Bearer whatever", "new-secret"),
        (NONE, None, None),
        (NONE, "Bearer whatever", None),
    ],
)
def test_whoever_has_one_of_the_secrets_gets_in(auth: AuthSettings, header: str | None, secret: str | None) -> None:
    authenticate(auth, header, secret)


@pytest.mark.parametrize(
    ("auth", "header", "secret"),
    [
        (BEARER, None, None),
        (BEARER, "", None),
        (BEARER, "Bearer", None),
        (BEARER, "Bearer ", None),
        (BEARER, "Bearer wrong", None),
        (BEARER, "Basic new-secret", None),
        (BEARER, "new-secret", None),
        (BEARER, "Bearer new-secret", "new-secret"),
        (BEARER, None, "new-secret"),
        (BASIC, "Basic %%%", None),
        (BASIC, "Basic " + base64.b64encode(b"prom").decode(), None),
        (BASIC, basic("prom", "wrong"), None),
        (BASIC, basic("other", "new-secret"), None),
        (BASIC, basic("", "new-secret"), None),
        (BASIC, "Bearer new-secret", None),
        (PATH, None, None),
        (PATH, None, ""),
        (PATH, None, "wrong"),
        (NONE, None, "something"),
        (AuthSettings(AuthKind.BEARER), "Bearer ", None),
        (AuthSettings(AuthKind.BEARER, (Secret(""),)), "Bearer ", None),
    ],
)
def test_nobody_else_does(auth: AuthSettings, header: str | None, secret: str | None) -> None:
    with pytest.raises(NotAuthentic) as refusal:
        authenticate(auth, header, secret)
    assert "new-secret" not in str(refusal.value)
    assert "wrong" not in str(refusal.value)


def test_all_secrets_are_compared_whichever_matches(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    real = Secret.matches
    monkeypatch.setattr(Secret, "matches", lambda self, other: compared.append(self) or real(self, other))
    authenticate(PATH, None, "old-séçret")
    assert compared == [OLD, NEW]
