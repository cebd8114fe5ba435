"""The worker side: ``python worker.py``. Configured by BRIDGE_CONFIG and the environment."""

from __future__ import annotations

from bridge.cli.main import main

if __name__ == "__main__":
    main(["worker"], prog_name="statusbridge")
