"""The web side for any WSGI server: ``gunicorn wsgi:app``. Configured by BRIDGE_CONFIG and the environment."""

from __future__ import annotations

import os

from bridge.config.load import load
from bridge.web.late import late_app

app = late_app(load(None, os.environ))
