"""Messages that Amazon SNS really sent, with Amazon's own certificate: from the tests of AWS' own verifier.

They are those of aws/aws-sdk-java-v2, ``services-custom/sns-message-manager``, and prove the canonical string and both
versions of the signature with nothing that was made here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from signing import request

from bridge.config.schemes import SnsScheme
from bridge.errors import NotAuthentic
from bridge.sources.fields import to_moment
from bridge.sources.signatures.factory import Verifiers
from bridge.sources.signatures.sns import string_to_sign
from bridge.sources.signatures.verifier import Proof
from tests.amazon import Amazon

CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIFxTCCBK2gAwIBAgIQBkyRNHAyygLkObkxH5ju+zANBgkqhkiG9w0BAQsFADA8
MQswCQYDVQQGEwJVUzEPMA0GA1UEChMGQW1hem9uMRwwGgYDVQQDExNBbWF6b24g
UlNBIDIwNDggTTAxMB4XDTI1MTExMDAwMDAwMFoXDTI2MTAxNDIzNTk1OVowHDEa
MBgGA1UEAxMRc25zLmFtYXpvbmF3cy5jb20wggEiMA0GCSqGSIb3DQEBAQUAA4IB
DwAwggEKAoIBAQChbVNQ+DEaT5WN+l+bg0iEeF666Z6LDFc1KJr4lNl0odcXQSsk
KsZYCMVdp4I/Ikk9zWyckRTMkmQGYimpD+bTsMCP5C/sJIU0E9Y2OXjjl5Videkq
qnRL9VdE5N41Rvks7S/5MpYcSmCsmaHfwcv82Gvx2zm9CrA5Xu7K2ZqhzRQPCRSP
mHTHQr4ED63ujE+qTpPgQZ0TvgmcrAc08Z75Z7Zzs17aTNc3YhAtQx9WowN8uiHk
kgc+ONNdtwKvWZNmnbmxMHYtYc291WCP1K1Nh4TV5XNyjIebzQKDrqTCN0ItAr1x
e6Bl3BYS3SG9XHAy0q3ekITzQsKypcuaK6dTAgMBAAGjggLhMIIC3TAfBgNVHSME
GDAWgBSBuA5jiokSGOX6OztQlZ/m5ZAThTAdBgNVHQ4EFgQUBQEUzzzuVJAKzAlR
d0Q//W6HvZUwHAYDVR0RBBUwE4IRc25zLmFtYXpvbmF3cy5jb20wEwYDVR0gBAww
CjAIBgZngQwBAgEwDgYDVR0PAQH/BAQDAgWgMBMGA1UdJQQMMAoGCCsGAQUFBwMB
MDsGA1UdHwQ0MDIwMKAuoCyGKmh0dHA6Ly9jcmwucjJtMDEuYW1hem9udHJ1c3Qu
Y29tL3IybTAxLmNybDB1BggrBgEFBQcBAQRpMGcwLQYIKwYBBQUHMAGGIWh0dHA6
Ly9vY3NwLnIybTAxLmFtYXpvbnRydXN0LmNvbTA2BggrBgEFBQcwAoYqaHR0cDov
L2NydC5yMm0wMS5hbWF6b250cnVzdC5jb20vcjJtMDEuY2VyMAwGA1UdEwEB/wQC
MAAwggF/BgorBgEEAdZ5AgQCBIIBbwSCAWsBaQB3ANdtfRDRp/V3wsfpX9cAv/mC
yTNaZeHQswFzF8DIxWl3AAABmnAb33MAAAQDAEgwRgIhANXAgMEZWU326cqxqwnf
ntD0XcBjRbmvVMOp3hZ8boPXAiEAkI3NTMXcdLCChHak1ipOae7K7r3spMGUMk6Q
cEUKqBEAdgDCMX5XRRmjRe5/ON6ykEHrx8IhWiK/f9W1rXaa2Q5SzQAAAZpwG9+u
AAAEAwBHMEUCIQD+Qyok8NYaFuQkccW+XIMmxHxj6Yka2wjtg6UN/tbU5wIgcp4z
8MyC/dUfeLRuHAt0owtVgEu7xXqrMBOYlbXrfC4AdgDLOPcViXyEoURfW8Hd+8lu
8ppZzUcKaQWFsMsUwxRY5wAAAZpwG9+yAAAEAwBHMEUCIQCmu1jQUG9A2br7OqwM
FvQXtBX10yIvvDa6a2Ov1Zgg6gIgKlqRvN6WhX0pSHAN2bKmjRwIUI3X9kjS/A/m
DYULaV4wDQYJKoZIhvcNAQELBQADggEBAIbTQWQhqrG6SzwLq79tKCpI0aL0xlD+
/jrGPxpwTlK7rtAArHiEVh/bsmwLYRlIxPBiU+NE/kqeT0lhJA6/e3X3KRmnpJ6u
Z70PJGYwmZbSRsFom0vGFBMncX0qYx1iD0dooPeAkkSnM5j81rBh+FepV3HfF+tA
9gaglWLsU7Z/A0fdn9D32UPreVHloOut5EyEinvXRUAWZco9CRloyEXJr7Mxq9MZ
vYOK+5wuSPHnPij+fGlQsPxEgoTnCmU03PqNS49kL13jjEnYYdijqL+4rfHtuZbc
4hlVoZfttwg8wD3m5brhQ+GkBBNYN8HFtdVy/BnFi+SPJqv6BgB3Y00=
-----END CERTIFICATE-----
"""
"""Amazon's own, of November 2025 to October 2026."""
URL = "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-7506a1e35b36ef5a444dd1a8e7cc3ed8.pem"
TOPIC = "arn:aws:sns:us-west-2:131990247566:dongie-standard-topic"


