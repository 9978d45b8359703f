"""A project's page of a package index, in both of its formats (PEP 503, 592, 691, 700)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import cast

ACCEPT = ", ".join(
    (
        "application/vnd.pypi.simple.v1+json",
        "application/vnd.pypi.simple.v1+html;q=0.2",
        "text/html;q=0.1",
    )
)
"""The Accept header of a request for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFile:
    """A file of a project; ``sha256`` and ``size`` are None where the index does not tell them.

    ``url`` may be relative to the page's own address.
    """

    filename: str
    sha256: str | None
    size: int | None
    yanked: bool
    url: str | None = field(default=None, compare=False)


def files_on(page: bytes, content_type: str) -> tuple[IndexFile, ...]:
    """The files that a page lists; raises ValueError when it is no such page."""
    if "json" not in content_type:
        return tuple(_Anchors.files(page.decode("utf-8", "replace")))
    try:
        said = cast("Mapping[str, object]", json.loads(page))
        return tuple(_json_file(file) for file in cast("list[Mapping[str, object]]", said["files"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("it does not list files") from error


def _json_file(file: Mapping[str, object]) -> IndexFile:
    size = file.get("size")
    sha256 = cast("Mapping[str, object]", file.get("hashes") or {}).get("sha256")
    return IndexFile(
        filename=str(file["filename"]),
        sha256=str(sha256).lower() if sha256 else None,
        size=size if isinstance(size, int) else None,
        yanked=file.get("yanked", False) is not False,
        url=str(file["url"]) if "url" in file else None,
    )


class _Anchors(HTMLParser):
    """The links of a PEP 503 page: the text is the file's name, the fragment of the address its hash."""

    def __init__(self) -> None:
        super().__init__()
        self._attributes: dict[str, str | None] | None = None
        self._text = ""
        self._found: list[IndexFile] = []

    @classmethod
    def files(cls, page: str) -> list[IndexFile]:
        parser = cls()
        parser.feed(page)
        parser.close()
        return parser._found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._attributes, self._text = dict(attrs), ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag != "a" or self._attributes is None:
            return
        url, _, fragment = (self._attributes.get("href") or "").partition("#")
        sha256 = fragment.removeprefix("sha256=").partition("&")[0].lower() if "sha256=" in fragment else None
        yanked = "data-yanked" in self._attributes
        name = self._text.strip()
        file = IndexFile(filename=name, sha256=sha256, size=None, yanked=yanked, url=url)
        self._found.append(file)
        self._attributes = None


def file_version(filename: str) -> str | None:
    """The version that a wheel or sdist is of, as PEP 440 writes it; None for any other file."""
    from packaging.utils import (
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )

    try:
        if filename.endswith(".whl"):
            return str(parse_wheel_filename(filename)[1])
        return str(parse_sdist_filename(filename)[1])
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
