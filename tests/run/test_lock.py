"""``piot lock``: which version is taken, which files are pinned, which requests are refused."""

from __future__ import annotations

import pytest

from piot.effects.http import Http
from piot.effects.pip_config import IndexSettings
from piot.errors import InputError, MachineError, UsageError
from piot.model.pins import PinnedFile, Pins, ToolPin
from piot.model.python.index import IndexFile
from piot.run import lock as room
from piot.run.lock import lock, parse_request, pin

SHA256 = "ab" * 32
SETTINGS = IndexSettings(url="http://127.0.0.1:9/simple")


def file(filename: str, *, yanked: bool = False, sha256: str | None = SHA256) -> IndexFile:
    return IndexFile(filename=filename, sha256=sha256, size=7, yanked=yanked)


FILES = (
    file("t-1.0.tar.gz"),
    file("t-1.9-py3-none-win32.whl"),
    file("t-1.10-py3-none-win32.whl"),
    file("t-1.10-py3-none-any.whl"),
    file("t-1.11-py3-none-any.whl", yanked=True),
    file("t-2.0rc1-py3-none-any.whl"),
    file("t-3.0.tar.gz"),
    file("t-4.0-odd.whl"),
)


def test_the_newest_final_version_with_wheels_is_taken() -> None:
    assert pin("t", None, FILES) == ToolPin(
        name="t",
        ecosystem="pypi",
        version="1.10",
        files=(
            PinnedFile(filename="t-1.10-py3-none-any.whl", sha256=SHA256, size=7),
            PinnedFile(filename="t-1.10-py3-none-win32.whl", sha256=SHA256, size=7),
        ),
    )


@pytest.mark.parametrize(
    ("asked", "taken"), [("1.9", "1.9"), ("1.9.0", "1.9"), ("1.11", "1.11"), ("2.0rc1", "2.0rc1")]
)
def test_a_version_that_is_asked_for_is_taken_even_when_yanked(asked: str, taken: str) -> None:
    assert pin("t", asked, FILES).version == taken


def test_only_prereleases_are_better_than_nothing() -> None:
    assert pin("t", None, FILES[5:]).version == "2.0rc1"


@pytest.mark.parametrize(
    ("version", "files", "expected"),
    [
        (
            "3.0",
            FILES,
            "the package index has no wheels of t==3.0\n\nhint: it has 2.0rc1, 1.11, 1.10 and 1.9",
        ),
        (None, FILES[:1], "the package index has no wheels of t"),
        (None, FILES[4:5], "the package index has no wheels of t\n\nhint: it has 1.11"),
    ],
)
def test_a_version_without_wheels_is_refused(
    version: str | None, files: tuple[IndexFile, ...], expected: str
) -> None:
    with pytest.raises(InputError) as caught:
        pin("t", version, files)
    assert str(caught.value) == expected


def test_an_index_without_hashes_cannot_be_pinned() -> None:
    with pytest.raises(MachineError) as caught:
        pin("t", None, [file("t-1-py3-none-any.whl", sha256=None)])
    assert str(caught.value) == (
        "the package index does not tell the sha256 of t-1-py3-none-any.whl\n\n"
        "hint: point pip at an index that does (PIP_INDEX_URL)"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [("maturin", ("maturin", None)), ("Cargo_Zigbuild == 0.24.0", ("cargo-zigbuild", "0.24.0"))],
)
def test_a_request_names_a_tool_and_perhaps_a_version(text: str, expected: tuple[str, str | None]) -> None:
    assert parse_request(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "t>=1", "t==1.*", "t==1,==2", "t[x]", "t; python_version > '3'", "t @ https://index.example/t"],
)
def test_other_requests_are_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_request(text)
    assert str(caught.value) == f"not a tool to lock: {text!r}\n\nhint: write TOOL or TOOL==VERSION"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []

    def project_files(_http: Http, url: str, project: str) -> tuple[IndexFile, ...]:
        assert url == SETTINGS.url
        names.append(project)
        return tuple(file(f"{project}-{version}-py3-none-any.whl") for version in ("1", "2"))

    monkeypatch.setattr(room, "project_files", project_files)
    return names


def old(name: str) -> ToolPin:
    return ToolPin(name=name, ecosystem="pypi", version="1", files=())


def test_named_tools_are_pinned_anew_and_others_kept(asked: list[str]) -> None:
    lines: list[str] = []
    pins = lock(["b", "c==1"], Pins(tools=(old("a"), old("b"))), settings=SETTINGS, report=lines.append)
    assert [(tool.name, tool.version) for tool in pins.tools] == [("a", "1"), ("b", "2"), ("c", "1")]
    assert asked == ["b", "c"]
    assert lines == ["b 2: 1 files", "c 1: 1 files"]


def test_without_a_name_every_tool_gets_its_newest(asked: list[str]) -> None:
    pins = lock([], Pins(tools=(old("a"), old("b"))), settings=SETTINGS)
    assert [(tool.name, tool.version) for tool in pins.tools] == [("a", "2"), ("b", "2")]
    assert asked == ["a", "b"]


def test_nothing_to_lock_is_a_mistake() -> None:
    with pytest.raises(UsageError) as caught:
        lock([], Pins(), settings=SETTINGS)
    assert str(caught.value) == "no tool is named and none is pinned\n\nhint: say which: `piot lock maturin`"
