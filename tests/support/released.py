"""A checkout with a package of each kind, whose registries are on the loopback interface."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.cargo_registry import CargoRegistry
from tests.support.loopback import Plain, Reply, Request
from tests.support.python_index import PyPI
from tests.support.repository import do

CONFIG = """\
[putitoutthere]
version = 1

[[package]]
name = "core"
kind = "crates"
path = "core"
paths = ["core/**"]

[[package]]
name = "my-py"
kind = "pypi"
path = "py"
paths = ["py/**"]
depends_on = ["core"]
build = "hatch"

[[package]]
name = "js"
kind = "npm"
npm = "@x/js"
path = "js"
paths = ["js/**"]

[piot.registry.crates-io]
index = "{crates}"
"""

FILES = {
    "core/Cargo.toml": (
        '[package]\nname = "core"\nversion = "1.0.0"\nedition = "2021"\nlicense = "MIT"\n'
        'description = "small"\n'
    ),
    "core/Cargo.lock": '# generated\nversion = 4\n\n[[package]]\nname = "core"\nversion = "1.0.0"\n',
    "core/src/lib.rs": "pub fn one() -> u8 { 1 }\n",
    "py/pyproject.toml": (
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n\n'
        '[project]\nname = "my-py"\nversion = "1.0.0"\n'
    ),
    "py/my_py.py": "one = 1\n",
    "js/package.json": '{"name": "@x/js", "version": "1.0.0", "main": "index.js"}\n',
    "js/index.js": "module.exports = 1\n",
    ".gitignore": "dist/\n.piot/\n",
}


@dataclass(frozen=True, kw_only=True)
class Released:
    """``npm`` answers 404 until ``packuments`` has an answer for a path."""

    root: Path
    environ: dict[str, str]
    crates: CargoRegistry
    pypi: PyPI
    npm: Plain
    packuments: dict[str, Reply] = field(default_factory=dict[str, Reply])

    def tag(self, *names: str) -> None:
        for name in names:
            do(self.root, "tag", name)

    def commit(self) -> None:
        do(self.root, "add", "--all")
        do(self.root, "commit", "--quiet", "--message=all")

    def write(self, path: str, data: bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(data)


def write_files(root: Path) -> None:
    """The packages alone."""
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


@contextmanager
def released(
    folder: Path, *, crates: CargoRegistry | None = None, pypi: PyPI | None = None
) -> Generator[Released, None, None]:
    """The checkout with one commit, and an environment without any setting of this machine."""
    root, packuments = folder / "checkout", dict[str, Reply]()

    def npm_answer(request: Request) -> Reply:
        return packuments.get(request.path, Reply(status=404))

    crates, pypi, npm = crates or CargoRegistry(), pypi or PyPI(), Plain(npm_answer)
    with crates.running(), pypi.running(), npm.running():
        write_files(root)
        (root / "putitoutthere.toml").write_text(CONFIG.replace("{crates}", crates.index))
        do(root, "init", "--quiet", "--initial-branch=main")
        do(root, "add", "--all")
        do(root, "commit", "--quiet", "--message=all")
        yield Released(
            root=root,
            environ=environment(folder, pypi, npm),
            crates=crates,
            pypi=pypi,
            npm=npm,
            packuments=packuments,
        )


def environment(folder: Path, pypi: PyPI, npm: Plain) -> dict[str, str]:
    home = folder / "home"
    home.mkdir(exist_ok=True)
    programs = dict.fromkeys(str(Path(shutil.which(name) or "").parent) for name in ("git", "npm", "node"))
    return {
        "HOME": str(home),
        "CARGO_HOME": str(home / "cargo"),
        "PATH": os.pathsep.join(programs),
        "PIOT_CACHE_DIR": str(folder / "cache"),
        "PIOT_CONFIG": str(folder / "none.toml"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": pypi.index.simple,
        "TWINE_REPOSITORY_URL": pypi.index.upload,
        "npm_config_registry": npm.url,
    }
