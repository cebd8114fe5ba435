"""The schemes of the vendors, each in the words of the vendor's own documentation or source.

A scheme that belongs to one source type may as well be written in its file; here they are read side by side.
"""

from __future__ import annotations

from bridge.config.schemes import (
    BODY,
    TIMESTAMP,
    FieldToken,
    HeaderToken,
    HmacScheme,
    SnsScheme,
    StandardWebhooksScheme,
)

PAGERDUTY = HmacScheme("x-pagerduty-signature", prefix="v1=", separator=",")
"""V3 webhooks: one entry for each active secret, so that rotation needs no pause. No time is signed."""

SENTRY = HmacScheme("sentry-hook-signature")
"""The integration's client secret. ``Sentry-Hook-Timestamp`` is not covered, so it is no defence and not looked at."""

GRAFANA = HmacScheme("x-grafana-alerting-signature", timed_by_choice=True)
"""Since Grafana 12. A time is signed, as ``<seconds>:<body>``, when a timestamp header is configured there: then write
``auth: {hmac: {timestamp_header: …}}`` here too."""

GITHUB = HmacScheme("x-hub-signature-256", prefix="sha256=")
"""The SHA-1 header is legacy and never enough."""

CHECKLY = HmacScheme("x-checkly-signature")
"""``x-checkly-timestamp`` is sent and not signed."""

FIREHYDRANT = HmacScheme("fh-signature")

ROOTLY = HmacScheme("x-rootly-signature", prefix="v1=", separator=",", timestamp_prefix="t=", signed=TIMESTAMP + BODY)
"""Time and body without anything between them, as in the vendor's examples; a dot is another vendor's form."""

INSTATUS = HmacScheme("x-instatus-webhook-signature")
"""Its help page digests the payload as JavaScript writes JSON, in hexadecimal: the bytes that it posts."""

CACHET3 = HmacScheme("signature")
"""Cachet 3 source: over the raw body, in which PHP escapes slashes and everything that is not ASCII."""

STANDARD_WEBHOOKS = StandardWebhooksScheme()
"""incident.io and everyone else behind Svix."""

CLOUDFLARE = HeaderToken("cf-webhook-auth")
HONEYCOMB = HeaderToken("x-honeycomb-webhook-token")
STATUSCAKE = FieldToken("Token", of_account=True)

SNS = SnsScheme()
