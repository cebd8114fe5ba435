"""The samples that are shipped: bodies as each tool posts them, for trying things out.

They are those of the contract tests, ``tests/data/sources/<type>/``; a wheel has them as package data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import yaml

from bridge.sources import registry

_EXPECTED = ".expected.json"


def samples_of(type_name: str) -> Mapping[str, bytes]:
    """Name → content of the samples of a type, in their order; empty when none are shipped."""
    folder = _folder(type_name)
    found = [file for file in folder.iterdir() if _is_sample(file.name)] if folder else []
    return {file.name.removesuffix(".json"): file.read_bytes() for file in sorted(found, key=lambda file: file.name)}


def quarantined_of(type_name: str) -> Mapping[str, int]:
    """Name → how many elements of a sample are meant to end in the quarantine: some show what cannot be understood."""
    folder = _folder(type_name)
    found = [file for file in folder.iterdir() if file.name.endswith(_EXPECTED)] if folder else []
    told = {file.name.removesuffix(_EXPECTED): json.loads(file.read_bytes()) for file in found}
    return {name: len(expected.get("quarantined", ())) for name, expected in told.items()}


def options_of(type_name: str) -> Mapping[str, object]:
    """The settings with which the samples of a type are to be read, as in bridge.yaml; mostly none."""
    folder = _folder(type_name)
    settings = folder / "options.yaml" if folder else None
    if settings is None or not settings.is_file():
        return {}
    loaded = yaml.safe_load(settings.read_text(encoding="utf-8"))
    return loaded if isinstance(loaded, dict) else {}


def _is_sample(name: str) -> bool:
    return name.endswith(".json") and not name.endswith(_EXPECTED)


def _folder(type_name: str) -> Traversable | None:
    wanted = registry.normal(type_name)
    root = _root()
    folders = root.iterdir() if root.is_dir() else ()
    return next((folder for folder in folders if folder.is_dir() and registry.normal(folder.name) == wanted), None)


def _root() -> Traversable:
    """In a wheel ``bridge/_samples``; in a checkout, and in an editable install of one, the tests' own."""
    shipped = files("bridge") / "_samples"
    return shipped if shipped.is_dir() else Path(__file__).parents[2] / "tests" / "data" / "sources"
