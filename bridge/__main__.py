"""``python -m bridge`` is ``statusbridge``."""

from __future__ import annotations

from bridge.cli.main import main

main(prog_name="statusbridge")
