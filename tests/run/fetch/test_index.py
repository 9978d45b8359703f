"""The index that pip is set to use, in both of its formats."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from piot.effects.http import Http
from piot.effects.pip_config import IndexSettings, pip_settings
from piot.errors import MachineError
from piot.model.python.index import IndexFile
from piot.run.fetch.index import project_files

Reply = tuple[int, dict[str, str], bytes]
Serve = Callable[[Callable[[str, dict[str, str]], Reply]], str]
SHA256 = "ab" * 32
PAGE = f"""<!DOCTYPE html><html><body><a href="../home">home</a>
<a href="../../files/t-1.whl#sha256={SHA256}" data-requires-python="&gt;=3.7">t-1.whl</a><br/>
<a href="t-2.whl#md5=00" data-yanked="broken &amp; bad"> t-2.whl </a></body></html>"""
JSON: dict[str, object] = {
    "meta": {"api-version": "1.1"},
    "files": [
        {"filename": "t-1.whl", "hashes": {"sha256": SHA256.upper()}, "size": 3, "yanked": False},
        {"filename": "t-2.whl", "hashes": {}, "yanked": "broken"},
    ],
}


def fetched(url: str) -> tuple[IndexFile, ...]:
    http = Http()
    try:
        return project_files(http, url, "t")
    finally:
        http.close()


def test_a_json_index_is_asked_for_json_and_read(serve: Serve) -> None:
    asked: list[tuple[str, str]] = []

    def answer(path: str, headers: dict[str, str]) -> Reply:
        asked.append((path, headers["accept"].partition(",")[0]))
        return 200, {"Content-Type": "application/vnd.pypi.simple.v1+json"}, json.dumps(JSON).encode()

    assert fetched(f"{serve(answer)}/simple/") == (
        IndexFile(filename="t-1.whl", sha256=SHA256, size=3, yanked=False),
        IndexFile(filename="t-2.whl", sha256=None, size=None, yanked=True),
    )
    assert asked == [("/simple/t/", "application/vnd.pypi.simple.v1+json")]


def test_an_index_of_plain_pages_is_read_too(serve: Serve) -> None:
    url = serve(lambda _path, _headers: (200, {"Content-Type": "text/html; charset=utf-8"}, PAGE.encode()))
    assert fetched(url) == (
        IndexFile(filename="home", sha256=None, size=None, yanked=False),
        IndexFile(filename="t-1.whl", sha256=SHA256, size=None, yanked=False),
        IndexFile(filename="t-2.whl", sha256=None, size=None, yanked=True),
    )


REFUSALS: list[tuple[Reply, str]] = [
    ((404, {}, b""), "the package index has no t: {url}/t/ answered 404"),
    ((403, {}, b""), "{url}/t/ answered 403"),
    (
        (200, {"Content-Type": "application/json"}, b"[]"),
        "{url}/t/ is no package index: it answered something else",
    ),
]


@pytest.mark.parametrize(("reply", "expected"), REFUSALS)
def test_an_index_that_does_not_answer_well_is_named(serve: Serve, reply: Reply, expected: str) -> None:
    url = serve(lambda _path, _headers: reply)
    with pytest.raises(MachineError) as caught:
        fetched(url)
    assert str(caught.value) == expected.format(url=url)


def environment(**own: str) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PIP_")}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, **own}


def test_pips_configuration_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://user:it's@index.example/simple\ncert = /ca.pem\nproxy = http://p.example\n"
        "[download]\nproxy = http://d.example\n",
        encoding="utf-8",
    )
    assert pip_settings(environment(PIP_CONFIG_FILE=str(tmp_path / "pip.conf"))) == IndexSettings(
        url="https://user:it's@index.example/simple", cert=Path("/ca.pem"), proxy="http://d.example"
    )


def test_pips_variables_win() -> None:
    assert pip_settings(environment(PIP_INDEX_URL="https://index.example/x")).url == "https://index.example/x"


def test_without_configuration_pip_is_asked_for_its_default() -> None:
    assert pip_settings(environment()).url.startswith("https://")
