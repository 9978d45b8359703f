"""The package index that pip is set to use: which files of a project it has, with which hashes."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import cast

from piot.effects.http import Http, without_secrets
from piot.effects.peek import scratch_folder
from piot.effects.process import run
from piot.errors import MachineError
from piot.run.fetch.pypi import pip

_ACCEPT = ", ".join(
    (
        "application/vnd.pypi.simple.v1+json",
        "application/vnd.pypi.simple.v1+html;q=0.2",
        "text/html;q=0.1",
    )
)
_DEFAULT = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
"""pip's own default; no option of pip prints it without what the user configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFile:
    """A file of a project; ``sha256`` and ``size`` are None where the index does not tell them."""

    filename: str
    sha256: str | None
    size: int | None
    yanked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSettings:
    """pip's index address (perhaps with user and password), CA file and proxy."""

    url: str
    cert: Path | None = None
    proxy: str | None = None


def pip_settings(env: Mapping[str, str]) -> IndexSettings:
    """What pip's variables and configuration files say, else pip's built-in default; raises MachineError."""
    with scratch_folder() as folder:
        listed = pip(["config", "list"], folder=folder, env=env)
        if listed.code != 0:
            raise MachineError(f"pip cannot read its configuration:\n{listed.complaint}")
        said = dict(_pairs(listed.stdout.decode("utf-8", "replace")))
        url = _setting(said, "index-url")
        if url is None:
            asked = run([sys.executable, "-P", "-c", _DEFAULT], cwd=folder, env=env)
            url = asked.stdout.decode().strip()
            if asked.code != 0 or not url:
                raise MachineError("pip does not tell its index", hint="set PIP_INDEX_URL")
    cert, proxy = _setting(said, "cert"), _setting(said, "proxy")
    return IndexSettings(url=url, cert=Path(cert) if cert else None, proxy=proxy)


def project_files(http: Http, url: str, project: str) -> tuple[IndexFile, ...]:
    """The files of ``project`` by the simple API of the index at ``url`` (PEP 503, 691, 700).

    Raises MachineError when the index does not have it or answers something else.
    """
    address = f"{url.rstrip('/')}/{project}/"
    answer = http.get(address, headers={"Accept": _ACCEPT})
    shown = without_secrets(address)
    if answer.status == 404:
        raise MachineError(f"the package index has no {project}: {shown} answered 404")
    if answer.status != 200:
        raise MachineError(f"{shown} answered {answer.status}")
    if "json" not in answer.headers.get("content-type", ""):
        return tuple(_Anchors.files(answer.body.decode("utf-8", "replace")))
    try:
        said = cast("Mapping[str, object]", json.loads(answer.body))
        return tuple(_json_file(file) for file in cast("list[Mapping[str, object]]", said["files"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MachineError(f"{shown} is no package index: it answered something else") from error


def _json_file(file: Mapping[str, object]) -> IndexFile:
    size = file.get("size")
    sha256 = cast("Mapping[str, object]", file.get("hashes") or {}).get("sha256")
    return IndexFile(
        filename=str(file["filename"]),
        sha256=str(sha256).lower() if sha256 else None,
        size=size if isinstance(size, int) else None,
        yanked=file.get("yanked", False) is not False,
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
        fragment = (self._attributes.get("href") or "").partition("#")[2]
        sha256 = fragment.removeprefix("sha256=").partition("&")[0] if "sha256=" in fragment else None
        yanked = "data-yanked" in self._attributes
        file = IndexFile(filename=self._text.strip(), sha256=sha256, size=None, yanked=yanked)
        self._found.append(file)
        self._attributes = None


def _pairs(listing: str) -> Iterator[tuple[str, str]]:
    """``global.index-url='…'`` lines, as ``pip config list`` prints them."""
    for line in listing.splitlines():
        key, _, value = line.partition("=")
        try:
            yield key, str(ast.literal_eval(value))
        except (ValueError, SyntaxError):
            continue


def _setting(said: Mapping[str, str], name: str) -> str | None:
    """pip's order: environment, the command's own section, the global section."""
    for section in (":env:", "download", "install", "global"):
        if value := said.get(f"{section}.{name}"):
            return value
    return None
