"""A look of its own for each provider, and words for a visitor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """How one provider's page is told apart.

    Attributes:
        product: name of the provider's product.
        accent: colour of links and edges on a light ground.
        accent_dark: the same on a dark ground.
        credential: the header that its API takes, with ``{token}`` in it.
    """

    product: str
    accent: str
    accent_dark: str
    credential: str


LOOKS = {
    "cachet2": Look("Cachet 2", "#2e6fb5", "#86b6ea", "X-Cachet-Token: {token}"),
    "cachet3": Look("Cachet 3", "#0b7a5c", "#5fd3ae", "Authorization: Bearer {token}"),
    "statuspage": Look("Statuspage", "#4338ca", "#a5b4fc", "Authorization: OAuth {token}"),
    "pingpong": Look("PingPong", "#b4236a", "#f59ac2", "Authorization: Token {token}"),
}


def look_of(provider: str) -> Look:
    """The look of a provider; one that is not known gets a plain one."""
    return LOOKS.get(provider, Look(provider, "#44505c", "#b8c4d0", "{token}"))


def say(word: str) -> str:
    """A status word for a visitor: ``degraded_performance`` becomes "Degraded performance"."""
    spaced = word.replace("_", " ").strip()
    return spaced[:1].upper() + spaced[1:] if spaced else "No status"
