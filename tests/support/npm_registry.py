"""verdaccio, a registry of npm, as a program of its own on the loopback interface."""

from __future__ import annotations

import json
import os
import shutil
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.servers import free_port, process

ROOT = Path(__file__).parents[2]
INSTALLED = ROOT / ".work/verdaccio"
PROGRAM = INSTALLED / "node_modules/verdaccio/bin/verdaccio"

CONFIG = """\
storage: ./storage
auth: { htpasswd: { file: ./htpasswd, max_users: 10 } }
uplinks: {}
web: { enable: false }
packages:
  "@*/*": { access: $all, publish: $authenticated, unpublish: $authenticated }
  "**": { access: $all, publish: $authenticated, unpublish: $authenticated }
log: { type: stdout, format: pretty, level: http }
"""


@dataclass(frozen=True, kw_only=True)
class Npm:
    """A registry, and a token of somebody who may publish there; ``log`` is what it says."""

    url: str
    token: str
    log: Path

    def clear(self) -> None:
        """Takes all packages away."""
        storage = self.log.parent / "storage"
        for file in list(storage.glob("**/package.json")):
            name = file.parent.relative_to(storage).as_posix()
            headers = {"Authorization": f"Bearer {self.token}"}
            path = f"{self.url}/{name.replace('/', '%2f')}/-rev/1"
            _open(urllib.request.Request(path, headers=headers, method="DELETE"))


@contextmanager
def verdaccio(folder: Path) -> Generator[Npm, None, None]:
    """A registry without any package; ``scripts/test`` has installed the program."""
    assert PROGRAM.exists(), "verdaccio is not installed: run scripts/test, which does it"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(CONFIG)
    place = f"127.0.0.1:{free_port()}"
    url = f"http://{place}"
    argv = [shutil.which("node") or "node", str(PROGRAM), "-c", "config.yaml", "-l", place]
    env = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    with process(argv, folder, f"{url}/-/ping", env):
        yield Npm(url=url, token=_token(url), log=folder / "server.log")


def _token(url: str) -> str:
    """Makes a user, as ``npm adduser`` does, which gives a token."""
    user = {"name": "tester", "password": "only for tests"}
    request = urllib.request.Request(
        f"{url}/-/user/org.couchdb.user:tester",
        json.dumps(user).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    return str(json.loads(_open(request))["token"])


def _open(request: urllib.request.Request) -> bytes:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        data: bytes = answer.read()
    return data
