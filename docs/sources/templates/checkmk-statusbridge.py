#!/usr/bin/env python3
# statusbridge
"""Notification script for Checkmk: posts one notification to statusbridge.

Put it into ~/local/share/check_mk/notifications/ of the site and make it executable. The parameters of the notification
rule are the address of the source and the file with its bearer token. Checkmk tries again after exit code 1 and gives
up after 2.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request

FIELDS = {
    "host": "HOSTNAME",
    "alias": "HOSTALIAS",
    "address": "HOSTADDRESS",
    "notification_type": "NOTIFICATIONTYPE",
    "what": "WHAT",
    "micro_time": "MICROTIME",
    "short_date_time": "SHORTDATETIME",
    "site": "OMD_SITE",
    "author": "NOTIFICATIONAUTHOR",
    "comment": "NOTIFICATIONCOMMENT",
}
TIMEOUT = 10
AGAIN, NEVER = 1, 2


def body() -> dict[str, str]:
    """What is posted: nothing but what statusbridge uses, and no parameters of the rule."""
    told = {name: os.environ.get(f"NOTIFY_{variable}", "") for name, variable in FIELDS.items()}
    kind = "HOST" if told["what"] == "HOST" else "SERVICE"
    told["service"] = os.environ.get("NOTIFY_SERVICEDESC", "") if kind == "SERVICE" else ""
    told["output"] = os.environ.get(f"NOTIFY_{kind}OUTPUT", "")
    before = os.environ.get(f"NOTIFY_PREVIOUS{kind}HARDSHORTSTATE", "")
    told["event"] = f"{before} -> {os.environ.get(f'NOTIFY_{kind}SHORTSTATE', '')}"
    return told


def main() -> int:
    """Post it; the exit code tells Checkmk whether to try again."""
    address, token_file = os.environ["NOTIFY_PARAMETER_1"], os.environ["NOTIFY_PARAMETER_2"]
    with open(token_file, encoding="utf-8") as file:  # noqa: PTH123 - runs alone
        token = file.read().strip()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(address, json.dumps(body()).encode(), headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT):  # noqa: S310
            return 0
    except urllib.error.HTTPError as error:
        print(f"statusbridge answered {error.code}: {error.read(500).decode('utf-8', 'replace')}", file=sys.stderr)
        return AGAIN if error.code >= 500 else NEVER
    except OSError as error:
        print(f"statusbridge cannot be reached: {error}", file=sys.stderr)
        return AGAIN


if __name__ == "__main__":
    sys.exit(main())
