"""What is shipped: the wheel and the source archive, built as .ci/run and the Dockerfile build them."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from bridge import __version__

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(
        importlib.util.find_spec("build") is None, reason="needs the package build: pip install '.[dev]'"
    ),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(target), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return target


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(next(built.glob("*.whl")))


def test_the_wheel_ships_every_mapping_as_it_is_in_the_checkout(wheel: zipfile.ZipFile) -> None:
    mappings = sorted((ROOT / "mappings").glob("*.yaml"))
    assert {path.stem for path in mappings} >= {"cachet2", "cachet3", "statuspage", "pingpong"}
    for path in mappings:
        assert wheel.read(f"bridge/_mappings/{path.name}") == path.read_bytes()


def test_the_wheel_ships_the_samples_of_every_source_and_not_what_is_expected_of_them(wheel: zipfile.ZipFile) -> None:
    shipped = {name for name in wheel.namelist() if name.startswith("bridge/_samples/")}
    assert "bridge/_samples/alertmanager/firing_batch.json" in shipped
    assert "bridge/_samples/custom/options.yaml" in shipped
    assert not [name for name in shipped if name.endswith(".expected.json")]
    folders = {path.name for path in (ROOT / "tests" / "data" / "sources").iterdir() if path.is_dir()}
    assert {name.split("/")[2] for name in shipped} == folders


def test_the_wheel_ships_all_that_is_not_python_too(wheel: zipfile.ZipFile) -> None:
    inside = set(wheel.namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "bridge").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    assert {Path(name).suffix for name in wanted} >= {".py", ".lua", ".html", ".typed"}
    assert wanted - inside == set()


def test_the_wheel_ships_nothing_else(wheel: zipfile.ZipFile) -> None:
    assert {name.split("/")[0] for name in wheel.namelist()} == {"bridge", f"statusbridge-{__version__}.dist-info"}


def test_the_wheel_brings_the_command(wheel: zipfile.ZipFile) -> None:
    entries = wheel.read(f"statusbridge-{__version__}.dist-info/entry_points.txt").decode()
    assert "statusbridge = bridge.cli.main:main" in entries


def test_the_source_archive_can_be_tested_and_built_from(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {
        "Makefile",
        "requirements.lock",
        "mappings/cachet2.yaml",
        "tests/conftest.py",
        "bridge/__init__.py",
        "LICENSE",
    }
    assert wanted <= names
    assert not [name for name in names if ".venv" in name or "__pycache__" in name or name.startswith("dist/")]
