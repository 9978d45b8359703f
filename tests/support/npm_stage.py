"""A registry of npm that keeps versions back until a person approves them, as npm's own does.

Routes, answers and refusals are those of npm's API documentation (*Stage*) and of threads that quote it; what
it stores lies in the registry behind it.
"""

from __future__ import annotations

import base64
import hashlib
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qs, unquote

from tests.support.loopback import Reply, Request
from tests.support.oidc import Issuer, TrustedNpm

OTP = "123456"
PLACEHOLDER = "0.0.0-stage"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One version that waits; ``body`` is what a publish of it would have sent."""

    id: str
    name: str
    version: str
    tag: str
    tarball: bytes
    body: bytes
    actor: str
    created: float

    @property
    def item(self) -> dict[str, str]:
        at = time.gmtime(self.created)
        return {
            "id": self.id,
            "packageName": self.name,
            "version": self.version,
            "tag": self.tag,
            "createdAt": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", at),
            "actor": "tester",
            "actorType": self.actor,
            "access": "public",
            "shasum": hashlib.sha1(self.tarball, usedforsecurity=False).hexdigest(),
            "status": "staged",
        }


class StagingNpm(TrustedNpm):
    """``staged`` are the versions that wait. A short-lived token may stage and, with ``direct``, publish.

    ``new_names`` can be staged; until something of one is approved, it has a placeholder's version.
    """

    STAGE = "/-/stage"

    def __init__(self, issuer: Issuer, behind: str, token: str) -> None:
        super().__init__(issuer, behind, token)
        self.staged: list[Kept] = []
        self.direct = True
        self.new_names = True
        self._user = token

    def answer(self, request: Request) -> Reply:
        if request.path.startswith(self.STAGE):
            return self._stage(request, request.path.removeprefix(self.STAGE).strip("/").split("/"))
        if request.method == "PUT" and not request.path.startswith("/-/"):
            return self._put(request)
        if request.method == "GET" and self._is_placeholder(request.path):
            name = unquote(request.path.removeprefix("/"))
            return Reply.of({"name": name, "versions": {PLACEHOLDER: {"name": name, "version": PLACEHOLDER}}})
        return super().answer(request)

    def approve(self, *names: str) -> None:
        """What a person does, for these packages."""
        for kept in [each for each in self.staged if each.name in names]:
            assert self._approve(kept).status == 201

    def reject(self, name: str) -> None:
        self.staged = [each for each in self.staged if each.name != name]

    def _put(self, request: Request) -> Reply:
        name = unquote(request.path.removeprefix("/"))
        given = _token(request)
        if given in self.minted and not self.direct:
            return Reply.of({"error": "OIDC permission denied for this action"}, 403)
        for version in cast("Mapping[str, object]", request.json.get("versions", {})):
            if self._waits(name, version):
                text = f'Cannot publish over previously staged version "{version}".'
                return Reply.of({"error": text}, 409)
        return super().answer(request)

    def _stage(self, request: Request, words: list[str]) -> Reply:
        given = _token(request)
        match request.method, words:
            case "POST", ["package", escaped] if given == self._user or self.minted.get(given) == escaped:
                return self._keep(
                    request, unquote(escaped), "user" if given == self._user else "trusted automation"
                )
            case _ if given in self.minted:
                return Reply.of({"error": "Insufficient permissions to access this resource"}, 403)
            case _ if given != self._user:
                return Reply.of({"error": "Unauthorized"}, 401)
            case "GET", [""]:
                return self._listed(request)
            case _:
                return self._one(request, words)

    def _one(self, request: Request, words: list[str]) -> Reply:
        kept = next((each for each in self.staged if each.id == words[0]), None)
        if kept is None:
            return Reply.of(
                {"error": "Not Found - No staged package version found with the provided ID."}, 404
            )
        changes = request.method != "GET"
        if changes and request.headers.get("npm-otp") != OTP:
            return Reply.of(
                {"error": "This operation requires a one-time password."}, 401, www_authenticate="OTP"
            )
        match request.method, words[1:]:
            case "GET", []:
                return Reply.of(kept.item)
            case "GET", ["tarball"]:
                return Reply(headers={"Content-Type": "application/octet-stream"}, body=kept.tarball)
            case "POST", ["approve"]:
                return self._approve(kept)
            case "DELETE", []:
                self.staged.remove(kept)
                return Reply(status=204)
            case _:
                return Reply(status=404)

    def _listed(self, request: Request) -> Reply:
        asked = {name: values[0] for name, values in parse_qs(request.query).items()}
        page, size = int(asked.get("page", 0)), min(int(asked.get("perPage", 10)), 100)
        items = [each.item for each in reversed(self.staged) if asked.get("package", each.name) == each.name]
        shown = items[page * size : (page + 1) * size]
        return Reply.of({"items": shown, "page": page, "perPage": size, "total": len(items)})

    def _keep(self, request: Request, name: str, actor: str) -> Reply:
        said: dict[str, Any] = request.json
        if not {"name", "versions", "_attachments"} <= said.keys():
            return Reply.of({"error": "Bad Request - Missing required fields"}, 400)
        ((version, manifest),) = said["versions"].items()
        known = self._versions(name)
        if known is None and not self.new_names:
            return Reply.of({"error": "Not Found - The specified package does not exist."}, 404)
        if self._waits(name, version) or version in (known or ()):
            return Reply.of({"error": f'Cannot stage previously published version "{version}".'}, 409)
        data = base64.b64decode(said["_attachments"][f"{name}-{version}.tgz"]["data"])
        assert hashlib.sha1(data, usedforsecurity=False).hexdigest() == manifest["dist"]["shasum"]
        kept = Kept(
            id=str(uuid.uuid4()),
            name=name,
            version=version,
            tag=next(iter(said["dist-tags"])),
            tarball=data,
            body=request.body,
            actor=actor,
            created=time.time(),
        )
        self.staged.append(kept)
        return Reply.of({"message": "Package version staged successfully.", "stageId": kept.id}, 201)

    def _approve(self, kept: Kept) -> Reply:
        if kept.version in (self._versions(kept.name) or ()):
            return Reply.of(
                {"error": "Conflict - The request could not be completed due to a conflict."}, 409
            )
        path = f"/{kept.name.replace('/', '%2f')}"
        headers = {"authorization": f"Bearer {self._user}", "content-type": "application/json"}
        done = self.forward(Request(method="PUT", path=path, headers=headers, body=kept.body))
        if done.status != 201:
            return done
        self.staged.remove(kept)
        return Reply.of({"message": "Package version approved and published successfully."}, 201)

    def _waits(self, name: str, version: str) -> bool:
        return any((each.name, each.version) == (name, version) for each in self.staged)

    def _versions(self, name: str) -> tuple[str, ...] | None:
        answer = self.forward(Request(method="GET", path=f"/{name.replace('/', '%2f')}"))
        if answer.status != 200:
            return None
        return tuple(Request(method="GET", path="", body=answer.body).json["versions"])  # type: ignore[arg-type]

    def _is_placeholder(self, path: str) -> bool:
        """Of a name of which something waits, and nothing is published, npm shows a version of its own."""
        name = unquote(path.removeprefix("/"))
        return any(each.name == name for each in self.staged) and self._versions(name) is None


def _token(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")
