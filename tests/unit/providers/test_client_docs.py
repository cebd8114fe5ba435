"""The examples of the documentation of the clients run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import serve
from bridge.sandbox.statuspage import PAGE_ID

PAGE = Path(__file__).parents[3] / "docs" / "clients" / "README.md"


def test_the_examples_run_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    examples = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {}
    with serve(Sandbox(token="a-key-for-the-stage")) as server:
        monkeypatch.setenv("STATUSPAGE_TOKEN", "a-key-for-the-stage")
        monkeypatch.setenv("STATUSPAGE_PAGE_ID", PAGE_ID)
        monkeypatch.setenv("STATUSPAGE_URL", server.url + "/statuspage/v1")
        for example in examples:
            exec(compile(example, str(PAGE), "exec"), names)
    assert len(examples) == 9