def notification(version: str, identity: str, at: str, text: str, signature: str, **more: str) -> dict[str, Any]:
    told = {"Type": "Notification", "MessageId": identity, "TopicArn": TOPIC, **more, "Message": text}
    return {**told, "Timestamp": at, "SignatureVersion": version, "Signature": signature, "SigningCertURL": URL}


NOTIFICATIONS = {
    "test-notification-no-subject.json": notification(
        "1",
        "c0e5a280-53c9-5a98-93bb-c0a560b3d192",
        "2026-03-06T19:55:38.903Z",
        "This notification has no subject.",
        "h5/2kLNyPKvMH+ipOA1kueaA1GLFlcKbO/9o6GbH7BtKk/8lM8krPFDrV+Lwuq8yZDXTxeSXHR8pG1w9MkKQ3VlsHhMigy+5ejIsb+ZfpkDD"
        "O6dOACbkTg1twy9tLeKCyPfU01OokKTR6jlKJGCgXXDQm5Q1Fs4NfUz22xGqteycG1GIioqq2Hvd1PLsDkcoyUAhciugGFcZKIGjUbBtdhMT"
        "PFX1ed8iH+Y/p6o/eD0G2i614oRSXYRJyV2iNpl54LCCiCrAafAJAM5NXAJJq9CWyTjxHFC18FnPqSukW1/6Qa502oujhPJ/pyl+6mMBoF6L"
        "jnpbIyR8/Gmm+RY6fg==",
    ),
    "test-notification-with-subject.json": notification(
        "1",
        "26858270-545e-5848-82a2-e05566af3dcf",
        "2026-03-06T19:53:21.424Z",
        "Hello! This message has a subject.",
        "jvNSgHVOF9KUOKI3bmQZhURD0kDN6txhfjiyuvnV95Dw6b2SRa7nq3AhM8agP0KUCIrRgKHqUlN6K2XBA35Lzkx1eI5RT0oXIN00pvvzGxSz"
        "0ddnuSGmDJM7bd/b1vl2RlLjz+KvkhzEtspxLnxjLsGl2EpOmztt+um7owb4475sOLdGTx1QiFV/8HqB2J0DyjeWdRZvu7Xpsf1Yd2rgmijF"
        "oz8x89Vw8pIksjczr4q16pxdh/XKWjbN2uPoC+3EeYdljL8KUvLYH9ueHSs5E9qq2iLdze4+FtANnE73XRvvSGE0KI+FGOvz1igest6qon3g"
        "1/CVy4mq3n19TsCSmA==",
        Subject="My message subject",
    ),
    "test-notification-signature-v2.json": notification(
        "2",
        "9d2c5580-b61d-550c-8583-37a582870907",
        "2026-03-06T20:00:26.893Z",
        "This message uses signature version 2.",
        "kGNJ7FIM5DJxRv9bdoSJBty2WHpADFWrJ0ZQU/A2sALy6tBE5hqfUvPRlklTJ+PACFMguoFOO7W6ac/Bs4gR+JBRFhx4598X8/HWzrmaLrtB"
        "2f7nzViHbpzYN+u+OewXhxjj2lNsu0bLKv6fogkACytDIOhjZylbfJoPphDYAB7T3Ila7u+K3m2wLHH4k1cPYKyBf5FI/kAoQAVsY6qFHeb6"
        "CWfHsdM98I2gwyEvwJSzW0iyYBfqckmthQwH3Ex53jrhQlZylXFDYmstSJAdvbLeGqIUxKyk+O25wYgBjbbbeR+2qE2UCGEQrk1Bq018wmTx"
        "dHZmDhoBjJXiGmFkfg==",
    ),
}
"""By the name of the file that they stand in."""
by_file = pytest.mark.parametrize("message", NOTIFICATIONS.values(), ids=NOTIFICATIONS)


