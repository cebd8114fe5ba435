"""Where the demo happens: a directory of its own with a bridge.yaml, and the processes that run in it."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bridge.children import Child, Command
from bridge.demo import story

PROVIDERS: Mapping[str, str] = {
    "cachet2": "Cachet 2",
    "cachet3": "Cachet 3",
    "statuspage": "Statuspage",
    "pingpong": "PingPong",
}
"""The four destinations, which are named like their providers, and what people call them."""

_SANDBOX_TOKEN = "sandbox"  # noqa: S105 - what the sandbox accepts by default; it guards nothing

_CONFIG = """\
# Made by `statusbridge demo`. A real bridge.yaml differs in its addresses and tokens, and in nothing else.
sources:
  alertmanager: {{type: alertmanager, auth: {{bearer: "${{DEMO_HOOK_TOKEN}}"}}}}

destinations:
  cachet2:    {{type: cachet2, url: "{sandbox}/cachet2/api/v1", token: {token}}}
  cachet3:    {{type: cachet3, url: "{sandbox}/cachet3/api", token: {token}}}
  statuspage: {{type: statuspage, url: "{sandbox}/statuspage/v1", page_id: sandboxpage1, token: {token}}}
  pingpong:   {{type: pingpong, url: "{sandbox}/pingpong/rest/v1", token: {token}}}

components:
  api:
    name: Public API
    on: {{cachet2: Public API, cachet3: Public API, statuspage: Public API, pingpong: Public API}}
  web:
    name: Website
    on: {{cachet2: Website, cachet3: Website, statuspage: Website, pingpong: Website}}
  dashboard:
    name: Dashboard
    on: {{cachet2: Dashboard, cachet3: Dashboard, statuspage: Dashboard, pingpong: Dashboard}}

routes:
  - name: services
    match: {{source: alertmanager, labels: {{severity: critical|warning}}}}
    components: ["{{{{ labels.service }}}}"]
    title: "Problems with {{{{ component.name }}}}"
    message: {opened}
    left: {left}
    resolved: {resolved}

web: {{host: 127.0.0.1, port: {port}, workers: 1}}
worker: {{count: 5}}
"""


@dataclass(frozen=True, slots=True)
class Place:
    """One demo's directory, addresses and token.

    Attributes:
        hook_token: made up for this run.
    """

    directory: Path
    port: int
    sandbox_port: int
    hook_token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def web(self) -> str:
        """Address of the dashboard, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox(self) -> str:
        """Address of the sandbox, without a slash at the end."""
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.directory / "bridge.yaml"

    def page(self, provider: str) -> str:
        """Address of a provider's public page."""
        return f"{self.sandbox}/{provider}/"

    def write_config(self) -> None:
        """Write bridge.yaml."""
        text = _CONFIG.format(
            sandbox=self.sandbox,
            token=_SANDBOX_TOKEN,
            port=self.port,
            opened=f'"{story.OPENED}"',
            left=f'"{story.LEFT}"',
            resolved=f'"{story.RESOLVED}"',
        )
        self.config.write_text(text, encoding="utf-8")

    def start(self) -> tuple[Child, ...]:
        """Start the sandbox and ``statusbridge up``; what they print goes into files in the directory."""
        sandbox = Command("sandbox", ("sandbox", "--port", str(self.sandbox_port)), self.environ(), self.log("sandbox"))
        everything = Command("statusbridge", ("up",), self.environ(), self.log("statusbridge"))
        return (Child(sandbox), Child(everything))

    def environ(self) -> dict[str, str]:
        """The environment without anybody else's statusbridge settings."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
        return {
            **clean,
            "BRIDGE_CONFIG": str(self.config),
            "BRIDGE_STATE_DIR": str(self.directory / "state"),
            "DEMO_HOOK_TOKEN": self.hook_token,
        }

    def log(self, name: str) -> Path:
        """Where a process's output goes."""
        return self.directory / f"{name}.log"


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
