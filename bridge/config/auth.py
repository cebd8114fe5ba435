"""How a source proves who it is: ``auth:``, or ``secrets:`` where the type says how its vendor signs. No default."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import Any

from bridge.config.problems import Place
from bridge.config.schema import AUTH_HINT, AuthSchema
from bridge.config.schemes import (
    BODY,
    ID,
    TIMESTAMP,
    EntraScheme,
    HeaderToken,
    HmacScheme,
    Scheme,
    SnsScheme,
    StandardWebhooksScheme,
)
from bridge.config.settings import AuthKind, AuthSettings
from bridge.config.shape import Shaper, join
from bridge.config.yaml import Listing, Node, Scalar, Table
from bridge.secret import Secret

_IN_A_PATH = re.compile(r"[A-Za-z0-9._~-]+\Z")
_ED25519_BYTES = 32
_HOLE = re.compile(r"\{[^{}]*\}")
_SECRETS_HINT = "write secrets: [${NAME}] with the secret that the tool shows"
_SNS_HINT = "write auth: {sns: {topics: ['arn:aws:sns:…']}}"


def read_source_auth(shaper: Shaper, source: Table, path: str, scheme: Scheme | None) -> AuthSettings | None:
    """Read ``auth:`` or ``secrets:`` of one source; None when it is wrong or missing, which is then noted.

    Args:
        shaper: takes what is wrong.
        source: the entry of the source.
        path: dotted path of the entry.
        scheme: how the vendor of the source's type signs; None where it does not, or the type is not known.
    """
    auth, secrets = source.get("auth"), source.get("secrets")
    if auth is not None and secrets is not None:
        place = replace(source.entries["secrets"].key.place, path=join(path, "secrets"))
        shaper.problems.error(place, "one source has one way to authenticate", hint="remove 'auth' or 'secrets'")
        return None
    if auth is not None:
        return read_auth(shaper, auth, join(path, "auth"), scheme)
    if secrets is not None:
        return _read_secrets(shaper, source, secrets, path, scheme)
    hint = AUTH_HINT
    if scheme is not None:
        hint = f"{_SNS_HINT if isinstance(scheme, SnsScheme) else _SECRETS_HINT}, or {AUTH_HINT.removeprefix('write ')}"
    shaper.problems.error(replace(source.place, path=path), "the key 'auth' is missing", hint=hint)
    return None


def read_auth(shaper: Shaper, node: Node, path: str, scheme: Scheme | None = None) -> AuthSettings | None:
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
    found = data.get(kinds[0])
    if not found:
        return None
    where = replace(node.entries[kinds[0]].value.place, path=join(path, kinds[0]))
    return _settings(shaper, kinds[0], found, where, scheme)


def _settings(shaper: Shaper, kind: str, found: Any, where: Place, scheme: Scheme | None) -> AuthSettings | None:
    match kind:
        case "basic":
            whole = {"username", "password"} <= set(found)
            return AuthSettings(AuthKind.BASIC, tuple(found["password"]), found["username"]) if whole else None
        case "hmac":
            return _hmac(shaper, found, where, scheme)
        case "header":
            whole = {"name", "secrets"} <= set(found)
            return _signed(HeaderToken(found["name"]), found["secrets"]) if whole else None
        case "standard_webhooks":
            base = scheme if isinstance(scheme, StandardWebhooksScheme) else StandardWebhooksScheme()
            return _signed(base, found) if _are_keys(shaper, found, where) else None
        case "sns":
            given = {**found, "topics": tuple(found["topics"])} if "topics" in found else None
            return _signed(SnsScheme(**given), ()) if given else None
        case "entra":
            whole = {"tenant", "audience"} <= set(found)
            return _signed(EntraScheme(**{**found, "audience": tuple(found["audience"])}), ()) if whole else None
        case "path" if not all(_IN_A_PATH.match(secret.reveal()) for secret in found):
            hint = "use letters, digits, '-', '_', '.' and '~' only, for example from: openssl rand -hex 24"
            shaper.problems.error(where, "this secret cannot stand in a path", hint=hint)
            return None
        case _:
            return AuthSettings(AuthKind(kind), tuple(found))


def _signed(scheme: Scheme, secrets: Any) -> AuthSettings:
    return AuthSettings(AuthKind.SIGNATURE, tuple(secrets), scheme=scheme)


def _read_secrets(shaper: Shaper, source: Table, node: Node, path: str, scheme: Scheme | None) -> AuthSettings | None:
    """``secrets:``. The list itself was checked with the rest of the source; here the values are taken."""
    place = replace(source.entries["secrets"].key.place, path=join(path, "secrets"))
    if scheme is None or isinstance(scheme, SnsScheme):
        why = "this type needs more than a secret" if scheme else "this type does not say how its sender signs"
        shaper.problems.error(place, why, hint=_SNS_HINT if scheme else AUTH_HINT)
        return None
    nodes = node.items if isinstance(node, Listing) else [node]
    texts = [shaper.secret(item, place.path) for item in nodes if isinstance(item, Scalar)]
    secrets = [Secret(text) for text in texts if text]
    if not secrets or len(secrets) < len(nodes):
        return None
    if isinstance(scheme, StandardWebhooksScheme) and not _are_keys(shaper, secrets, place):
        return None
    return _signed(scheme, secrets)


def _are_keys(shaper: Shaper, secrets: Any, where: Place) -> bool:
    """Whether all secrets can be keys of Standard Webhooks: base 64, with or without its prefix."""
    for secret in secrets:
        coded = secret.reveal().removeprefix("whsec_").removeprefix("whpk_")
        try:
            key = base64.b64decode(coded.rstrip("=") + "=" * (-len(coded.rstrip("=")) % 4), validate=True)
        except ValueError:
            key = b""
        if not key or (secret.reveal().startswith("whpk_") and len(key) != _ED25519_BYTES):
            shaper.problems.error(where, "this is no secret of Standard Webhooks", hint="it reads whsec_ and base 64")
            return False
    return True


def _hmac(shaper: Shaper, found: dict[str, Any], where: Place, scheme: Scheme | None) -> AuthSettings | None:
    base = scheme if isinstance(scheme, HmacScheme) else None
    given = {name: value for name, value in found.items() if name != "secrets"}
    if base is None and "header" not in given:
        shaper.problems.error(where, "the header with the signature is missing", hint="add 'header: X-Signature'")
        return None
    timed = "timestamp_header" in given or "timestamp_prefix" in given
    if "signed" not in given and timed and (base is None or TIMESTAMP not in base.signed):
        given["signed"] = f"{TIMESTAMP}{':' if base is not None and base.timed_by_choice else '.'}{BODY}"
    made = replace(base, **given) if base is not None else HmacScheme(**given)
    why = _wrong_in(made)
    if why:
        shaper.problems.error(where, why, hint="for example {timestamp}.{body} with timestamp_header: X-Timestamp")
        return None
    return _signed(made, found["secrets"]) if "secrets" in found else None


def _wrong_in(scheme: HmacScheme) -> str | None:
    """What does not fit together in a scheme."""
    holes = _HOLE.findall(scheme.signed)
    has_time = scheme.timestamp_header is not None or scheme.timestamp_prefix is not None
    if holes.count(BODY) != 1 or not set(holes) <= {BODY, TIMESTAMP, ID}:
        return "'signed' needs {body} once, and may hold {timestamp} and {id}"
    if (TIMESTAMP in holes) != has_time:
        return "a time is signed exactly if 'timestamp_header' or 'timestamp_prefix' says where it is"
    if scheme.timestamp_prefix is not None and scheme.separator is None:
        return "'timestamp_prefix' needs a 'separator', such as ','"
    if (ID in holes) != (scheme.id_header is not None):
        return "an id is signed exactly if 'id_header' says where it is"
    return None
