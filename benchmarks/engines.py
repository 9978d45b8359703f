"""piot, Bazel and Turborepo on one monorepo (`monorepo.py`), in turns.

    apt-get install bazel-bootstrap            # or any other Bazel, named with --bazel
    npm install turbo --prefix DIR             # DIR needs a package.json; then name it with --turbo DIR
    python -m benchmarks.engines --turbo DIR [--packages 100] [--files 5000] [--rounds 7] [--sandbox bwrap]

Run it from the root of piot's checkout with a Python that has piot's dependencies. Every engine builds
everything once, so that all are warm; Bazel's server keeps running. Then every round does the same with each
of them, in an order that rotates. What was built again is counted, and all must make the same bytes. Prints a
table of medians in milliseconds, with the least and the most, and the ratios to piot of the same round; then
the same of processor time, of all processes that a command started and of Bazel's server, for machines on
which other things run too.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.monorepo import Monorepo, name, write

SETTLED = 2.1
"""Seconds until time stamps of files can be trusted."""

ALL = "//packages/..."
NOOP, CHANGED, UNBOXED = "no-op build", "one changed file", "one changed file, no sandbox"
RDEPS, START, FLOOR = "query rdeps", "start-up", "floors"
ROWS = (START, RDEPS, NOOP, CHANGED, UNBOXED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A build tool: its command lines by row.

    ``ran`` reads from what it wrote how many actions were run, ``text`` is where what a package makes stands,
    ``server`` the process that works for it.
    One that shares its state with another has nothing left to do after ``changes``, and leaves them out.
    """

    name: str
    commands: Mapping[str, tuple[str, ...]]
    environment: Mapping[str, str]
    ran: Callable[[str], int]
    text: Callable[[str], Path]
    changes: bool = True
    server: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A command that succeeded: wall time and processor time in milliseconds, and all that it wrote."""

    wall: float
    cpu: float
    output: str


def spent(server: int | None) -> float:
    """Seconds of processor time of commands that have ended, and of a server with its children (proc(5))."""
    of = resource.getrusage(resource.RUSAGE_CHILDREN)
    stat = Path(f"/proc/{server}/stat")
    fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split() if server and stat.exists() else []
    return of.ru_utime + of.ru_stime + sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def run(argv: tuple[str, ...], root: Path, environment: Mapping[str, str], server: int | None = None) -> Done:
    """Ends the benchmark when the command fails."""
    env = {**os.environ, **environment}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    before, started = spent(server), time.perf_counter()
    done = subprocess.run(argv, cwd=root, env=env, capture_output=True, text=True, check=False)
    wall = (time.perf_counter() - started) * 1000
    if done.returncode:
        sys.exit(f"{' '.join(argv)} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    return Done(wall=wall, cpu=(spent(server) - before) * 1000, output=done.stderr + done.stdout)


def piot(folder: Path, root: Path, asked: str, sandbox: str) -> Engine:
    here = Path(__file__).resolve().parent.parent
    command = (sys.executable, "-m", "piot")
    build = (*command, "build", ALL, "--sandbox")
    return Engine(
        name="piot",
        commands={
            START: (*command, "--version"),
            RDEPS: (*command, "query", "rdeps", f"//packages/{asked}"),
            NOOP: (*build, sandbox),
            CHANGED: (*build, sandbox),
            UNBOXED: (*build, "dir"),
        },
        environment={
            "PIOT_CACHE_DIR": str(folder / "piot"),
            "PYTHONPATH": os.pathsep.join((str(here), os.environ.get("PYTHONPATH", ""))),
            "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),  # as installed modules have it
        },
        ran=lambda output: _number(r"actions: (\d+) run", output),
        text=lambda package: next((root / "dist").glob(f"*/{package}.txt")),
    )


def bazel(folder: Path, root: Path, asked: str, program: str) -> Engine:
    command = (program, f"--output_user_root={folder / 'bazel'}")
    build = (*command, "build", ALL)
    made = Path(run((*command, "info", "bazel-bin"), root, {}).output.splitlines()[-1])
    return Engine(
        name="Bazel",
        commands={
            START: (*command, "info", "release"),
            RDEPS: (*command, "query", f"rdeps({ALL}, //packages/{asked})"),
            NOOP: build,
            CHANGED: build,
            UNBOXED: (*build, "--spawn_strategy=local"),
            "stop": (*command, "shutdown"),
        },
        environment={},
        ran=lambda output: _number(r"(\d+) (?:linux-sandbox|processwrapper-sandbox|local)", output),
        text=lambda package: made / "packages" / package / f"{package}.txt",
        server=int(run((*command, "info", "server_pid"), root, {}).output.splitlines()[-1]),
    )


def turborepo(folder: Path, root: Path, asked: str, prefix: Path) -> tuple[Engine, Engine]:
    """As npm installs it, behind a launcher in JavaScript; where nothing changed, the program alone too."""
    modules = prefix / "node_modules"
    alone = next((modules / "@turbo").glob("*/bin/turbo"))
    return (
        _turborepo("Turborepo", modules / ".bin" / "turbo", folder, root, asked),
        replace(_turborepo("its program alone", alone, folder, root, asked), changes=False),
    )


def _turborepo(name: str, program: Path, folder: Path, root: Path, asked: str) -> Engine:
    command = (str(program), "--skip-infer")
    build = (*command, "run", "build", "--output-logs=errors-only", f"--cache-dir={folder / 'turbo'}")
    return Engine(
        name=name,
        commands={
            START: (*command, "--version"),
            RDEPS: (*command, "ls", f"--filter=...{asked}"),
            NOOP: build,
            CHANGED: build,
            UNBOXED: build,
        },
        environment={"TURBO_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1"},
        ran=lambda output: _number(r"(\d+) total", output) - _number(r"(\d+) cached", output),
        text=lambda package: root / "packages" / package / "out" / f"{package}.txt",
    )


def floors(root: Path) -> dict[str, tuple[str, ...]]:
    """What nobody can be faster than."""
    return {
        "`python -c pass`": (sys.executable, "-c", "pass"),
        "`git status`": ("git", "-C", str(root), "status", "--short"),
    }


def _number(pattern: str, output: str) -> int:
    found = re.search(pattern, output)
    return int(found[1]) if found else 0


class Rounds:
    """Measures the engines on one tree: ``walls`` and ``cpus`` are milliseconds by row and name."""

    def __init__(self, repo: Monorepo, root: Path, engines: tuple[Engine, ...]) -> None:
        self._repo = repo
        self._root = root
        self._engines = engines
        self._edits = 0
        self.walls: dict[tuple[str, str], list[float]] = {}
        self.cpus: dict[tuple[str, str], list[float]] = {}

    def warm(self) -> Iterator[str]:
        """Everything once with each; then what is remembered can be trusted."""
        for engine in self._engines:
            first = self._run(engine, NOOP)
            yield f"{engine.name}: {first.wall / 1000:.1f} s for {engine.ran(first.output)} actions"
        time.sleep(SETTLED)
        for engine in self._engines:
            for row in (NOOP, RDEPS, START):
                self._run(engine, row)

    def round(self, number: int, floors: Mapping[str, tuple[str, ...]]) -> None:
        turn = number % len(self._engines)
        for engine in self._engines:
            self._run(engine, NOOP)  # the last change was built without a sandbox
        for row in ROWS:
            changes = row in (CHANGED, UNBOXED)
            if changes:
                self._edit()
            for engine in (*self._engines[turn:], *self._engines[:turn]):
                if changes and not engine.changes:
                    continue
                done = self._run(engine, row)
                self._note(row, engine.name, done)
                self._check(row, engine, engine.ran(done.output))
        for floor, argv in floors.items():
            self._note(FLOOR, floor, run(argv, self._root, {}))

    def check_texts(self) -> None:
        """All engines made the same of the same."""
        for package in map(name, range(len(self._repo.deps))):
            if len({engine.text(package).read_bytes() for engine in self._engines}) > 1:
                sys.exit(f"{package}.txt is not the same everywhere")

    def _run(self, engine: Engine, row: str) -> Done:
        return run(engine.commands[row], self._root, engine.environment, engine.server)

    def _note(self, row: str, name: str, done: Done) -> None:
        self.walls.setdefault((row, name), []).append(done.wall)
        self.cpus.setdefault((row, name), []).append(done.cpu)

    def _edit(self) -> None:
        self._edits += 1
        with (self._root / self._repo.changed_file).open("a", encoding="utf-8") as file:
            file.write(f"edit {self._edits}\n")

    def _check(self, row: str, engine: Engine, ran: int) -> None:
        wanted = len(self._repo.cone(self._repo.changed)) if row in (CHANGED, UNBOXED) else 0
        if row not in (START, RDEPS) and ran != wanted:
            sys.exit(f"{row}: {engine.name} ran {ran} actions instead of {wanted}")


def table(walls: Mapping[tuple[str, str], list[float]], names: tuple[str, ...]) -> Iterator[str]:
    """Markdown: medians (least to most) in milliseconds, and others over the first, round by round."""
    first, *others = names
    yield f"| ms | {' | '.join(names)} | {' | '.join(f'{other} / {first}' for other in others)} |"
    yield f"|---|{'---|' * (2 * len(names) - 1)}"
    for row in ROWS:
        cells = [_shown(walls.get((row, each), [])) for each in names]
        cells += [_ratio(walls[row, first], walls.get((row, other), [])) for other in others]
        yield f"| {row} | {' | '.join(cells)} |"
    for (row, each), found in walls.items():
        if row == FLOOR:
            yield f"| {each} | {_shown(found)} |{' |' * (2 * len(names) - 2)}"


def _ratio(ours: list[float], theirs: list[float]) -> str:
    ratios = [b / a for a, b in zip(ours, theirs, strict=False)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})" if ratios else ""


def _shown(walls: list[float]) -> str:
    return f"{statistics.median(walls):.0f} ({min(walls):.0f}–{max(walls):.0f})" if walls else ""


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--packages", type=int, default=100)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--sandbox", default="bwrap", choices=("dir", "bwrap"), help="of piot")
    parser.add_argument("--bazel", default="bazel", help="the program")
    parser.add_argument("--turbo", type=Path, required=True, help="the folder that npm installed turbo in")
    parser.add_argument("--folder", type=Path, help="where everything is written, and left")
    return parser.parse_args()


def main() -> None:
    chosen = options()
    folder = Path(chosen.folder or tempfile.mkdtemp())
    root = folder / "tree"
    repo = Monorepo.of(chosen.packages, chosen.files)
    if not root.exists():
        write(repo, root)
    asked = name(repo.middle)
    engines = (
        piot(folder, root, asked, chosen.sandbox),
        bazel(folder, root, asked, chosen.bazel),
        *turborepo(folder, root, asked, chosen.turbo.absolute()),
    )
    try:
        measure(repo, root, engines, floors(root), chosen.rounds)
    finally:
        run(engines[1].commands["stop"], root, {})
        if chosen.folder is None:
            shutil.rmtree(folder)


def measure(
    repo: Monorepo,
    root: Path,
    engines: tuple[Engine, ...],
    floors: Mapping[str, tuple[str, ...]],
    rounds: int,
) -> None:
    """Prints as it goes."""
    print(f"{len(repo.deps)} packages with {repo.sources} sources each; {os.cpu_count()} processors")
    print(f"a change of {repo.changed_file} builds {len(repo.cone(repo.changed))} packages again", flush=True)
    measured = Rounds(repo, root, engines)
    for line in measured.warm():
        print(line, flush=True)
    for number in range(rounds):
        measured.round(number, floors)
        print(f"round {number + 1}, load {os.getloadavg()[0]:.1f}", flush=True)
    measured.check_texts()
    for found in (measured.walls, measured.cpus):
        print("\n".join(table(found, tuple(each.name for each in engines))))


if __name__ == "__main__":
    main()
