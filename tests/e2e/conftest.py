"""The installed wheel of piot, a runner for it, and fresh copies of the example library."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, Protocol, TypedDict

import pytest

from tests.support import three_files
from tests.support.npm_registry import Npm, verdaccio

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/polyglot"
PATIENCE = 900
"""Seconds that one piot process may take: ten times what the slowest cold build needs on two processors."""

KEPT = ("PATH", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "LD_LIBRARY_PATH")
KEPT_PREFIXES = (
    "PIP_",
    "npm_config_",
    "NPM_CONFIG_",
    "CARGO_REGISTRIES_",
    "CARGO_SOURCE_",
    "CARGO_HTTP_",
    "CARGO_NET_",
    "RUSTUP_",
)
"""How this machine reaches its package registries and where its compilers are; nothing else is handed on."""
SETTINGS = (".cargo/config.toml", ".cargo/config", ".config/pip/pip.conf", ".pip/pip.conf", ".npmrc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a program ended and what it said."""

    code: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        """Everything it said, for messages of tests."""
        return f"exit {self.code}\n--- stdout\n{self.stdout}--- stderr\n{self.stderr}"

    @property
    def ran(self) -> list[str]:
        """The actions that piot began to run, each as ``//label what it does``, sorted."""
        lines = self.stderr.splitlines()
        return sorted(line[2:-9] for line in lines if line.startswith("• ") and line.endswith("  started"))

    @property
    def targets(self) -> dict[str, Target]:
        """The targets of ``build --json`` by ``//label``, or ``//label@triple`` where they have one."""
        entries = json.loads(self.stdout)["targets"]
        return {"@".join((each["label"], *each["config"].values())): each for each in entries}


class Output(TypedDict):
    """A file in ``build --json``."""

    path: str
    sha256: str
    size: int


class Target(TypedDict):
    """A target in ``build --json``, as far as tests look at it."""

    label: str
    config: dict[str, str]
    status: str
    key: str | None
    reason: str
    outputs: list[Output]
    error: NotRequired[str]


class Piot(Protocol):
    """Runs the installed piot in ``cwd``; ``env`` is laid over the scrubbed environment.

    A value of None takes a variable away. With ``ok`` the test fails unless piot ends well.
    """

    def __call__(
        self, *args: str, cwd: Path, env: Mapping[str, str | None] | None = None, ok: bool = True
    ) -> Result: ...


class NewPolyglot(Protocol):
    """Makes a clone of the example, with one commit, at a path of its own or at the one given."""

    def __call__(self, folder: Path | None = None) -> Path: ...


def run(*command: str | Path, cwd: Path, env: Mapping[str, str], ok: bool = True) -> Result:
    """Runs any program with exactly this environment."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        cwd=cwd,
        env=dict(env),
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=PATIENCE,
    )
    result = Result(code=done.returncode, stdout=done.stdout, stderr=done.stderr)
    assert not ok or result.code == 0, f"{' '.join(words)}\n{result.text}"
    return result


def remove(store: Path) -> None:
    """Removes a store with its read-only folders: it is large, and pytest would keep those of three runs."""
    for folder, _, _ in os.walk(store):
        Path(folder).chmod(0o700)
    shutil.rmtree(store)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder that holds nothing but the settings of the package registries' clients."""
    folder = tmp_path_factory.mktemp("home")
    for name in SETTINGS:
        if (Path.home() / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path.home() / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """``PIOT_CACHE_DIR`` of the session: a new one, or the one that ``PIOT_TEST_STORE`` names."""
    if named := os.environ.get("PIOT_TEST_STORE"):
        yield Path(named).absolute()
    else:
        folder = tmp_path_factory.mktemp("cache")
        yield folder
        remove(folder)


@pytest.fixture(scope="session")
def environment(home: Path, store: Path) -> Mapping[str, str]:
    """The scrubbed environment that piot and the programs around it run in."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT or name.startswith(KEPT_PREFIXES) or name.lower().endswith("_proxy")
    }
    rustup = Path.home() / ".rustup"
    if rustup.is_dir():
        kept.setdefault("RUSTUP_HOME", str(rustup))
    return {**kept, "HOME": str(home), "PIOT_CACHE_DIR": str(store), "LC_ALL": "C.UTF-8"}


@pytest.fixture(scope="session")
def installed_piot(tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]) -> Path:
    """The ``piot`` program of a fresh environment that the wheel of this checkout was installed into."""
    folder = tmp_path_factory.mktemp("installed")
    build = ("-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    run(sys.executable, *build, cwd=folder, env=os.environ)
    (wheel,) = folder.glob("*.whl")
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder, env=environment)
    run(folder / "venv/bin/pip", "install", "--quiet", wheel, cwd=folder, env=environment)
    return folder / "venv/bin/piot"


@pytest.fixture(scope="session")
def piot(installed_piot: Path, environment: Mapping[str, str]) -> Piot:
    """Runs the installed piot; see ``Piot``."""

    def call(*args: str, cwd: Path, env: Mapping[str, str | None] | None = None, ok: bool = True) -> Result:
        asked = {**environment, **(env or {})}
        used = {name: value for name, value in asked.items() if value is not None}
        return run(installed_piot, *args, cwd=cwd, env=used, ok=ok)

    return call


@pytest.fixture(scope="session")
def npm_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Npm]:
    """A registry of npm, as the test before left it."""
    with verdaccio(tmp_path_factory.mktemp("npm") / "verdaccio") as server:
        yield server


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a small release; see ``three_files.build``. Whoever changes them takes a copy."""
    return three_files.build(tmp_path_factory.mktemp("three"))


@pytest.fixture(scope="session")
def new_polyglot(tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]) -> NewPolyglot:
    """Makes clones of the example library; see ``NewPolyglot``."""

    def make(folder: Path | None = None) -> Path:
        target = folder or tmp_path_factory.mktemp("polyglot") / "polyglot"
        left_out = shutil.ignore_patterns("dist", ".piot", "target", "node_modules", "__pycache__")
        shutil.copytree(EXAMPLE, target, ignore=left_out)
        commit_all(target, environment)
        return target

    return make


@pytest.fixture
def polyglot(new_polyglot: NewPolyglot) -> Path:
    """A fresh clone of the example library."""
    return new_polyglot()


def commit_all(folder: Path, environment: Mapping[str, str]) -> None:
    """Makes ``folder`` a git repository where it is none, and commits all of its files."""
    who = ("-c", "user.name=Tester", "-c", "user.email=tester@example.invalid", "-c", "commit.gpgsign=false")
    run("git", "init", "--quiet", "--initial-branch=main", cwd=folder, env=environment)
    run("git", "add", "--all", cwd=folder, env=environment)
    run("git", *who, "commit", "--quiet", "--message=all", cwd=folder, env=environment)
