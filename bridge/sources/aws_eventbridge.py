"""Amazon EventBridge API destinations: CloudWatch alarms and AWS Health.

The body is the event itself, unless an input transformer of the rule reshaped it. How events are read is written in
``bridge.sources.eventbridge``, because SNS brings them too.
"""

from __future__ import annotations

from typing import ClassVar

from bridge.sources.eventbridge import EventSource


class AwsEventBridge(EventSource):
    """``type: aws-eventbridge``."""

    name: ClassVar[str] = "aws-eventbridge"
