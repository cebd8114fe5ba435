"""Sources that let in more than was meant, or nobody: what of their ``auth:`` is right in form and weak in effect."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bridge.cli.recoveries import Doubt
from bridge.config.schemes import SnsScheme
from bridge.config.settings import AuthKind, Settings, SourceSettings

SHORTEST_PATH = 16
"""Characters of a secret in a path; a shorter one can be guessed, and whoever guesses it may open incidents."""
_ARN = "arn:"
_OF_AN_ACCOUNT = re.compile(r"arn:[^:]+:sns:[^:]+:\d{12}:.+")


def weak_proofs(settings: Settings) -> Iterator[Doubt]:
    """A warning for each source whose authentication says less than its author may think."""
    for source in settings.sources.values():
        for why, hint in (*_of_topics(source), *_of_path(source)):
            yield Doubt(source.name, why, hint, is_warning=True)


def _of_topics(source: SourceSettings) -> Iterator[tuple[str, str]]:
    topics = source.auth.scheme.topics if isinstance(source.auth.scheme, SnsScheme) else ()
    hint = "write topics as arn:aws:sns:<region>:<account>:<name>; '*' may stand for the region and in the name"
    for topic in topics:
        if not topic.startswith((_ARN, "*")):
            yield f"the topic {topic!r} is no ARN, so nothing is let in by it", hint
        elif not _OF_AN_ACCOUNT.fullmatch(topic):
            yield f"the topic {topic!r} names no account: topics of any customer of AWS are let in", hint


def _of_path(source: SourceSettings) -> Iterator[tuple[str, str]]:
    if source.auth.kind is AuthKind.PATH and any(len(each.reveal()) < SHORTEST_PATH for each in source.auth.secrets):
        yield (
            f"its secret in the path has fewer than {SHORTEST_PATH} characters and can be guessed",
            "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe())'",
        )
