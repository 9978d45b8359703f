"""GitHub's REST API of releases, as far as a release tool needs it, with its statuses and messages.

By *REST API endpoints for releases* and *for release assets* (version 2022-11-28), and by answers that
people show in issues: assets of immutable releases, names that are taken, both kinds of rate limits.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.support.loopback import Loopback, Plain, Reply, Request

TOKEN = "ghs-secret-token"
DOCS = "https://docs.github.com/rest"


@dataclass(kw_only=True)
class StoredAsset:
    id: int
    name: str
    data: bytes
    digest: bool = True
    state: str = "uploaded"

    @property
    def json(self) -> dict[str, Any]:
        digest = f"sha256:{hashlib.sha256(self.data).hexdigest()}" if self.digest else None
        return {
            "id": self.id,
            "name": self.name,
            "size": len(self.data),
            "state": self.state,
            "digest": digest,
        }


@dataclass(kw_only=True)
class StoredRelease:
    id: int
    tag: str
    body: str
    draft: bool
    prerelease: bool = False
    immutable: bool = False
    latest: str = ""
    assets: list[StoredAsset] = field(default_factory=list[StoredAsset])


class GitHubApi(Loopback):
    """One repository; ``has_tag`` says whether a tag was pushed; files are sent to a host of their own.

    ``immutable`` makes releases immutable when they are published; ``page`` is the size of pages.
    """

    def __init__(self, has_tag: Callable[[str], bool], *, repository: str = "me/lib") -> None:
        super().__init__()
        self.has_tag = has_tag
        self.repository = repository
        self.immutable = False
        self.digests = True
        self.releases: list[StoredRelease] = []
        self.made_tags: list[str] = []
        self.uploads = Plain(self._upload)
        self._next = 1

    @contextmanager
    def serving(self) -> Generator[None, None, None]:
        """Both hosts."""
        with self.running(), self.uploads.running():
            yield

    @property
    def environ(self) -> dict[str, str]:
        return {"GITHUB_API_URL": self.url, "GITHUB_REPOSITORY": self.repository, "GITHUB_TOKEN": TOKEN}

    def add(
        self,
        tag: str,
        *,
        draft: bool = False,
        body: str = "of another tool",
        files: Mapping[str, bytes] | None = None,
    ) -> StoredRelease:
        """A release that somebody else made."""
        made = StoredRelease(id=self._id(), tag=tag, body=body, draft=draft)
        made.immutable = self.immutable and not draft
        for name, data in (files or {}).items():
            made.assets.append(StoredAsset(id=self._id(), name=name, data=data, digest=self.digests))
        self.releases.append(made)
        return made

    def files(self, tag: str) -> dict[str, bytes]:
        """What people can download of a published release."""
        (found,) = (each for each in self.releases if each.tag == tag and not each.draft)
        return {each.name: each.data for each in found.assets}

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _message(401, "Bad credentials")
        path = request.path.removeprefix(f"/repos/{self.repository}/")
        if path == request.path:
            return _message(404, "Not Found")
        for pattern, method, act in self._routes():
            found = re.fullmatch(pattern, path)
            if found and method == request.method:
                return act(request, *map(unquote, found.groups()))
        return _message(404, "Not Found")

    def _routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        return [
            (r"git/ref/tags/(.+)", "GET", self._ref),
            (r"releases/tags/(.+)", "GET", self._by_tag),
            (r"releases", "GET", self._list),
            (r"releases", "POST", self._create),
            (r"releases/assets/(\d+)", "GET", self._asset),
            (r"releases/assets/(\d+)", "DELETE", self._delete),
            (r"releases/(\d+)/assets", "GET", self._assets),
            (r"releases/(\d+)", "PATCH", self._edit),
            (r"releases/(\d+)", "DELETE", self._remove),
        ]

    def _ref(self, _: Request, tag: str) -> Reply:
        return Reply.of({"ref": f"refs/tags/{tag}"}) if self._known(tag) else _message(404, "Not Found")

    def _known(self, tag: str) -> bool:
        return tag in self.made_tags or self.has_tag(tag)

    def _by_tag(self, _: Request, tag: str) -> Reply:
        """Drafts are not found by their tag."""
        found = [each for each in self.releases if each.tag == tag and not each.draft]
        return Reply.of(self._json(found[0])) if found else _message(404, "Not Found")

    def _list(self, request: Request) -> Reply:
        return Reply.of([self._json(each) for each in _page(request, self.releases[::-1])])

    def _create(self, request: Request) -> Reply:
        said: dict[str, Any] = request.json
        if self._taken(said["tag_name"]) and not said["draft"]:
            return _invalid("Release", "tag_name")
        made = StoredRelease(
            id=self._id(),
            tag=said["tag_name"],
            body=said["body"],
            draft=True,
            prerelease=said["prerelease"],
        )
        self.releases.append(made)
        return Reply.of(self._json(made), 201) if said["draft"] else self._publish(made, "true")

    def _edit(self, request: Request, number: str) -> Reply:
        found = self._release(number)
        if found is None:
            return _message(404, "Not Found")
        said: dict[str, Any] = request.json
        if found.draft and said.get("draft") is False:
            if self._taken(found.tag):
                return _invalid("Release", "tag_name")
            return self._publish(found, said.get("make_latest", "true"))
        return Reply.of(self._json(found))

    def _remove(self, _: Request, number: str) -> Reply:
        found = self._release(number)
        if found is None:
            return _message(404, "Not Found")
        self.releases.remove(found)
        return Reply(status=204)

    def _publish(self, found: StoredRelease, latest: str) -> Reply:
        """GitHub makes a tag that is missing, on the default branch."""
        if not self._known(found.tag):
            self.made_tags.append(found.tag)
        found.draft, found.immutable, found.latest = False, self.immutable, latest
        return Reply.of(self._json(found))

    def _taken(self, tag: str) -> bool:
        return any(each.tag == tag and not each.draft for each in self.releases)

    def _assets(self, request: Request, number: str) -> Reply:
        found = self._release(number)
        if found is None:
            return _message(404, "Not Found")
        return Reply.of([each.json for each in _page(request, found.assets)])

    def _asset(self, _: Request, number: str) -> Reply:
        found = [each for some in self.releases for each in some.assets if each.id == int(number)]
        return Reply(body=found[0].data) if found else _message(404, "Not Found")

    def _delete(self, _: Request, number: str) -> Reply:
        for some in self.releases:
            for each in some.assets:
                if each.id == int(number):
                    if some.immutable:
                        return _message(422, "Cannot delete asset from an immutable release")
                    some.assets.remove(each)
                    return Reply(status=204)
        return _message(404, "Not Found")

    def _upload(self, request: Request) -> Reply:
        """On the other host."""
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _message(401, "Bad credentials")
        match = re.fullmatch(rf"/repos/{self.repository}/releases/(\d+)/assets", request.path)
        found = self._release(match[1]) if match else None
        if found is None or request.method != "POST":
            return _message(404, "Not Found")
        if found.immutable:
            return _message(422, "Cannot upload assets to an immutable release.")
        name = re.sub(r"[^\w.+@-]", ".", parse_qs(request.query)["name"][0])
        if any(each.name == name for each in found.assets):
            return _invalid("ReleaseAsset", "name")
        made = StoredAsset(id=self._id(), name=name, data=request.body, digest=self.digests)
        found.assets.append(made)
        return Reply.of(made.json, 201)

    def _release(self, number: str) -> StoredRelease | None:
        return next((each for each in self.releases if each.id == int(number)), None)

    def _json(self, one: StoredRelease) -> dict[str, Any]:
        upload = f"{self.uploads.url}/repos/{self.repository}/releases/{one.id}/assets"
        return {
            "id": one.id,
            "tag_name": one.tag,
            "name": one.tag,
            "body": one.body,
            "draft": one.draft,
            "prerelease": one.prerelease,
            "immutable": one.immutable,
            "upload_url": upload + "{?name,label}",
        }

    def _id(self) -> int:
        self._next += 1
        return self._next


def limited(*, reset: float | None = None, after: int | None = None) -> Reply:
    """The primary rate limit until ``reset`` (in seconds since 1970), or a secondary of ``after`` seconds."""
    if after is not None:
        said = {"message": "You have exceeded a secondary rate limit.", "documentation_url": DOCS}
        return Reply.of(said, 403, Retry_After=str(after))
    said = {"message": "API rate limit exceeded for installation ID 1.", "documentation_url": DOCS}
    return Reply.of(said, 403, X_RateLimit_Remaining="0", X_RateLimit_Reset=f"{reset or 0:.0f}")


def _page(request: Request, rows: list[Any]) -> list[Any]:
    asked = parse_qs(request.query)
    size, number = int(asked.get("per_page", ["30"])[0]), int(asked.get("page", ["1"])[0])
    return rows[(number - 1) * size : number * size]


def _message(status: int, text: str) -> Reply:
    return Reply.of({"message": text, "documentation_url": DOCS, "status": str(status)}, status)


def _invalid(resource: str, name: str) -> Reply:
    error = {"resource": resource, "code": "already_exists", "field": name}
    said = {"message": "Validation Failed", "errors": [error], "documentation_url": DOCS}
    return Reply.of(said, 422)
