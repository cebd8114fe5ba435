"""The tree itself: nothing of the machine it was written on, links that lead somewhere, dependencies that are true."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LEFT_OUT = {
    ".git",
    ".venv",
    "build",
    "dist",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
}
LOCAL = re.compile(r"(?<![\w.])/(?:work|farm|root)/[a-z.]|/tmp/venv|/home/[a-z]+/")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SERVED_BY_ANOTHER = {"werkzeug": "flask", "markupsafe": "jinja2", "urllib3": "requests"}
NEEDED_WITHOUT_IMPORT = {"tzdata"}


@cache
def _files() -> tuple[Path, ...]:
    """What is committed, or will be; without git (an unpacked archive) all that is there."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    names = [ROOT / line for line in listed.stdout.splitlines()] if listed.returncode == 0 else list(ROOT.rglob("*"))
    return tuple(path for path in names if path.is_file() and not LEFT_OUT.intersection(path.relative_to(ROOT).parts))


def _texts() -> list[tuple[Path, str]]:
    found = []
    for path in _files():
        try:
            found.append((path.relative_to(ROOT), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def test_no_file_holds_a_path_of_the_machine_it_was_written_on() -> None:
    me = Path(__file__).relative_to(ROOT)
    # The samples of Site24x7 hold links of its own into .../home/monitors/.
    files = [(path, text) for path, text in _texts() if path != me and "site24x7" not in path.parts]
    found = [f"{path}: {hit.group()}" for path, text in files for hit in LOCAL.finditer(text)]
    assert found == []


def test_the_lock_names_exact_versions_and_no_host() -> None:
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line), line


def _locked() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").split()
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}


@pytest.mark.parametrize("text", [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]])
def test_every_dependency_is_locked_within_its_range(text: str) -> None:
    needed = Requirement(text)
    assert needed.specifier.contains(_locked()[canonicalize_name(needed.name)])


def test_the_dependencies_are_what_the_code_imports() -> None:
    declared = {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]}
    imported = {SERVED_BY_ANOTHER.get(name, name) for name in _imported() - {"bridge", "pytest", "_typeshed"}}
    homes = packages_distributions()
    used = {canonicalize_name(homes.get(name, [name])[0]) for name in imported}
    assert used - declared == set(), "imported and not declared"
    assert declared - used - NEEDED_WITHOUT_IMPORT == set(), "declared and not imported"


def _imported() -> set[str]:
    names: set[str] = set()
    for path in (*(ROOT / "bridge").rglob("*.py"), ROOT / "wsgi.py", ROOT / "worker.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names)


PAGES = sorted(path for path in _files() if path.suffix == ".md")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_in_a_page_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        where = (page.parent / name).resolve() if name else page
        assert where.exists(), f"{target} leads nowhere"
        if anchor:
            assert anchor in _anchors(where), f"{target}: there is no such heading"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ +(.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_the_readme_shows_the_demo_first_and_the_tests_second() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"^make (\w+)", text, re.MULTILINE)
    assert shown[:2] == ["demo", "test"]


def test_every_command_is_in_the_documentation() -> None:
    from bridge.cli.main import COMMANDS

    pages = "\n".join(path.read_text(encoding="utf-8") for path in PAGES if "decisions" not in path.parts)
    missing = [entry.name for entry in COMMANDS if f"statusbridge {entry.name}" not in pages]
    assert missing == []


def test_the_configuration_in_the_readme_can_be_used() -> None:
    from bridge.config.load import read

    blocks = re.findall(
        r"^```yaml\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    names = ("PROMETHEUS_HOOK_TOKEN", "STATUSPAGE_TOKEN", "CACHET_TOKEN")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bridge.yaml"
        path.write_text(next(block for block in blocks if block.startswith("sources:")), encoding="utf-8")
        reading = read(path, dict.fromkeys(names, "a-secret-of-some-length"))
    assert [str(problem) for problem in reading.problems] == []
    assert len(reading.require().rules.routes) == 1