def check(message: Mapping[str, Any], late: timedelta = timedelta(0), **options: Any) -> Proof:
    sent_at = to_moment(message["Timestamp"])
    assert sent_at
    scheme = replace(SnsScheme((TOPIC,)), **options)
    asked = request(json.dumps(message), {}, sent_at + late)
    return Verifiers(Amazon(CERTIFICATE.encode())).make(scheme, []).verify(asked)


@by_file
def test_what_amazon_sent_is_accepted(message: dict[str, Any]) -> None:
    proof = check(message)
    assert proof.sender_id == message["MessageId"]
    assert proof.afterwards is None
    check({**message, "SigningCertUrl": message["SigningCertURL"], "SigningCertURL": None})
    check({"Subject": None, **message, "UnsubscribeURL": "https://sns.us-west-2.amazonaws.com/?not=signed"})


@by_file
def test_what_amazon_sent_and_somebody_changed_is_refused(message: dict[str, Any]) -> None:
    other = {"1": "2", "2": "1"}[message["SignatureVersion"]]
    signature = message["Signature"]
    changes = [
        *({name: f"{message[name]} "} for name in ("Message", "MessageId")),
        {"Message": message["Message"].lower()},
        {"Subject": "My message Subject"},
        {"Subject": ""},
        {"TopicArn": f"{TOPIC}2"},
        {"Timestamp": f"{message['Timestamp'][:-2]}0Z"},
        {"SignatureVersion": other},
        {"Signature": f"A{signature[1:]}"},
        {"Signature": ""},
    ]
    if "Subject" in message:
        changes.append({"Subject": None})
    for change in changes:
        with pytest.raises(NotAuthentic):
            check({**message, **change}, topics=("arn:aws:sns:*",))
    for late in (timedelta(minutes=61), timedelta(minutes=-6), timedelta(days=300)):
        with pytest.raises(NotAuthentic):
            check(message, late, max_age=timedelta(hours=1))
    with pytest.raises(NotAuthentic, match="certificate"):
        check(message, timedelta(days=300), max_age=timedelta(days=999))


def test_amazons_canonical_string_ends_with_a_line_feed_and_has_a_subject_only_if_there_is_one() -> None:
    bare, titled, _ = (string_to_sign(message).decode().split("\n") for message in NOTIFICATIONS.values())
    assert bare[::2] == ["Message", "MessageId", "Timestamp", "TopicArn", "Type", ""]
    assert titled[::2] == ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type", ""]
