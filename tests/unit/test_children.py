from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bridge import children
from bridge.children import Child, Command, Keeper, stop_all


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Command]]:
    """Makes a command that runs some Python instead of statusbridge."""
    script = tmp_path / "bridge"
    script.mkdir()
    (script / "__init__.py").touch()
    (script / "__main__.py").write_text("import os; exec(os.environ['CODE'])")
    monkeypatch.chdir(tmp_path)

    def command(code: str) -> Command:
        environ = {"CODE": code, "PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]}
        return Command("it", (), environ, tmp_path / "log")

    yield command


def _await(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_a_child_prints_goes_into_its_log(run: Callable[[str], Command], tmp_path: Path) -> None:
    child = Child(run("import sys; print('out'); print('err', file=sys.stderr)"))
    assert child.wait(10)
    assert child.exit_code == 0
    assert sorted((tmp_path / "log").read_text().split()) == ["err", "out"]


def test_a_child_that_does_not_end_when_asked_is_killed_in_time(run: Callable[[str], Command], tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
    child = Child(run(code))
    _await(lambda: "on" in (tmp_path / "log").read_text())
    said: list[str] = []
    stop_all([child], 0.2, said.append)
    assert child.exit_code == -signal.SIGKILL
    assert "did not end" in said[0]


def test_a_child_that_dies_is_started_again_more_slowly_each_time(
    run: Callable[[str], Command], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "FIRST_PAUSE", 0.05)
    said: list[str] = []
    keeper = Keeper(run("raise SystemExit(3)"), said.append)
    first = keeper.child
    _await(lambda: keeper.look() is None and len(said) == 2)
    assert keeper.child is not first
    assert said == [
        "it ended with exit code 3; it is started again in 0.05 s",
        "it ended with exit code 3; it is started again in 0.1 s",
    ]
    keeper.child.kill()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends children with their parent")
def test_a_child_ends_with_a_parent_that_is_killed(run: Callable[[str], Command], tmp_path: Path) -> None:
    command = run("import time; time.sleep(60)")
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "from bridge.children import Child, Command\n"
        f"print(Child(Command('it', (), {dict(command.environ)!r})).pid, flush=True)\n"
        "time.sleep(60)"
    )
    root = str(Path(children.__file__).parents[1])
    with subprocess.Popen([sys.executable, "-c", code, root], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    _await(lambda: not Path(f"/proc/{child}").exists() or _is_zombie(child))


def _is_zombie(pid: int) -> bool:
    return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
