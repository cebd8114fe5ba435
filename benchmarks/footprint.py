"""Resident memory of each process after work, and how long ``statusbridge --help`` takes.

python -m benchmarks.footprint
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.bodies import alert, body
from benchmarks.load import request_bytes, run
from benchmarks.place import machine, place


def main() -> None:
    """Measure and print."""
    with place(rate="1000/1s") as here:
        wire = [request_bytes(here.hook, body(alert(number % 50)), here.headers) for number in range(1000)]
        run(here.hook, wire, 16)
        time.sleep(3)
        web = [_resident(pid) for pid in _children(here.pids["web"])]
        workers = [_resident(pid) for pid in _children(here.pids["worker"])]
    print(f"memory: web workers {_list(web)} MB, RQ workers and the sweep {_list(workers)} MB ({machine()})")
    print(f"help: median {statistics.median(_help() for _ in range(9)):.2f} s")


def _list(sizes: list[float]) -> str:
    return ", ".join(f"{size:.0f}" for size in sorted(sizes))


def _children(pid: int) -> list[int]:
    return [int(word) for task in Path(f"/proc/{pid}/task").glob("*/children") for word in task.read_text().split()]


def _resident(pid: int) -> float:
    """Resident set in megabytes, pages shared with the parent included."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def _help() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "bridge", "--help"], check=True, capture_output=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
