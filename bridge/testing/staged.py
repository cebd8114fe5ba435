"""Who is tested, and the stage that each test gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pytest

from bridge.providers import registry
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import serve
from bridge.testing.stage import TOKEN, Stage, Ticking


class Staged:
    """A provider before its sandbox.

    Attributes:
        name: of the provider.
        path: of its API in the sandbox, as it would stand in ``url``.
        options: its own settings.
        switches: of the sandbox, such as the version that it plays.
    """

    name: ClassVar[str]
    path: ClassVar[str]
    options: ClassVar[Mapping[str, Any]] = {}
    switches: ClassVar[Mapping[str, Any]] = {}

    @pytest.fixture
    def stage(self) -> Iterator[Stage]:
        """The provider before a fresh sandbox."""
        sandbox = Sandbox(clock=Ticking(), token=TOKEN)
        for name, value in self.switches.items():
            setattr(sandbox.plugins[self.name].settings, name, value)
        with serve(sandbox) as server:
            options = registry.options_schema(self.name)().load(self.options)
            stage = Stage(self.name, self.path, options, sandbox, server)
            yield stage
            stage.provider.close()
