"""``piot query 'affected(HEAD~1)'`` against ``turbo ls --affected`` on one monorepo (`monorepo.py`).

    npm install turbo --prefix DIR             # DIR needs a package.json
    python -m benchmarks.affected --turbo DIR [--packages 1000] [--files 103000] [--rounds 11]

Run it from the root of piot's checkout with a Python that has piot's dependencies. The last commit changes
one source file. Both take turns, and every command is a process of its own; turbo's program is started
without its launcher in JavaScript. Both must name the same packages. Prints medians in milliseconds of wall
and processor time, and the median of the ratios of each round.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.monorepo import Monorepo, write

SETTLED = 2.1
"""Seconds until time stamps of files can be trusted."""


class Done(NamedTuple):
    """Wall and processor time in milliseconds, and the numbers of the packages that were named."""

    wall: float
    used: float
    packages: frozenset[str]


def run(argv: tuple[str, ...], root: Path, environment: Mapping[str, str]) -> Done:
    """A command that must succeed."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        argv, cwd=root, env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Done(wall * 1000, used * 1000, frozenset(re.findall(r"\bp\d{4,}\b", done.stdout)))


def change(repo: Monorepo, root: Path) -> None:
    """A commit that changes one source file."""
    with (root / repo.changed_file).open("a", encoding="utf-8") as file:
        file.write("changed\n")
    git = ("git", "-C", str(root), "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "gc.auto=0")
    subprocess.run([*git, "commit", "-qam", "change"], check=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--turbo", type=Path, required=True)
    parser.add_argument("--packages", type=int, default=1000)
    parser.add_argument("--files", type=int, default=103_000)
    parser.add_argument("--rounds", type=int, default=11)
    asked = parser.parse_args()
    here = Path(__file__).resolve().parent.parent
    turbo = next((asked.turbo / "node_modules" / "@turbo").glob("*/bin/turbo"))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        root = Path(folder) / "repository"
        repo = Monorepo.of(asked.packages, asked.files)
        write(repo, root)
        change(repo, root)
        piot = {
            "PYTHONPATH": str(here),
            "PYTHONPYCACHEPREFIX": f"{folder}/bytecode",
            "PYTHONDONTWRITEBYTECODE": "",
        }
        other = {"TURBO_SCM_BASE": "HEAD~1", "TURBO_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1"}
        ours = ((sys.executable, "-m", "piot", "query", "affected(HEAD~1)"), piot)
        theirs = ((str(turbo), "--skip-infer", "ls", "--affected"), other)
        first = run(ours[0], root, ours[1])
        time.sleep(SETTLED)
        for argv, environment in (ours, theirs):
            run(argv, root, environment)
        pairs = [(run(ours[0], root, ours[1]), run(theirs[0], root, theirs[1])) for _ in range(asked.rounds)]
    if any(mine.packages != its.packages for mine, its in pairs):
        sys.exit(f"not the same: {sorted(pairs[0][0].packages)} and {sorted(pairs[0][1].packages)}")
    print(
        f"{len(pairs[0][0].packages)} packages are affected; "
        f"the first query, nothing kept: {first.wall:.0f} ms"
    )
    for name, place in (("piot", 0), ("turbo", 1)):
        wall = statistics.median(pair[place].wall for pair in pairs)
        used = statistics.median(pair[place].used for pair in pairs)
        print(f"{name}: {wall:.0f} ms, {used:.0f} ms of processor time")
    ratio = statistics.median(mine.wall / its.wall for mine, its in pairs)
    print(f"piot takes {ratio:.2f} of turbo's time")


if __name__ == "__main__":
    main()
