"""The sandbox's state over HTTP: dump, load, compare, reset, seed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast, get_args

from flask import Blueprint, Response, jsonify, request

from bridge.sandbox.dump.broken import BrokenDump
from bridge.sandbox.dump.columns import Ids, Times
from bridge.sandbox.dump.comparison import compare
from bridge.sandbox.dump.document import counts, from_text, to_text

if TYPE_CHECKING:
    from bridge.sandbox.app import Sandbox

Answer = tuple[Response, int]


def add_state_routes(blueprint: Blueprint, sandbox: Sandbox) -> None:
    """``/state`` to read and replace, ``/state/counts``, ``/state/compare``, ``/reset``, ``/seed``."""

    @blueprint.get("/state")
    def dump_state() -> Answer:
        providers = request.args.getlist("provider")
        if unknown := [name for name in providers if name not in sandbox.plugins]:
            return jsonify(error=f"there is no provider {unknown[0]!r}"), 404
        return Response(to_text(sandbox.dump(providers or None)), mimetype="application/json"), 200

    @blueprint.put("/state")
    def load_state() -> Answer:
        try:
            sandbox.load(from_text(request.get_data()), resume=request.args.get("clock") == "resume")
        except BrokenDump as broken:
            return jsonify(error=f"this state cannot be loaded: {broken}", where=broken.where), 422
        return count_objects()

    @blueprint.get("/state/counts")
    def count_objects() -> Answer:
        return Response(json.dumps(counts(sandbox.dump())), mimetype="application/json"), 200

    @blueprint.post("/state/compare")
    def compare_states() -> Answer:
        """The body is a dump, which is compared with the present state: left is the body."""
        try:
            ids, times = _option("ids", get_args(Ids)), _option("times", get_args(Times))
            left = from_text(request.get_data())
            found = compare(left, sandbox.dump(), ids=cast("Ids", ids), times=cast("Times", times))
        except (BrokenDump, ValueError) as problem:
            return jsonify(error=f"these states cannot be compared: {problem}"), 422
        return jsonify([difference.to_json() for difference in found]), 200

    @blueprint.post("/reset")
    def reset() -> tuple[str, int]:
        sandbox.reset()
        return "", 204

    @blueprint.post("/seed")
    def seed() -> Answer:
        body: Any = request.get_json(silent=True)
        try:
            sandbox.fill(body.get("rows") if isinstance(body, dict) else None)  # type: ignore[arg-type] # fill checks
        except ValueError as problem:
            return jsonify(error=f"the sandbox cannot be seeded: {problem}"), 422
        return count_objects()


def _option(name: str, known: tuple[str, ...]) -> str:
    """A query parameter; raises ValueError for a value that it cannot have."""
    value = request.args.get(name, known[0])
    if value not in known:
        raise ValueError(f"{name} is one of {', '.join(known)}, not {value!r}")
    return value
