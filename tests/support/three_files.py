"""The files of a release of three packages, made by the real cargo, hatchling and npm."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.released import Released, write_files
from tests.support.repository import do


def build(folder: Path) -> Path:
    """A folder below ``folder`` with a crate, a wheel, an sdist and a tarball, all of version 1.0.0."""
    files, sources, home = folder / "files", folder / "sources", folder / "home"
    files.mkdir(parents=True)
    write_files(sources)
    own = {"HOME": str(home), "CARGO_HOME": str(home / "cargo"), "PATH": os.environ["PATH"]}
    package = ["cargo", "package", "--no-verify", "--allow-dirty", "--target-dir", str(folder / "target")]
    _run(package, sources / "core", with_rust(own))
    shutil.copy(folder / "target/package/core-1.0.0.crate", files)
    wheel = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(files)]
    _run([*wheel, str(sources / "py")], files, dict(os.environ))
    _run(["npm", "pack", "--pack-destination", str(files)], sources / "js", own)
    return files


def with_rust(env: dict[str, str]) -> dict[str, str]:
    """rustup keeps its toolchains in the home of whoever runs the tests."""
    rustup = Path(os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup")))
    return {**env, "RUSTUP_HOME": str(rustup)} if rustup.is_dir() else env


def plan(checkout: Released, file: Path, *names: str) -> Path:
    """The release of these packages in 1.0.0, as ``piot plan --json`` writes it."""
    commit = do(checkout.root, "rev-parse", "HEAD").strip()
    packages = [{"name": name, "version": "1.0.0", "tag": f"{name}-v1.0.0"} for name in names]
    file.write_text(json.dumps({"schema": 1, "commit": commit, "packages": packages}))
    return file


def _run(argv: list[str], cwd: Path, env: dict[str, str]) -> None:
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
