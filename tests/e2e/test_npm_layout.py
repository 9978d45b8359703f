"""What piot installs from a lock file of pnpm stands where pnpm itself puts it."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from pathlib import Path

from piot.load.npm_projects import NpmProjects
from piot.model.npm.graph import NpmGraph
from piot.model.npm.layout import lay_out
from piot.model.npm.locks import read_lock
from piot.model.triple import Triple
from tests.e2e.conftest import run
from tests.e2e.test_npm_projects import copied, pytestmark

__all__ = ["pytestmark"]

PNPM = "pnpm@10.34.8"
EVERYWHERE = "node_modules/.pnpm/node_modules/"
"""Where third-party code finds what it does not declare; pnpm has packages of the workspace there too."""

DISPUTED = {"ms": ("app", "tool"), "react": ("app", "base"), "use-sync-external-store": ("app", "base")}
"""Names that two packages want in different versions: pnpm links that of whichever it has read first."""


def test_links_are_those_of_pnpm(tmp_path: Path, environment: Mapping[str, str]) -> None:
    clone = copied("npm_pnpm", tmp_path, environment)
    options = ("--frozen-lockfile", "--ignore-scripts", "--store-dir", tmp_path / "store")
    run("npm", "exec", "--yes", PNPM, "--", "install", *options, cwd=clone, env=environment)
    theirs = {
        place: posixpath.normpath(posixpath.join(posixpath.dirname(place), path.readlink().as_posix()))
        for path in clone.rglob("*")
        if path.is_symlink()
        if "/.bin/" not in (place := path.relative_to(clone).as_posix())
    }
    ours = linked(clone)
    assert len(theirs) > 20
    own = {f"{EVERYWHERE}{name}" for name in ("tool", "@example/app", "@example/base")}
    assert theirs.keys() - ours.keys() == own
    for name, rivals in DISPUTED.items():
        wanted = {ours[f"packages/{each}/node_modules/{name}"] for each in rivals}
        assert len(wanted) == 2
        assert {each.pop(f"{EVERYWHERE}{name}") for each in (ours, theirs)} <= wanted
    assert {place: target for place, target in theirs.items() if place not in own} == {
        place: target for place, target in ours.items() if place in theirs
    }
    assert all(place.startswith(EVERYWHERE) for place in ours.keys() - theirs.keys())


def linked(clone: Path) -> dict[str, str]:
    """Every link that piot would make, with what it leads to."""
    files = [path.relative_to(clone).as_posix() for path in clone.rglob("package.json")]
    members = [path for path in files if "node_modules" not in path]

    def read(path: str) -> str | None:
        return (clone / path).read_text() if (clone / path).is_file() else None

    graph = read_lock(NpmProjects(read, members)("packages/app"), Triple.parse("x86_64-unknown-linux-gnu"))
    assert isinstance(graph, NpmGraph)
    layout = lay_out(graph)
    every = {**layout.links, **layout.outer, **layout.workspace}
    return {place: target for place, target in every.items() if not place.endswith("/.bin")}
