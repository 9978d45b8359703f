"""Package indexes of Python: pypiserver and devpi as they are, and a stand-in that answers as PyPI does."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any

from tests.support.loopback import Loopback, Reply, Request
from tests.support.servers import free_port, process

TOKEN = "pypi-secret-token"


@dataclass(frozen=True, kw_only=True)
class Index:
    """``simple`` is where pip looks, ``upload`` where twine sends, with ``user`` and ``password``."""

    simple: str
    upload: str
    user: str
    password: str


@dataclass(kw_only=True)
class Stored:
    data: bytes
    yanked: bool = False

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


class PyPI(Loopback):
    """Uploads are answered in PyPI's words: the same file again is 200, another one of its name 400."""

    def __init__(self) -> None:
        super().__init__()
        self.projects: dict[str, dict[str, Stored]] = {}
        self.deleted: set[str] = set()
        self.closed: set[tuple[str, str]] = set()
        self.tokens = {TOKEN}
        self.html = False
        self.uploads: list[str] = []

    @property
    def index(self) -> Index:
        return Index(
            simple=f"{self.url}/simple", upload=f"{self.url}/legacy/", user="__token__", password=TOKEN
        )

    def answer(self, request: Request) -> Reply:
        if request.path.startswith("/simple/"):
            return self._simple(request.path.removeprefix("/simple/"))
        if request.path.startswith("/files/"):
            return self._file(request.path.rpartition("/")[2])
        if (request.method, request.path) == ("POST", "/legacy/"):
            return self._upload(request)
        return self.trusted_publishing(request)

    def trusted_publishing(self, request: Request) -> Reply:  # noqa: ARG002
        """Who has no issuer to trust answers as an index without the routes."""
        return Reply(status=404)

    def add(self, project: str, filename: str, data: bytes, *, yanked: bool = False) -> None:
        """A file that was published by somebody else."""
        self.projects.setdefault(normal(project), {})[filename] = Stored(data=data, yanked=yanked)

    def _simple(self, path: str) -> Reply:
        name = path.rstrip("/")
        if name != normal(name) or not path.endswith("/"):
            return Reply(status=301, headers={"Location": f"/simple/{normal(name)}/"})
        files = self.projects.get(name)
        if files is None:
            return Reply(status=404)
        if self.html:
            return self._page(files)
        listed = [
            {
                "filename": filename,
                "url": f"{self.url}/files/{filename}",
                "hashes": {"sha256": stored.sha256},
                "size": len(stored.data),
                "yanked": stored.yanked,
            }
            for filename, stored in files.items()
        ]
        body = {"meta": {"api-version": "1.1"}, "name": name, "files": listed}
        kind = "application/vnd.pypi.simple.v1+json"
        return Reply(headers={"Content-Type": kind}, body=json.dumps(body).encode())

    def _page(self, files: dict[str, Stored]) -> Reply:
        links = (
            f'<a href="/files/{filename}#sha256={stored.sha256}"'
            f"{' data-yanked' if stored.yanked else ''}>{filename}</a>"
            for filename, stored in files.items()
        )
        body = f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>"
        return Reply(headers={"Content-Type": "text/html"}, body=body.encode())

    def _file(self, filename: str) -> Reply:
        for files in self.projects.values():
            if filename in files:
                return Reply(body=files[filename].data)
        return Reply(status=404)

    def _upload(self, request: Request) -> Reply:
        wanted = {base64.b64encode(f"__token__:{token}".encode()).decode() for token in self.tokens}
        if request.headers.get("authorization", "").removeprefix("Basic ") not in wanted:
            return _refusal(403, "Invalid or non-existent authentication information.")
        fields, filename, data = form(request)
        refusal = self._wrong(fields, filename, data)
        if refusal is not None:
            return refusal
        self.uploads.append(filename)
        self.add(fields["name"], filename, data)
        return Reply()

    def _wrong(self, fields: dict[str, str], filename: str, data: bytes) -> Reply | None:
        """PyPI's checks in its order; a reply for the first that fails, 200 for what is there already."""
        if fields.get(":action") != "file_upload" or fields.get("protocol_version") != "1":
            return _refusal(400, "Unknown protocol version.")
        if fields["sha256_digest"] != hashlib.sha256(data).hexdigest():
            return _refusal(
                400, "The digest supplied does not match a digest calculated from the uploaded file."
            )
        stored = self.projects.get(normal(fields["name"]), {}).get(filename)
        if stored is not None and stored.data == data:
            return Reply()
        if stored is not None:
            blake = hashlib.blake2b(stored.data, digest_size=32).hexdigest()
            return _refusal(
                400, f"File already exists ('{filename}', with blake2_256 hash '{blake}'). See the help."
            )
        if filename in self.deleted:
            text = "This filename was previously used by a file that has since been deleted."
            return _refusal(400, f"{text} Use a different version.")
        if (normal(fields["name"]), fields["version"]) in self.closed:
            return _refusal(400, "Uploading new files to releases older than 14 days is not allowed.")
        return None


def _refusal(status: int, text: str) -> Reply:
    return Reply.of({"code": f"{status} {text}", "message": text}, status)


def form(request: Request) -> tuple[dict[str, str], str, bytes]:
    """The fields of an upload, the file's name, and the file (RFC 7578); of repeated fields the last."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    fields, filename, data = dict[str, str](), "", b""
    for part in BytesParser(policy=HTTP).parsebytes(head + request.body).iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if name == "content":
            filename, data = str(part.get_filename()), content
        else:
            fields[name] = content.decode()
    return fields, filename, data


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@contextmanager
def pypiserver(folder: Path) -> Generator[Index, None, None]:
    """A pypiserver of its own that anybody may upload to."""
    (folder / "packages").mkdir(parents=True)
    port = free_port()
    words = ("run", "-p", str(port), "-i", "127.0.0.1", "-P", ".", "-a", ".", str(folder / "packages"))
    url = f"http://127.0.0.1:{port}"
    with process([sys.executable, "-m", "pypiserver", *words], folder, f"{url}/simple/"):
        yield Index(simple=f"{url}/simple", upload=f"{url}/", user="any", password="any")


@contextmanager
def devpi(folder: Path) -> Generator[Index, None, None]:
    """A devpi server with one index that does not let released files be replaced."""
    programs, data = Path(sys.executable).parent, folder / "data"
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [programs / "devpi-init", "--serverdir", data, "--root-passwd", "root"],
        check=True,
        capture_output=True,
    )
    port = free_port()
    words = ("--serverdir", str(data), "--host", "127.0.0.1", "--port", str(port), "--offline-mode")
    url = f"http://127.0.0.1:{port}"
    with process([str(programs / "devpi-server"), *words], folder, f"{url}/+api"):
        _rest("PUT", f"{url}/tester", {"password": "secret"})
        said = _rest("POST", f"{url}/+login", {"user": "tester", "password": "secret"})
        settings: dict[str, object] = {"type": "stage", "bases": [], "volatile": False}
        _rest("PUT", f"{url}/tester/dev", settings, f"tester:{said['result']['password']}")
        yield Index(
            simple=f"{url}/tester/dev/+simple",
            upload=f"{url}/tester/dev/",
            user="tester",
            password="secret",
        )


def _rest(method: str, url: str, values: dict[str, object], login: str = "") -> dict[str, Any]:
    """One call of devpi's own protocol, whose login stands in a header of its own."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if login:
        headers["X-Devpi-Auth"] = base64.b64encode(login.encode()).decode()
    request = urllib.request.Request(url, json.dumps(values).encode(), headers, method=method)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        said: dict[str, Any] = json.loads(answer.read())
    return said
