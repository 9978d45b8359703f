"""Small checkouts in which the real npm works, and a registry on the loopback interface for it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import tarfile
import threading
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.checkout import Checkout, MakeCheckout, make_checkout, probes
from tests.support.repository import do

__all__ = ["make_checkout", "probes"]


@dataclass
class Registry:
    """Has packages by name and version; ``asked`` are the paths that somebody wanted."""

    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    asked: list[str] = field(default_factory=list[str])
    address: str = ""

    def add(self, name: str, version: str, files: Mapping[str, str], **manifest: object) -> dict[str, object]:
        """Publishes a package and gives its entry for a lock file."""
        content = {"package.json": json.dumps({"name": name, "version": version, **manifest}), **files}
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w:gz") as archive:
            for path, text in content.items():
                info = tarfile.TarInfo(f"package/{path}")
                info.size = len(text.encode())
                archive.addfile(info, io.BytesIO(text.encode()))
        data = stream.getvalue()
        self.files[f"/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"] = data
        integrity = base64.b64encode(hashlib.sha512(data).digest()).decode()
        kept: dict[str, object] = {
            key: manifest[key] for key in ("bin", "dependencies", "os") if key in manifest
        }
        return {"version": version, "integrity": f"sha512-{integrity}", **kept}


@pytest.fixture
def registry() -> Generator[Registry, None, None]:
    found = Registry()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            data = found.files.get(self.path)
            self.send_response(200 if data else 404)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    found.address = f"http://127.0.0.1:{server.server_address[1]}"
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def bare(make_checkout: MakeCheckout) -> Checkout:
    """An empty repository, with the PATH that npm is on."""
    made = make_checkout().with_environ(NO_PROXY="127.0.0.1,localhost")
    tools = Path(made.environ["PATH"])
    for name in ("node", "npm"):
        (tools / name).symlink_to(shutil.which(name) or "")
    do(made.root, "init", "--quiet")
    return made


def packages(checkout: Checkout, **directories: str) -> None:
    """Plain packages by name in the folders that are given; further lines stand behind the folder."""
    lines = ["[putitoutthere]", "version = 1"]
    for name, text in directories.items():
        directory, *more = text.split("\n")
        globs = "**" if directory == "." else f"{directory}/**"
        lines += ["[[package]]", f'name = "{name}"', 'kind = "npm"', f'path = "{directory}"']
        lines += [f'paths = ["{globs}"]', *more]
    checkout.write("putitoutthere.toml", "\n".join(lines))


def members(checkout: Checkout, name: str = "*.tgz") -> dict[str, tarfile.TarInfo]:
    """What is in the one ``.tgz`` that was built, without its top folder."""
    (file,) = (checkout.root / "dist").glob(name)
    with tarfile.open(file) as archive:
        return {each.name.removeprefix("package/"): each for each in archive}


def content(checkout: Checkout, member: str, name: str = "*.tgz") -> str:
    """The text of a file in the one ``.tgz`` that was built."""
    (file,) = (checkout.root / "dist").glob(name)
    with tarfile.open(file) as archive:
        stream = archive.extractfile(f"package/{member}")
        return "" if stream is None else stream.read().decode()
