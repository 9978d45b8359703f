"""Every finding, in a repository that is broken for it alone.

The cases stand in ``findings.txt``: edits of the project ``checked``, and what ``piot check`` prints then.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from piot.app.check import check
from piot.app.session.where import Where
from piot.cli.findings import findings_text
from piot.inspect.check import CHECKS

ROOT = Path(__file__).parents[2]
PROJECTS = ROOT / "tests/projects"
HEALTHY = (ROOT / "examples/polyglot", *sorted(PROJECTS.iterdir()))
CASES = Path(__file__).with_name("findings.txt").read_text(encoding="utf-8").split("\n=== ")[1:]


def found_in(root: Path, **environ: str) -> str:
    """What is printed of a checkout."""
    return findings_text(check(Where(directory=root, environ=environ)))


def copy_of(project: Path, folder: Path) -> Path:
    root = folder / "checkout"
    shutil.copytree(project, root, ignore=shutil.ignore_patterns("target", "node_modules", ".piot", "dist"))
    return root


def edit(root: Path, edits: str) -> None:
    """``@ path``, and below it ``-`` lines that become ``+`` lines; ``x path`` is removed.

    ``+`` lines alone stand at the end of the file, or are a new one. An empty line ends a group of lines.
    """
    path, old, new = root, "", ""
    for line in [*edits.splitlines(), "@ ."]:
        mark, rest = line[:1], line[2:]
        if mark in "-@x" and (new or (old and mark != "-")):
            replace(path, old, new)
            old, new = "", ""
        if mark == "@":
            path = root / rest
        elif mark == "x":
            place = root / rest
            shutil.rmtree(place) if place.is_dir() else place.unlink()
        elif mark == "-":
            old += f"{rest}\n"
        elif mark == "+":
            new += f"{rest}\n"


def replace(path: Path, old: str, new: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    assert not old or text.count(old) == 1, (path, old)
    path.write_text(text.replace(old, new) if old else text + new, encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=[case.partition("\n")[0] for case in CASES])
def test_a_repository_that_is_broken_on_purpose(case: str, tmp_path: Path) -> None:
    edits, _, expected = case.partition("\n")[2].partition("---\n")
    root = copy_of(PROJECTS / "checked", tmp_path)
    edit(root, edits)
    assert found_in(root).rstrip("\n") == expected.rstrip("\n")


@pytest.mark.parametrize("project", HEALTHY, ids=lambda path: path.name)
def test_nothing_is_found_in_a_healthy_repository(project: Path, tmp_path: Path) -> None:
    assert found_in(copy_of(project, tmp_path)) == ""


def test_every_code_of_the_checks_has_a_case() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "piot/inspect/checks").rglob("*.py")]
    codes = {code for text in sources for code in re.findall(r'"(PIOT_\w+)"', text)}
    told = set(re.findall(r"^\S*: ?(?:error|warning|note): (PIOT_\w+): ", "\n".join(CASES), re.MULTILINE))
    assert codes - told - ELSEWHERE == set()


ELSEWHERE = {"PIOT_CRATES_PACKAGE_TOO_LARGE", "PIOT_VERSION_BEHIND", "PIOT_UNREADABLE"}
"""Codes whose repositories are made in tests of their own."""


def test_every_check_is_run() -> None:
    folder = ROOT / "piot/inspect/checks"
    written = {
        (path.stem, name)
        for path in folder.glob("*.py")
        for name in re.findall(
            r"^def ([a-z]\w*)\(view: View\) -> Iterator\[Finding\]", path.read_text(), re.MULTILINE
        )
    }
    assert {(each.__module__.rpartition(".")[2], each.__name__) for each in CHECKS} == written
