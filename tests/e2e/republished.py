"""A release that is published again and again: its world set back, its requests noted, its state compared."""

from __future__ import annotations

import hashlib
import json
import subprocess
import urllib.request
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.conftest import PATIENCE
from tests.e2e.test_publish import Release, releasing, trusting
from tests.support.loopback import Loopback, Request
from tests.support.npm_registry import Npm
from tests.support.oidc import TrustedCargoRegistry
from tests.support.repository import do

SERVERS = ("issuer", "crates", "pypi", "npm")
PACKAGE = "/@x%2fjs"

Asked = tuple[str, str, str]
"""Which server was asked, the method and the path."""
State = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class World:
    """``program`` is the installed piot, ``earlier`` the upload of the npm package's version of before."""

    program: Path
    release: Release
    env: Mapping[str, str]
    earlier: Request = field(repr=False)

    def server(self, name: str) -> Loopback:
        checkout = self.release.checkout
        return {
            "issuer": self.release.issuer,
            "crates": checkout.crates,
            "pypi": checkout.pypi,
            "npm": self.release.npm,
        }[name]

    @property
    def remote(self) -> Path:
        return self.release.checkout.root.parent / "remote.git"

    def set_back(self) -> None:
        """As it was before anything was published: versions of before, no tag, no token, no fault."""
        crates, pypi, npm = self.release.checkout.crates, self.release.checkout.pypi, self.release.npm
        assert isinstance(crates, TrustedCargoRegistry)
        del crates.crates["core"][1:]
        pypi.projects.clear()
        npm.forward(Request(method="DELETE", path=f"{PACKAGE}/-rev/1", headers=self.earlier.headers))
        assert npm.forward(self.earlier).status == 201
        for known in (crates.trusted, crates.uploads, pypi.uploads, pypi.tokens, npm.minted):
            known.clear()
        for name in SERVERS:
            server = self.server(name)
            for log in (server.faults, server.seen, server.requests):
                log.clear()
        for folder in (self.remote, self.release.checkout.root):
            if names := do(folder, "tag", "--list").split():
                do(folder, "tag", "--delete", *names)
        for hook in (self.remote / "hooks").glob("*"):
            hook.unlink()

    def run(self, *more: str) -> subprocess.CompletedProcess[str]:
        """One run, to its end."""
        with self.started(*more) as process:
            stdout, stderr = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    @contextmanager
    def started(self, *more: str) -> Generator[subprocess.Popen[str], None, None]:
        """One run, in a process group of its own."""
        process = subprocess.Popen(
            [self.program, "publish", *self.release.words, *more],
            cwd=self.release.checkout.root,
            env=dict(self.env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        with process:
            yield process

    def asked(self) -> Counter[Asked]:
        """How often each question came since the world was set back."""
        return Counter((name, method, path) for name in SERVERS for method, path, _ in self.server(name).seen)

    def npm_versions(self) -> dict[str, str]:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            f"http://{self.release.npm.behind}{PACKAGE}", timeout=30
        ) as answer:
            said = json.loads(answer.read())
        return {
            **{name: each["dist"]["integrity"] for name, each in said["versions"].items()},
            **{f"tag {name}": version for name, version in said["dist-tags"].items()},
        }

    def state(self) -> State:
        """What the registries and the remote have, by digest."""
        checkout = self.release.checkout
        return {
            "crates": [(each.line["vers"], each.line["cksum"]) for each in checkout.crates.crates["core"]],
            "pypi": {
                name: hashlib.sha256(each.data).hexdigest()
                for name, each in sorted(checkout.pypi.projects.get("my-py", {}).items())
            },
            "npm": self.npm_versions(),
            "tags": do(self.remote, "for-each-ref", "--format=%(refname) %(*objectname)", "refs/tags"),
        }

    def tagged_unseen(self) -> list[str]:
        """Tags of packages that are not there as a whole."""
        checkout = self.release.checkout
        there = {
            "core-v1.0.0": len(checkout.crates.crates["core"]) == 2,
            "my-py-v1.0.0": len(checkout.pypi.projects.get("my-py", {})) == 2,
            "js-v1.0.0": "1.0.0" in self.npm_versions(),
        }
        return [tag for tag in self.release.tags if not there[tag]]


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory,
    installed_piot: Path,
    environment: Mapping[str, str],
    built: Path,
    npm_server: Npm,
) -> Generator[World, None, None]:
    """A release by a job that all registries trust."""
    folder = tmp_path_factory.mktemp("republished")
    with releasing(folder, built, npm_server) as untrusted:
        release = trusting(untrusted, folder)
        (earlier,) = (each for each in release.npm.requests if each.method == "PUT")
        asked = {**environment, **release.env}
        env = {name: value for name, value in asked.items() if value is not None}
        yield World(program=installed_piot, release=release, env=env, earlier=earlier)


@pytest.fixture(scope="module")
def undisturbed(made: World) -> tuple[State, Counter[Asked]]:
    """What is there, and what was asked, after a run that nothing disturbs."""
    made.set_back()
    done = made.run()
    assert done.returncode == 0, done.stdout + done.stderr
    return made.state(), made.asked()
