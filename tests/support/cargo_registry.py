"""A sparse cargo registry that the real cargo publishes to and builds from, with crates.io's words.

The formats are those of the cargo reference (*Registry Index*, *Web API*); messages, limits and the
routes of trusted publishing are crates.io's.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import tarfile
import time
import tomllib
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from piot.model.cargo.index import page_path
from tests.support.loopback import Loopback, Reply, Request

TOKEN = "cio-secret-token"


@dataclass(kw_only=True)
class Published:
    """One version; it is in the index from ``visible`` on (seconds since 1970)."""

    line: dict[str, Any]
    data: bytes
    visible: float


@dataclass(kw_only=True)
class TrustedToken:
    """A token of trusted publishing, and the crates that it is for; ``expires`` in seconds since 1970."""

    crates: frozenset[str]
    expires: float


@dataclass
class Limit:
    """How many more publishes are allowed; after that 429 until ``again`` (seconds since 1970)."""

    left: int = 1_000_000
    again: float = 0.0


class CargoRegistry(Loopback):
    """``lag`` is how many seconds the index is behind the API; ``tokens`` are those of people."""

    def __init__(self, *, lag: float = 0.0, private: bool = False) -> None:
        super().__init__()
        self.lag = lag
        self.private = private
        self.tokens = {TOKEN}
        self.trusted: dict[str, TrustedToken] = {}
        self.trusted_only: set[str] = set()
        self.crates: dict[str, list[Published]] = {}
        self.new_crates = Limit()
        self.new_versions = Limit()
        self.uploads: list[str] = []

    @property
    def index(self) -> str:
        """As cargo's configuration names it."""
        return f"sparse+{self.url}/index/"

    def answer(self, request: Request) -> Reply:
        path = request.path
        if path.startswith("/index/"):
            return self._index(request, path.removeprefix("/index/"))
        if not path.startswith("/api/v1/"):
            return _detail(404, "Not Found")
        if not request.headers.get("user-agent"):
            return Reply(status=403, body=b"We require that all requests include a `User-Agent` header.\n")
        return self._api(request, path.removeprefix("/api/v1/").split("/"))

    def _api(self, request: Request, words: list[str]) -> Reply:
        match request.method, words:
            case "PUT", ["crates", "new"]:
                return self._publish(request)
            case "GET", ["crates", name, version, "download"]:
                return self._download(name, version)
            case "GET", ["crates", name, version]:
                return self._version(name, version)
            case "GET", ["crates", name]:
                return self._crate(name)
            case "DELETE", ["crates", name, version, "yank"]:
                return self._yank(request, name, version, yanked=True)
            case "PUT", ["crates", name, version, "unyank"]:
                return self._yank(request, name, version, yanked=False)
            case method, ["trusted_publishing", "tokens"]:
                return self.trusted_publishing(request, method)
            case _:
                return _detail(404, "Not Found")

    def trusted_publishing(self, request: Request, method: str) -> Reply:  # noqa: ARG002
        """Who has no issuer to trust answers as a registry without the route."""
        return _detail(404, "Not Found")

    def has(self, name: str, version: str) -> Published | None:
        plain = version.partition("+")[0]
        versions = self.crates.get(name.lower(), [])
        return next((each for each in versions if each.line["vers"].partition("+")[0] == plain), None)

    def add(self, name: str, version: str, data: bytes, *, yanked: bool = False) -> None:
        """A version that was published by somebody else."""
        line: dict[str, Any] = {
            "name": name,
            "vers": version,
            "deps": [],
            "cksum": hashlib.sha256(data).hexdigest(),
            "features": {},
            "yanked": yanked,
        }
        self.crates.setdefault(name.lower(), []).append(Published(line=line, data=data, visible=0.0))

    def _index(self, request: Request, path: str) -> Reply:
        if self.private and request.headers.get("authorization") not in self.tokens:
            return Reply(status=401)
        if path == "config.json":
            config: dict[str, Any] = {"dl": f"{self.url}/api/v1/crates", "api": self.url}
            return Reply.of({**config, "auth-required": True} if self.private else config)
        name = path.rpartition("/")[2]
        now = time.time()
        lines = [json.dumps(each.line) for each in self.crates.get(name, []) if each.visible <= now]
        if not lines or path != page_path(name):
            return Reply(status=404)
        body = "".join(f"{line}\n" for line in lines).encode()
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == tag:
            return Reply(status=304, headers={"ETag": tag})
        return Reply(headers={"ETag": tag, "Cache-Control": "max-age=600"}, body=body)

    def _download(self, name: str, version: str) -> Reply:
        found = self.has(name, version)
        return _detail(404, "Not Found") if found is None else Reply(body=found.data)

    def _crate(self, name: str) -> Reply:
        versions = self.crates.get(name.lower())
        if not versions:
            return _detail(404, f"crate `{name}` does not exist")
        newest = versions[-1].line
        crate = {"name": newest["name"], "newest_version": newest["vers"]}
        return Reply.of({"crate": {**crate, "trustpub_only": name in self.trusted_only}})

    def _version(self, name: str, version: str) -> Reply:
        if not self.crates.get(name.lower()):
            return _detail(404, f"crate `{name}` does not exist")
        found = self.has(name, version)
        if found is None:
            return _detail(404, f"crate `{name}` does not have a version `{version}`")
        line = found.line
        return Reply.of(
            {"version": {"num": line["vers"], "checksum": line["cksum"], "yanked": line["yanked"]}}
        )

    def _yank(self, request: Request, name: str, version: str, *, yanked: bool) -> Reply:
        if request.headers.get("authorization") not in self.tokens:
            return _detail(403, "authentication failed")
        found = self.has(name, version)
        if found is None:
            return _detail(404, f"crate `{name}` does not have a version `{version}`")
        found.line["yanked"] = yanked
        return Reply.of({"ok": True})

    def _publish(self, request: Request) -> Reply:
        metadata, data = _parts(request.body)
        name, version = metadata["name"], metadata["vers"]
        refusal = self._refusal(request.headers.get("authorization", ""), name)
        if refusal is not None:
            return refusal
        if self.has(name, version) is not None:
            return _detail(400, f"crate version `{version}` is already uploaded")
        if refusal := self._limited(name):
            return refusal
        _check(name, version, data)
        self.uploads.append(f"{name}@{version}")
        published = Published(
            line=_line(metadata, data, self.index), data=data, visible=time.time() + self.lag
        )
        self.crates.setdefault(name.lower(), []).append(published)
        return Reply.of(
            {
                "crate": {"name": name},
                "warnings": {"invalid_categories": [], "invalid_badges": [], "other": []},
            }
        )

    def _refusal(self, header: str, name: str) -> Reply | None:
        token, known = header.removeprefix("Bearer "), name.lower() in self.crates
        if not token:
            return _detail(403, "this action requires authentication")
        if token.startswith("cio_tp_"):
            trusted = self.trusted.get(token)
            if trusted is None or trusted.expires <= time.time():
                return _detail(403, "Invalid authentication token")
            if not known:
                text = "Trusted Publishing tokens do not support creating new crates. "
                return _detail(403, f"{text}Publish the crate manually, first")
            if name not in trusted.crates:
                return _detail(403, f"The provided access token is not valid for crate `{name}`")
            return None
        if token not in self.tokens:
            return _detail(403, "authentication failed")
        if name in self.trusted_only:
            return _detail(
                403, f"New versions of this crate can only be published using Trusted Publishing ({name})"
            )
        return None

    def _limited(self, name: str) -> Reply | None:
        new = name.lower() not in self.crates
        limit = self.new_crates if new else self.new_versions
        if limit.left > 0:
            limit.left -= 1
            return None
        if time.time() >= limit.again:
            return None
        date = formatdate(limit.again, usegmt=True)
        what = "new crates" if new else "updates to existing crates"
        text = f"You have published too many {what} in a short period of time. Please try again after {date}"
        return _detail(429, f"{text} and see the documentation for details.", Retry_After=date)


