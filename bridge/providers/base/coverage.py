"""What a client covers of its provider's API, as values and as a table for the documentation.

``python -m bridge.providers.base.coverage statuspage`` writes the table of one provider anew, from a checkout; the
list of operations lies in ``tests/meta/data/operations-<provider>.json``, the page in ``docs/clients/<provider>.md``.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from bridge.providers.base.client import BaseClient

BEGIN, END = "<!-- operations: generated -->", "<!-- end of operations -->"
Operation = tuple[str, str]
"""HTTP method and path template."""


def read(text: str) -> tuple[Operation, ...]:
    """The operations of a list such as ``["GET /pages", …]``, in its order."""
    return tuple((method, path) for method, path in (line.split(" ", 1) for line in json.loads(text)))


def plain(operation: Operation) -> Operation:
    """The operation without the names of its ids, which everybody chooses as they like."""
    return operation[0], re.sub(r"\{[^{}]*\}", "{}", operation[1])


def missing(client: type[BaseClient], operations: Iterable[Operation]) -> list[Operation]:
    """Operations that no method serves."""
    served = set(map(plain, client.served()))
    return [operation for operation in operations if plain(operation) not in served]


def invented(client: type[BaseClient], operations: Iterable[Operation]) -> list[Operation]:
    """What the client could call and the provider does not have."""
    known = set(map(plain, operations))
    return [operation for operation in client.served() if plain(operation) not in known]


def table(client: type[BaseClient], operations: Iterable[Operation]) -> str:
    """Operation → method, as a Markdown table."""
    served: Mapping[Operation, str] = {plain(call): name for call, name in client.served().items()}
    lines = ["| operation | method |", "| --- | --- |"]
    for operation in operations:
        name = served.get(plain(operation))
        lines.append(f"| `{' '.join(operation)}` | {f'`{name}`' if name else 'none'} |")
    return "\n".join(lines)


def renewed(page: str, client: type[BaseClient], operations: Iterable[Operation]) -> str:
    """The page with its table written anew.

    Raises:
        ValueError: the page has no place for the table.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{table(client, operations)}\n\n{END}{after}"


def client_of(provider: str) -> type[BaseClient]:
    """The client that a provider's package offers."""
    found: type[BaseClient] = importlib.import_module(f"bridge.providers.{provider}").Client
    return found


def main(providers: Iterable[str], root: Path) -> None:
    """Write the tables of these providers anew, below a checkout."""
    for provider in providers:
        operations = read((root / f"tests/meta/data/operations-{provider}.json").read_text(encoding="utf-8"))
        page = root / f"docs/clients/{provider}.md"
        page.write_text(renewed(page.read_text(encoding="utf-8"), client_of(provider), operations), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:], Path.cwd())
