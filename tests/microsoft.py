"""Microsoft Entra ID, played with a key made here: gives tokens, serves the keys of its tenant, counts who asks."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from bridge.config.schemes import EntraScheme
from bridge.sources.signatures.fetch import Fetched
from bridge.sources.signatures.verifier import CannotCheck
from tests.amazon import rsa_key

TENANT = "11111111-2222-3333-4444-555555555555"
AUDIENCE = "99999999-8888-7777-6666-555555555555"
SCHEME = EntraScheme(TENANT, (AUDIENCE,))
KEYS = f"https://login.microsoftonline.com/{TENANT}/discovery/v2.0/keys"


def coded(data: Any) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def claims(now: float, **changes: Any) -> dict[str, Any]:
    """What a token of version 1 for the secure webhook claims; a change to None leaves the claim out."""
    made = {
        "iss": f"https://sts.windows.net/{TENANT}/",
        "aud": f"api://{AUDIENCE}",
        "tid": TENANT,
        "appid": SCHEME.application,
        "roles": [SCHEME.role],
        "iat": int(now) - 60,
        "nbf": int(now) - 60,
        "exp": int(now) + 3600,
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def token(told: Any, key: Any = None, **head: Any) -> str:
    """A signed token."""
    signed = f"{coded({'typ': 'JWT', 'alg': 'RS256', 'kid': 'one', **head})}.{coded(told)}"
    signature = (key or rsa_key()).sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{coded(signature)}"


def key_told(name: str = "one", key: Any = None, **changes: Any) -> dict[str, Any]:
    """A public key as a key set has it."""
    numbers = (key or rsa_key()).public_key().public_numbers()
    exponent, modulus = numbers.e.to_bytes(3, "big"), numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
    return {"kty": "RSA", "use": "sig", "kid": name, "n": coded(modulus), "e": coded(exponent), **changes}


class Microsoft:
    """Answers what ``fetch`` asks; ``down`` makes it silent."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = list(keys) or [key_told()]
        self.asked: list[str] = []
        self.status = 200
        self.down = False

    def __call__(self, url: str) -> Fetched:
        self.asked.append(url)
        if self.down:
            raise CannotCheck("login.microsoftonline.com cannot be reached.")
        return Fetched(self.status, json.dumps({"keys": self.keys}).encode())
