"""``auth:`` of a source: how it proves who it is. There is no default."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from bridge.config.schema import AUTH_HINT, AuthSchema
from bridge.config.settings import AuthKind, AuthSettings
from bridge.config.shape import Shaper
from bridge.config.yaml import Node, Scalar, Table

_IN_A_PATH = re.compile(r"[A-Za-z0-9._~-]+\Z")


def read_auth(shaper: Shaper, node: Node, path: str) -> AuthSettings | None:
    """Read one ``auth:``; None when it is wrong, which is then noted."""
    if isinstance(node, Scalar) and node.unset:
        return None
    if isinstance(node, Scalar) and node.text == AuthKind.NONE:
        return AuthSettings(AuthKind.NONE)
    place = replace(node.place, path=path)
    if not isinstance(node, Table):
        empty = isinstance(node, Scalar) and node.value is None
        why = "a source without authentication needs the word none" if empty else "this is no way to authenticate"
        shaper.problems.error(place, why, hint=AUTH_HINT)
        return None
    data = shaper.load(AuthSchema(), node, path)
    kinds = [name for name in node.entries if name in AuthSchema().fields]
    if len(kinds) != 1:
        if not node.entries or kinds:
            why = "one source has one way to authenticate" if kinds else "the way to authenticate is missing"
            shaper.problems.error(place, why, hint=AUTH_HINT)
        return None
    return _settings(shaper, AuthKind(kinds[0]), data, node, path)


def _settings(shaper: Shaper, kind: AuthKind, data: dict[str, Any], node: Table, path: str) -> AuthSettings | None:
    found = data.get(kind)
    if not found:
        return None
    if kind is AuthKind.BASIC:
        if not {"username", "password"} <= set(found):
            return None
        return AuthSettings(kind, tuple(found["password"]), found["username"])
    if kind is AuthKind.PATH and not all(_IN_A_PATH.match(secret.reveal()) for secret in found):
        where = replace(node.entries[kind].value.place, path=f"{path}.{kind}")
        hint = "use letters, digits, '-', '_', '.' and '~' only, for example from: openssl rand -hex 24"
        shaper.problems.error(where, "this secret cannot stand in a path", hint=hint)
        return None
    return AuthSettings(kind, tuple(found))
