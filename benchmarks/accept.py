"""Durable acceptance: webhooks a second with two alerts each, embedded store, fsync on every write.

python -m benchmarks.accept [requests] [connections]
"""

from __future__ import annotations

import sys

from benchmarks.bodies import alert, body
from benchmarks.load import request_bytes, run
from benchmarks.place import machine, place


def main(requests: int = 10_000, connections: int = 16) -> None:
    """Measure and print."""
    with place(("web",)) as here:
        bodies = [body(alert(2 * number), alert(2 * number + 1)) for number in range(500)]
        wire = [request_bytes(here.hook, bodies[number % len(bodies)], here.headers) for number in range(requests)]
        run(here.hook, wire[:1000], connections)
        result = run(here.hook, wire, connections)
    print(f"accept: {result.line()} ({connections} connections; {machine()})")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
