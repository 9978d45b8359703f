"""What planning reads of a checkout is noted, so that an edit of it is not taken for one of a source."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from piot.app.building.planning import make_plan
from piot.app.building.request import BuildRequest
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.effects.witness import Witness, watching
from piot.model.plan import BuildPlan
from tests.support.repository import do

POLYGLOT = Path(__file__).parents[3] / "examples/polyglot"

opened: list[str] = []
"""What was opened, while somebody listens: a hook stays for good (PEP 578)."""
listening: list[bool] = []


def hear(event: str, arguments: tuple[object, ...]) -> None:
    if listening and event == "open" and not isinstance(arguments[0], int):
        opened.append(str(arguments[0]))


sys.addaudithook(hear)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The example library as a repository of git, planned once: BUILD files are evaluated, and kept."""
    root = tmp_path / "polyglot"
    shutil.copytree(POLYGLOT, root, ignore=shutil.ignore_patterns("target", "node_modules", "dist", ".piot"))
    for words in (("init", "--quiet"), ("add", "."), ("commit", "-qm", "x")):
        do(root, *words)
    return root


def planned(root: Path, probes: Path, seen: Witness) -> BuildPlan:
    cache = root.parent / "cache"
    if not cache.exists():
        shutil.copytree(probes, cache / "probes")
    environ = {**os.environ, "PIOT_CACHE_DIR": str(cache), "PIOT_CONFIG": str(root.parent / "none")}
    session = Session(Where(directory=root, environ=environ), lambda _: None)
    with watching(seen):
        return make_plan(session, BuildRequest(patterns=("//...",), dry_run=True))


@pytest.mark.parametrize("again", [False, True], ids=["at first", "again"])
def test_whatever_planning_opens_in_the_checkout_is_noted(root: Path, probes: Path, again: bool) -> None:
    if again:
        planned(root, probes, Witness())
    seen = Witness()
    del opened[:]
    listening.append(True)
    try:
        plan = planned(root, probes, seen)
    finally:
        listening.clear()
    inside = {path for path in opened if path.startswith(f"{root}/") and not path.startswith(f"{root}/.piot")}
    tracked = {path for path in inside if not path.startswith(f"{root}/.git")}
    assert {f"{root}/Cargo.toml", f"{root}/Cargo.lock", f"{root}/putitoutthere.toml"} <= tracked
    assert tracked - seen.facts.keys() == set()
    assert len(plan.actions) > 5