def _detail(status: int, text: str, **headers: str) -> Reply:
    return Reply.of({"errors": [{"detail": text}]}, status, **headers)


def _parts(body: bytes) -> tuple[dict[str, Any], bytes]:
    """The metadata and the ``.crate`` of a publish request (cargo reference, *Publish*)."""
    (size,) = struct.unpack_from("<I", body)
    metadata = json.loads(body[4 : 4 + size])
    (length,) = struct.unpack_from("<I", body, 4 + size)
    data = body[8 + size :]
    assert len(data) == length
    return metadata, data


def _check(name: str, version: str, data: bytes) -> None:
    """The manifest in the archive says the same as the request, as crates.io demands."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        member = archive.extractfile(f"{name}-{version}/Cargo.toml")
        assert member is not None
        package = tomllib.loads(member.read().decode())["package"]
    assert (package["name"], package["version"]) == (name, version)


def _line(metadata: dict[str, Any], data: bytes, index: str) -> dict[str, Any]:
    return {
        "name": metadata["name"],
        "vers": metadata["vers"],
        "deps": [_dependency(each, index) for each in metadata["deps"]],
        "cksum": hashlib.sha256(data).hexdigest(),
        "features": metadata["features"],
        "yanked": False,
        "links": metadata.get("links"),
        "v": 2,
    }


def _dependency(said: dict[str, Any], index: str) -> dict[str, Any]:
    """The index names a renamed dependency by its new name, and its own registry by nothing."""
    renamed = said.get("explicit_name_in_toml")
    registry = said.get("registry")
    return {
        "name": renamed or said["name"],
        "req": said["version_req"],
        "features": said["features"],
        "optional": said["optional"],
        "default_features": said["default_features"],
        "target": said["target"],
        "kind": said["kind"],
        "registry": None if registry in (None, index) else registry,
        "package": said["name"] if renamed else None,
    }
