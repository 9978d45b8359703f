"""A wheel after one edited line: ``piot build --incremental`` against maturin by hand, in turns.

Both sides have a checkout of the example library, a target directory that stays, the same compiler, linker
and profile, and CARGO_INCREMENTAL=1. Every round edits one line of the core crate on both. Run it with the
Python that piot is installed in, with maturin and zig (from PyPI) beside it:

    python benchmarks/incremental.py [--rounds 9] [--profile dev] [--linker cc] [--sandbox bwrap]

Prints the wall seconds of every round, medians, and the ratio pair by pair.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXAMPLE = Path(__file__).parent.parent / "examples" / "polyglot"
CORE = "packages/rust/src/lib.rs"
LINE = "    let lower = text.to_lowercase();\n"
TARGET = f"{platform.machine()}-unknown-linux-gnu"
GLIBC = {"zig": "2.17", "cc": platform.libc_ver()[1]}
"""The oldest C library that each linker links for: the system's links for its own."""


def run(argv: list[str], *, cwd: Path, env: dict[str, str]) -> float:
    """Wall seconds of a command that must succeed."""
    started = time.perf_counter()
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{' '.join(argv)} failed:\n{done.stdout}{done.stderr}")
    return wall


class Side:
    """A checkout, and the command that builds its wheel."""

    def __init__(self, checkout: Path, argv: list[str], env: dict[str, str]) -> None:
        self.checkout, self.argv, self.env = checkout, argv, env
        shutil.copytree(EXAMPLE, checkout, ignore=shutil.ignore_patterns("target", "dist", ".piot"))

    def build(self) -> float:
        return run(self.argv, cwd=self.checkout, env=self.env)

    def round(self, number: int) -> float:
        path = self.checkout / CORE
        before = path.read_text().splitlines(keepends=True)
        at = next(index for index, line in enumerate(before) if line.startswith(LINE.rstrip()))
        before[at] = f"{LINE.rstrip()} std::hint::black_box({number});\n"
        path.write_text("".join(before))
        os.sync()
        return self.build()


def piot(folder: Path, options: argparse.Namespace) -> Side:
    argv = [sys.executable, "-m", "piot", "build", "//packages/python:wheel", "--incremental"]
    argv += ["--profile", options.profile, "--sandbox", options.sandbox, "--target", TARGET]
    own = {"PIOT_CACHE_DIR": str(folder / "cache"), "PIOT_GLIBC": GLIBC[options.linker]}
    return Side(folder / "piot", argv, {**os.environ, **own, "PATH": _path(options.rustc)})


def maturin(folder: Path, options: argparse.Namespace) -> Side:
    zig = ["--zig"] if options.linker == "zig" else []
    tag = f"manylinux_{GLIBC[options.linker].replace('.', '_')}"
    argv = ["maturin", "build", "--profile", options.profile, *zig, "--compatibility", tag]
    argv += ["--target", TARGET, "--locked", "-m", "packages/python/Cargo.toml", "--out", "dist"]
    scripts = str(Path(sys.executable).parent)
    own = {"RUSTC": options.rustc, "CARGO_INCREMENTAL": "1"}
    path = os.pathsep.join((scripts, _path(options.rustc)))
    return Side(folder / "maturin", argv, {**os.environ, **own, "PATH": path})


def _path(rustc: str) -> str:
    return os.pathsep.join((str(Path(rustc).parent), os.environ["PATH"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--profile", default="dev")
    parser.add_argument("--linker", default="zig", choices=("zig", "cc"))
    parser.add_argument("--sandbox", default="bwrap", choices=("dir", "bwrap"))
    parser.add_argument("--rustc", default="/usr/bin/rustc", help="with cargo beside it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        sides = {"piot": piot(Path(folder), options), "maturin": maturin(Path(folder), options)}
        for name, side in sides.items():
            print(f"first build  {name:8} {side.build():6.2f} s", flush=True)
        sides["maturin"].argv.append("--offline")
        rounds: dict[str, list[float]] = {name: [] for name in sides}
        for number in range(options.rounds):
            for name in sorted(sides, reverse=bool(number % 2)):
                rounds[name].append(sides[name].round(number))
                print(f"round {number + 1}  {name:8} {rounds[name][-1]:6.2f} s", flush=True)
    pairs = [a / b for a, b in zip(rounds["piot"], rounds["maturin"], strict=True)]
    medians = {name: statistics.median(each) for name, each in rounds.items()}
    print(
        f"{options.profile}, {options.linker}: piot {medians['piot']:.2f} s, "
        f"maturin {medians['maturin']:.2f} s, "
        f"ratio {statistics.median(pairs):.3f} ({min(pairs):.3f} to {max(pairs):.3f})"
    )


if __name__ == "__main__":
    main()
