"""Every source type against the contract that third parties' sources are held to as well.

Nothing is registered here: a type is found by its file in ``bridge/sources/``, its samples by the folder of its name in
``tests/data/sources/``. A folder may hold ``options.yaml``, the settings with which its samples are read.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bridge.sources import registry
from bridge.testing.source_suite import SourceSuite

DATA = Path(__file__).parents[1] / "data" / "sources"
FOLDERS = {registry.normal(folder.name): folder for folder in DATA.iterdir() if folder.is_dir()}


def suite_of(name: str) -> type[SourceSuite]:
    folder = FOLDERS.get(name, DATA / name)
    settings = folder / "options.yaml"
    options = yaml.safe_load(settings.read_text(encoding="utf-8")) if settings.exists() else {}
    title = "Test" + name.title().replace("-", "")
    return type(title, (SourceSuite,), {"type_name": name, "samples": folder, "options": options})


globals().update({suite.__name__: suite for suite in map(suite_of, registry.built_in())})


@pytest.mark.parametrize("name", registry.built_in())
def test_every_type_has_samples(name: str) -> None:
    assert name in FOLDERS, f"put samples and what is expected of them into tests/data/sources/{name}/"
    assert list(FOLDERS[name].glob("*.expected.json"))


def test_every_folder_of_samples_belongs_to_a_type() -> None:
    assert set(FOLDERS) - set(registry.built_in()) == set()


def test_every_sample_has_its_expectation() -> None:
    samples = [file for file in DATA.glob("*/*.json") if not file.name.endswith(".expected.json")]
    assert samples
    missing = [file.name for file in samples if not file.with_name(f"{file.stem}.expected.json").exists()]
    assert missing == []
