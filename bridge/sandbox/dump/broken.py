"""A dump that cannot be loaded, and where in it the reason stands."""

from __future__ import annotations

from bridge.errors import BridgeError


class BrokenDump(BridgeError):
    """A dump cannot be loaded or compared.

    Args:
        where: path of the value, such as ``providers.cachet3.objects.incidents.rows[3].status``; empty for the whole.
        problem: what is wrong with it.
    """

    def __init__(self, where: str, problem: str) -> None:
        self.where = where
        self.problem = problem
        super().__init__(f"{where}: {problem}" if where else problem)
