"""A maintenance told in one message, for providers where a maintenance has no updates of its own."""

from __future__ import annotations

from bridge.model.enums import TextFormat
from bridge.model.objects import Maintenance, Text
from bridge.providers.base.phrases import PHRASES
from bridge.providers.base.text import render


def folded(maintenance: Maintenance, language: TextFormat) -> str:
    """The message with all updates below it, each under its time; never empty."""
    phrase = Text(PHRASES[maintenance.status], TextFormat.PLAIN)
    texts = [render(maintenance.message, language) or render(phrase, language)]
    for update in maintenance.updates:
        when = Text(f"{update.at:%Y-%m-%d %H:%M} UTC", TextFormat.PLAIN)
        texts += [render(when, language), render(update.message, language)]
    glue = "" if language is TextFormat.HTML else "\n\n"
    return glue.join(text for text in texts if text)
