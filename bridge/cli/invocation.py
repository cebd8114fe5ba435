"""What the user said before the command: the same for every command, handed on as ``ctx.obj``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.config.load import Reading
    from bridge.config.settings import Settings
    from bridge.store import Store


@dataclass(frozen=True, slots=True)
class Invocation:
    """The global options.

    Attributes:
        config: ``--config``; None leaves it to ``BRIDGE_CONFIG`` and ``./bridge.yaml``.
        state_dir: ``--state-dir``; goes before the environment and the file.
        verbosity: how often ``-v`` was given.
        process_environ: the environment this process was started with.
    """

    config: Path | None = None
    state_dir: Path | None = None
    verbosity: int = 0
    process_environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    def environ(self) -> dict[str, str]:
        """The environment with the global options in it: what configuration and child processes get."""
        given = dict(self.process_environ)
        if self.config is not None:
            given["BRIDGE_CONFIG"] = str(self.config)
        if self.state_dir is not None:
            given["BRIDGE_STATE_DIR"] = str(self.state_dir)
        if self.verbosity:
            given["BRIDGE_VERBOSITY"] = str(self.verbosity)
        return given

    def read(self) -> Reading:
        """Read the configuration and keep what is wrong with it for the caller."""
        from bridge.config.load import read  # noqa: PLC0415 - keeps --help fast

        return read(self.config, self.environ())

    def settings(self) -> Settings:
        """The configuration; its warnings go to stderr.

        Raises:
            ConfigError: with every problem at once.
        """
        reading = self.read()
        settings = reading.require()
        for problem in reading.problems:
            sys.stderr.write(f"{problem}\n")
        return settings

    def open_store(self, settings: Settings) -> Store:
        """Connect to the store that the configuration names.

        Raises:
            StoreDown: when it does not answer.
        """
        from bridge.store import Store  # noqa: PLC0415 - keeps --help fast

        return Store.open(settings.store)
