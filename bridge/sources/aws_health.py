"""AWS Health, through an EventBridge API destination or an SNS topic behind the rule.

The same events as in ``bridge.sources.aws_eventbridge``, for whoever wants "the provider is down" by itself: what is no
AWS Health event is ignored.
"""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.events import Event
from bridge.sources.batch import Notes, SourceOptions
from bridge.sources.eventbridge import EventSource
from bridge.sources.fields import shown
from bridge.sources.record import Record, Resolves
from bridge.sources.single import ignored

_KIND = "AWS Health Event"


class AwsHealth(EventSource):
    """``type: aws-health``."""

    name: ClassVar[str] = "aws-health"
    options_schema: ClassVar[type[Schema]] = SourceOptions
    record = Record(
        title="AWS Health",
        resolves=Resolves.YES,
        setup=(
            "Send the events of the source aws.health to this source, through EventBridge as aws-eventbridge does.",
        ),
        used=(
            "detail.eventArn, detail.statusCode, detail.eventTypeCategory, detail.eventTypeCode, "
            "detail.service, detail.eventRegion, detail.startTime, detail.endTime, detail.eventDescription"
        ),
        limits=("An end time alone does not mean that it is over.",),
        secrets=("Signature", "SubscribeURL", "Token", "UnsubscribeURL"),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """What one event says."""
        if alert["kind"] and alert["kind"] != _KIND:
            return ignored(alert["id"], f"{shown(alert['kind'])} is no event of AWS Health")
        return super().event(alert, notes)
