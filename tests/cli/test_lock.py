"""``piot lock``: pins in ``piot.lock``, and what changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from piot.effects.http import Http
from piot.effects.pip_config import IndexSettings
from piot.model.python.index import IndexFile
from piot.run import lock as room

Piot = Callable[..., tuple[int, str, str]]

HEADER = (
    "# Written by `piot lock`: tools from package indexes, pinned by hash. Commit this file.\nversion = 1\n"
)


def pinned(name: str, version: str, sha256: str = "cd" * 32) -> str:
    wheel = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    return (
        f'\n[[tool]]\nname = "{name}"\necosystem = "pypi"\nversion = "{version}"\nfiles = [\n'
        f'    {{ filename = "{wheel}", sha256 = "{sha256}", size = 7 }},\n]\n'
    )


@pytest.fixture(autouse=True)
def index(monkeypatch: pytest.MonkeyPatch) -> None:
    """An index where every project has the versions 1.0 and 2.0."""

    def project_files(_http: Http, _url: str, project: str) -> tuple[IndexFile, ...]:
        wheel = project.replace("-", "_")
        names = (f"{wheel}-{version}-py3-none-any.whl" for version in ("1.0", "2.0"))
        return tuple(IndexFile(filename=name, sha256="cd" * 32, size=7, yanked=False) for name in names)

    def pip_settings(_environ: Mapping[str, str]) -> IndexSettings:
        return IndexSettings(url="http://127.0.0.1:9/simple")

    monkeypatch.setattr(room, "pip_settings", pip_settings)
    monkeypatch.setattr(room, "project_files", project_files)


def test_a_named_tool_is_pinned_in_a_new_file(checkout: Path, piot: Piot) -> None:
    assert piot("lock", "tool-a==1.0") == (
        0,
        "tool-a (not pinned) -> 1.0\n",
        "note: found tool-a 1.0: 1 files\n",
    )
    assert (checkout / "piot.lock").read_text() == HEADER + pinned("tool-a", "1.0")


def test_without_a_name_the_pins_of_the_file_are_made_anew(checkout: Path, piot: Piot) -> None:
    text = HEADER + pinned("tool-a", "1.0") + pinned("tool-b", "2.0", "ab" * 32) + pinned("tool-c", "2.0")
    (checkout / "piot.lock").write_text(text)
    code, out, err = piot("lock", "-q")
    assert (code, out, err) == (0, "tool-a 1.0 -> 2.0\ntool-b 2.0: other files\n", "")
    fresh = HEADER + "".join(pinned(f"tool-{letter}", "2.0") for letter in "abc")
    assert (checkout / "piot.lock").read_text() == fresh
    assert piot("lock", "-q") == (0, "", "")
    assert piot("lock", "--json", "tool-c==1.0")[:2] == (
        0,
        '{"schema": 1, "changes": [{"name": "tool-c", "old": "2.0", "new": "1.0"}]}\n',
    )


def test_without_a_file_piots_own_tools_are_pinned_anew(checkout: Path, piot: Piot) -> None:
    code, out, _ = piot("lock", "-q")
    assert code == 0
    names = [line.split()[0] for line in out.splitlines()]
    assert {"cargo-zigbuild", "maturin", "ziglang"} <= set(names) and names == sorted(names)
    assert all(line.endswith(" -> 2.0") for line in out.splitlines())
    text = (checkout / "piot.lock").read_text()
    assert text == HEADER + "".join(pinned(name, "2.0") for name in names)


def test_nothing_new_is_said(checkout: Path, piot: Piot) -> None:
    (checkout / "piot.lock").write_text(HEADER + pinned("tool-a", "2.0"))
    assert piot("lock") == (0, "", "note: found tool-a 2.0: 1 files\npiot.lock is as it was\n")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (
            ("tool-a>=1",),
            2,
            "error: not a tool to lock: 'tool-a>=1'\n\nhint: write TOOL or TOOL==VERSION\n",
        ),
        (
            ("tool-a==3",),
            3,
            "error: the package index has no wheels of tool-a==3\n\nhint: it has 2.0 and 1.0\n",
        ),
        (
            ("--offline",),
            5,
            "error: pinning tools needs the package index, which --offline forbids\n",
        ),
    ],
)
def test_after_an_error_the_file_is_as_it_was(
    checkout: Path, piot: Piot, words: tuple[str, ...], code: int, said: str
) -> None:
    text = HEADER + pinned("tool-a", "1.0")
    (checkout / "piot.lock").write_text(text)
    assert piot("lock", *words) == (code, "", said)
    assert (checkout / "piot.lock").read_text() == text


def test_a_file_that_is_damaged_is_no_base_to_build_on(checkout: Path, piot: Piot) -> None:
    (checkout / "piot.lock").write_text("version = 2\n")
    assert piot("lock") == (
        3,
        "",
        "piot.lock:1:1: PIOT_LOCK_VERSION: version is 2, this piot reads 1\n"
        "    hint: a newer piot wrote it: use that one, or run `piot lock` again\n\n"
        "error: 1 problem found\n",
    )
