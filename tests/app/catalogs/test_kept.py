"""BUILD files that were evaluated are kept, and never used when anything that they were made from changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.app.catalogs.kept import KeptBuildFiles
from piot.errors import MachineError
from piot.load import repository
from piot.run.index import load_rows, save_rows
from tests.support.repository import do

CONFIGURATION = """\
[putitoutthere]
version = 1

[[package]]
name = "core"
kind = "crates"
path = "core"
paths = ["core/**"]
"""
FILES = {
    "putitoutthere.toml": CONFIGURATION,
    "core/Cargo.toml": '[package]\nname = "core"\nversion = "0.1.0"\n',
    "a/BUILD": 'command(name = "x", argv = ["sh"], outputs = ["y"], srcs = glob(["*.txt"]))\n',
    "a/1.txt": "",
    "b/BUILD": 'command(name = "x", argv = ["sh"], outputs = ["y"], deps = ["//a:x"], env = {"A": "1"})\n',
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        write(tmp_path, name, text)
    do(tmp_path, "init", "--quiet")
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def loaded(root: Path) -> repository.Loaded:
    """The targets of a run of its own, equal to those that are read without anything kept."""
    found = repository.read_repository(*repository.open_repository(root, {"HOME": str(root)}))
    made = KeptBuildFiles(root).targets(found)
    assert made.graph == repository.load_targets(found).graph
    return made


def test_nothing_is_evaluated_while_nothing_changes(root: Path) -> None:
    assert loaded(root).evaluated == {"a", "b"}
    before = (root / ".piot/build-files").stat().st_mtime_ns
    again = loaded(root)
    assert again.evaluated == set()
    assert (root / ".piot/build-files").stat().st_mtime_ns == before
    assert (root / ".piot/.gitignore").read_text() == "*\n"


def test_only_what_changed_is_evaluated(root: Path) -> None:
    loaded(root)
    write(root, "a/2.txt", "")
    assert loaded(root).evaluated == {"a"}
    write(root, "b/BUILD", FILES["b/BUILD"].replace('"1"', '"2"'))
    assert loaded(root).evaluated == {"b"}
    assert loaded(root).evaluated == set()


def test_what_is_gone_is_forgotten(root: Path) -> None:
    loaded(root)
    (root / "b/BUILD").unlink()
    assert loaded(root).evaluated == set()
    assert list(load_rows(root / ".piot/build-files")["files"]) == ["a"]


def test_other_code_evaluates_anew(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = tmp_path / "code.py"
    code.write_text("1")
    monkeypatch.setattr("piot.app.session.code.files", lambda: [str(code)])
    loaded(root)
    assert loaded(root).evaluated == set()
    code.write_text("2")
    assert loaded(root).evaluated == {"a", "b"}
    monkeypatch.setattr("sys.version", "4.0")
    assert loaded(root).evaluated == {"a", "b"}


def test_code_that_may_not_be_looked_at_counts_as_another(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise MachineError("cannot look at it")

    loaded(root)
    monkeypatch.setattr("piot.app.catalogs.kept.signatures", refuse)
    assert loaded(root).evaluated == {"a", "b"}


def test_the_code_that_counts_evaluates_and_knows_the_rules(root: Path) -> None:
    loaded(root)
    names = {Path(path).name for path in KeptBuildFiles(root).code}
    assert {"build_files.py", "label.py", "command.py", "maturin.py", "rust.py"} <= names
    assert any(name.startswith("starlark") for name in names)


@pytest.mark.parametrize("damage", ["cut", "text", "another piot's", "a folder"])
def test_a_damaged_file_is_made_again(root: Path, damage: str) -> None:
    loaded(root)
    file = root / ".piot/build-files"
    data = file.read_bytes()
    file.unlink()
    match damage:
        case "cut":
            file.write_bytes(data[:-9])
        case "text":
            file.write_text("nonsense")
        case "a folder":
            file.mkdir()
        case _:
            save_rows(file, {"format": (0, "")})
    assert loaded(root).evaluated == {"a", "b"}
    assert loaded(root).evaluated == ({"a", "b"} if damage == "a folder" else set())


def test_a_folder_that_cannot_be_written_to_is_no_obstacle(root: Path) -> None:
    (root / ".piot").write_text("")
    assert [loaded(root).evaluated for _ in range(2)] == [{"a", "b"}] * 2
