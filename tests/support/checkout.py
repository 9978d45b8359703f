"""A small checkout with a store of its own, in which real commands of a few milliseconds are built."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from piot.app.build import build
from piot.app.building.request import BuildRequest
from piot.app.session.where import Where
from piot.effects import host
from piot.model import events
from piot.model.report import BuildReport, TargetReport
from piot.model.triple import Triple
from piot.run.stores.local import LocalStore

CONFIG = """\
[putitoutthere]
version = 1

[[package]]
name = "lib"
kind = "npm"
path = "lib"
paths = ["lib/**"]
"""

ROOT = Path(__file__).parent.parent.parent

FACTS = host.host_triple_facts()
HOST = Triple.from_uname(FACTS.system, FACTS.machine, FACTS.libc).text


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one build gave, and what it said."""

    report: BuildReport
    said: tuple[events.Event, ...]

    def target(self, label: str) -> TargetReport:
        (found,) = (each for each in self.report.targets if each.label == label)
        return found

    @property
    def actions(self) -> dict[str, str]:
        """What became of the action of every label."""
        return {each.label: each.status for each in self.said if isinstance(each, events.ActionFinished)}

    @property
    def reasons(self) -> dict[str, str]:
        return {each.label: each.reason for each in self.said if isinstance(each, events.ActionFinished)}

    @property
    def outputs(self) -> dict[str, str]:
        """What every action printed."""
        finished = (each for each in self.said if isinstance(each, events.ActionFinished))
        return {each.label: each.output.decode() for each in finished}

    @property
    def texts(self) -> list[str]:
        """Notes and warnings."""
        return [each.text for each in self.said if isinstance(each, events.Note | events.Warning)]


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """``root`` is the checkout; ``environ`` is all that piot knows of its caller."""

    root: Path
    environ: Mapping[str, str]
    sandbox: str = "dir"

    @classmethod
    def make(
        cls, folder: Path, probes: Path, *, build: str = "", sandbox: str = "dir", cache: Path | None = None
    ) -> Checkout:
        """A fresh one below ``folder``; two of them share a store when they are given the same ``cache``.

        ``probes`` is what an earlier run learnt of this machine's compilers, which takes a second.
        """
        root, tools, home = folder / "checkout", folder / "bin", folder / "home"
        for each in (root, tools, home):
            each.mkdir(parents=True)
        for name in ("bwrap", "git", "sh"):
            if (program := shutil.which(name)) is not None:
                (tools / name).symlink_to(program)
        cache = cache or folder / "cache"
        if not (cache / "probes").exists() and probes.exists():
            shutil.copytree(probes, cache / "probes")
        environ = {
            "HOME": str(home),
            "PATH": str(tools),
            "PIOT_CACHE_DIR": str(cache),
            "PIOT_CONFIG": str(folder / "config.toml"),
        }
        made = cls(root=root, environ=environ, sandbox=sandbox)
        made.write("putitoutthere.toml", CONFIG)
        made.write("BUILD", build)
        return made

    def with_environ(self, **more: str) -> Checkout:
        return Checkout(root=self.root, environ={**self.environ, **more}, sandbox=self.sandbox)

    @property
    def store(self) -> LocalStore:
        return LocalStore(Path(self.environ["PIOT_CACHE_DIR"]) / "store")

    def write(self, path: str, text: str, *, executable: bool = False) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        place.chmod(0o755 if executable else 0o644)
        return place

    def read(self, name: str) -> str:
        """A delivered file by its name, wherever below ``dist/`` it stands."""
        (found,) = (path for path in (self.root / "dist").rglob(name) if path.is_file())
        return found.read_text()

    def build(self, *patterns: str, **options: Any) -> Run:
        """Builds in this process, all but the package unless told; ``options`` are those of the request."""
        said: list[events.Event] = []
        chosen: dict[str, Any] = {"sandbox": self.sandbox, **options}
        request = BuildRequest(patterns=patterns or ("//:all",), **chosen)
        where = Where(directory=self.root, environ=self.environ)
        return Run(report=build(request, where, said.append), said=tuple(said))

    def start(self, *words: str) -> subprocess.Popen[str]:
        """piot as a process, which the caller waits for."""
        return subprocess.Popen(
            [sys.executable, "-m", "piot", "-C", str(self.root), *words],
            env={**self.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of piot as a process."""
        process = self.start(*words)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def blobs(self) -> list[Path]:
        return [path for path in (self.store.root / "blobs").rglob("*") if path.is_file()]


def command(name: str, script: str, *, outputs: tuple[str, ...] = (), **attributes: Any) -> str:
    """A ``command`` target of a BUILD file that runs a shell script; JSON values are Starlark's too."""
    values = {"name": name, "argv": ["sh", "-c", script], "outputs": list(outputs), **attributes}
    return f"command({', '.join(f'{key} = {json.dumps(value)}' for key, value in values.items())})\n"


def shell(words: str, cwd: Path) -> tuple[int, str]:
    """Exit code and all output of a shell command."""
    done = subprocess.run(["sh", "-c", words], cwd=cwd, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


class MakeCheckout(Protocol):
    def __call__(
        self, build: str = "", *, name: str = ..., sandbox: str = ..., cache: Path | None = ...
    ) -> Checkout: ...


@pytest.fixture(scope="session")
def probes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What probes say of this machine, learnt once."""
    folder = tmp_path_factory.mktemp("probes")
    Checkout.make(folder, folder / "none", build=command("any", ":")).build(dry_run=True)
    return folder / "cache" / "probes"


@pytest.fixture
def make_checkout(tmp_path: Path, probes: Path) -> MakeCheckout:
    """Makes checkouts, each in a folder of its own."""

    def make(
        build: str = "", *, name: str = "one", sandbox: str = "dir", cache: Path | None = None
    ) -> Checkout:
        return Checkout.make(tmp_path / name, probes, build=build, sandbox=sandbox, cache=cache)

    return make
