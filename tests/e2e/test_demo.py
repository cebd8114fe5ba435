"""``statusbridge demo --once`` from nothing, in a process and a directory of its own."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.command import Running

pytestmark = [pytest.mark.timeout(150), pytest.mark.slow]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What ``demo --once`` prints when all is right."""
    with Running("demo", "--once", cwd=tmp_path_factory.mktemp("elsewhere")) as demo:
        code = demo.wait(120)
    assert code == 0, demo.output
    return demo.output


@pytest.mark.parametrize("page", ["Cachet 2", "Cachet 3", "Statuspage", "PingPong"])
def test_each_page_is_reached_by_each_step_and_left_alone_by_the_repeat(told: str, page: str) -> None:
    lines = [line for line in told.splitlines() if re.match(rf"   {page} +incident", line)]
    assert len(lines) == 4, told
    for line, words in zip(lines, ("1 update,", "unchanged", "2 updates,", "3 updates,"), strict=True):
        assert words in line
    assert len({re.search(r"incident (\w+)", line).group(1) for line in lines}) == 1  # type: ignore[union-attr]


def test_the_addresses_of_the_dashboard_and_of_four_pages_are_printed(told: str) -> None:
    assert len(re.findall(r"^  [A-Z]\w+( \d)? +http://127\.0\.0\.1:\d+/", told, re.MULTILINE)) == 5


def test_nothing_is_left_running(told: str) -> None:
    for address in set(re.findall(r"http://127\.0\.0\.1:\d+", told)):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", urlsplit(address).port or 0)) != 0, f"{address} is still served"


def test_a_port_that_is_taken_is_explained(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with Running("demo", "--once", "--port", port, cwd=tmp_path) as demo:
            assert demo.wait(60) == 1
    assert f"127.0.0.1:{port} cannot be listened on" in demo.output
    assert "Traceback" not in demo.output
