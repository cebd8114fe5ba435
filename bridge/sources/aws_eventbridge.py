"""Amazon EventBridge API destinations: CloudWatch alarms and AWS Health.

The body is the event itself, unless an input transformer of the rule reshaped it. How events are read is written in
``bridge.sources.eventbridge``, because SNS brings them too.
"""

from __future__ import annotations

from typing import ClassVar

from bridge.sources.eventbridge import EventSource
from bridge.sources.record import Record, Resolves


class AwsEventBridge(EventSource):
    """``type: aws-eventbridge``."""

    name: ClassVar[str] = "aws-eventbridge"
    record = Record(
        title="Amazon EventBridge",
        resolves=Resolves.YES,
        setup=(
            "Create an API destination with the address of this source, and a connection with an API key in a"
            " header: auth: {header: …}.",
            "Add a rule for the events “CloudWatch Alarm State Change” (source aws.cloudwatch).",
        ),
        used=(
            "detail-type, resources, detail.alarmName, detail.state, detail.previousState, detail.configuration, time"
        ),
        limits=(
            "Alarms whose actions are suppressed are ignored.",
            "Events of AWS Health are understood here too.",
        ),
        secrets=("Signature", "SubscribeURL", "Token", "UnsubscribeURL"),
    )
