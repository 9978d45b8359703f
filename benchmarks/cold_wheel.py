"""A cold cross-built wheel: piot against maturin by hand, in turns, on the example library.

Both sides start with everything fetched and unpacked, the compiler fingerprinted, and zig's own cache
warm; both then compile all third-party crates and all members. Run it with the Python that piot is
installed in, with maturin and zig (from PyPI) beside it:

    python benchmarks/cold_wheel.py [--rounds 3] [--sandbox bwrap]

Prints the wall seconds of every round, medians, and the ratio pair by pair.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXAMPLE = Path(__file__).parent.parent / "examples" / "polyglot"
TARGET = "aarch64-unknown-linux-gnu"
WARM = {
    "putitoutthere.toml": '[putitoutthere]\nversion = 1\n[[package]]\nname = "warm"\nkind = "crates"\n'
    'path = "."\npaths = ["**"]\n',
    "Cargo.toml": '[package]\nname = "warm"\nversion = "0.1.0"\nedition = "2021"\n',
    "Cargo.lock": 'version = 4\n\n[[package]]\nname = "warm"\nversion = "0.1.0"\n',
    "src/main.rs": "fn main() {}\n",
    "BUILD": 'rust_binary(name = "warm")\n',
}


def run(argv: list[str], *, cwd: Path, env: dict[str, str]) -> float:
    """Wall seconds of a command that must succeed."""
    started = time.perf_counter()
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{' '.join(argv)} failed:\n{done.stdout}{done.stderr}")
    return wall


class Piot:
    """One side: a store with the tools, the crates and the warm zig cache, copied for every round.

    By hard links, since zig knows the files that its cache was made from by their inodes.
    """

    def __init__(self, folder: Path, sandbox: str, rustc: str) -> None:
        self.checkout, self.base, self.store = folder / "piot", folder / "base", folder / "store"
        self.env = {**os.environ, "PIOT_CACHE_DIR": str(self.base), "PATH": _path(rustc)}
        self.argv = [sys.executable, "-m", "piot", "build", "//packages/python:wheel", "--target", TARGET]
        self.argv += ["--sandbox", sandbox]
        shutil.copytree(EXAMPLE, self.checkout, ignore=shutil.ignore_patterns("target", "dist", ".piot"))
        warm = folder / "warm"
        for name, text in WARM.items():
            (warm / name).parent.mkdir(parents=True, exist_ok=True)
            (warm / name).write_text(text)
        run([*self.argv[:3], "build", "//:warm", *self.argv[5:]], cwd=warm, env=self.env)
        run([*self.argv[:3], "fetch", *self.argv[4:7]], cwd=self.checkout, env=self.env)
        self.env["PIOT_CACHE_DIR"] = str(self.store)

    def round(self) -> float:
        for left in (self.checkout / "dist", self.checkout / ".piot", self.store):
            shutil.rmtree(left, ignore_errors=True)
        subprocess.run(["cp", "-al", str(self.base), str(self.store)], check=True)
        os.sync()
        return run(self.argv, cwd=self.checkout, env=self.env)


class Maturin:
    """The other side: one CARGO_HOME and zig cache, a fresh target folder for every round."""

    def __init__(self, folder: Path, rustc: str) -> None:
        self.checkout, home = folder / "maturin", folder / "home"
        home.mkdir()
        shutil.copytree(EXAMPLE, self.checkout, ignore=shutil.ignore_patterns("target", "dist", ".piot"))
        scripts = str(Path(sys.executable).parent)
        self.env = {
            **os.environ,
            "HOME": str(home),
            "CARGO_HOME": str(home / "cargo"),
            "RUSTC": rustc,
            "PATH": os.pathsep.join((scripts, _path(rustc))),
        }
        self.argv = ["maturin", "build", "--release", "--zig", "--compatibility", "manylinux_2_17"]
        self.argv += ["--target", TARGET, "--locked", "-m", "packages/python/Cargo.toml", "--out", "dist"]
        run(self.argv, cwd=self.checkout, env=self.env)
        self.argv.append("--offline")

    def round(self) -> float:
        shutil.rmtree(self.checkout / "target", ignore_errors=True)
        os.sync()
        return run(self.argv, cwd=self.checkout, env=self.env)


def _path(rustc: str) -> str:
    return os.pathsep.join((str(Path(rustc).parent), os.environ["PATH"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sandbox", default="bwrap", choices=("dir", "bwrap"))
    parser.add_argument("--rustc", default="/usr/bin/rustc", help="it has the standard library of the target")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sides: dict[str, Piot | Maturin] = {
            "piot": Piot(Path(folder), options.sandbox, options.rustc),
            "maturin": Maturin(Path(folder), options.rustc),
        }
        rounds: dict[str, list[float]] = {name: [] for name in sides}
        for number in range(options.rounds):
            for name, side in sides.items():
                rounds[name].append(side.round())
                print(f"round {number + 1}  {name:8} {rounds[name][-1]:6.1f} s", flush=True)
    pairs = [a / b for a, b in zip(rounds["piot"], rounds["maturin"], strict=True)]
    medians = {name: statistics.median(each) for name, each in rounds.items()}
    print(
        f"piot {medians['piot']:.1f} s, maturin {medians['maturin']:.1f} s, "
        f"ratio {statistics.median(pairs):.3f} ({min(pairs):.3f} to {max(pairs):.3f})"
    )


if __name__ == "__main__":
    main()
