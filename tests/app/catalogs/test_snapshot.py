"""The snapshot of the last query is used when nothing changed, and never when anything did."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from piot.app.catalogs.snapshot import Snapshot
from piot.app.query import query
from piot.app.session.source_list import SourceList
from piot.app.session.where import Where
from piot.load import repository
from piot.load.build_files import BuildFile
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
    "BUILD": (
        'load("//tools:defs.bzl", "made")\nload("//tools:say.py", "say")\nmade(name = "a")\nsay(name = "s")\n'
    ),
    "tools/defs.bzl": 'def made(name):\n    command(name = name, argv = ["x"], outputs = glob(["*.txt"]))\n',
    "tools/say.py": (
        "from dataclasses import dataclass\nfrom piot.api import Context, Files, rule\n\n"
        '@dataclass(frozen=True)\nclass Say:\n    """Says.\n\n    word: what\n    """\n\n'
        '    word: str = "hi"\n\n'
        "@rule\ndef say(ctx: Context, attrs: Say) -> tuple[Files]: ...\n"
    ),
    "one.txt": "",
    "core/Cargo.toml": '[package]\nname = "core"\nversion = "0.1.0"\n',
    ".gitignore": "ignored\n",
}


class Checkout:
    """A checkout under git, and how often its graph was made from its files."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.made = 0
        self._load = repository.load_targets
        monkeypatch.setattr(repository, "load_targets", self._counted)

    def _counted(
        self,
        found: repository.Repository,
        read: Callable[[Path], bytes | None] = repository.read,
        kept: Mapping[str, BuildFile] | None = None,
    ) -> repository.Loaded:
        self.made += 1
        return self._load(found, read, kept)

    def ask(self, *, root: Path | None = None, config: Path | None = None) -> str:
        """All there is to know of the graph, but for fingerprints."""
        where = Where(directory=root or self.root, environ=dict(os.environ), config=config)
        return "".join(query([words], where, "jsonl") for words in ("//...", "buildfiles(//...)"))

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))


pytestmark = pytest.mark.skipif(os.name == "nt", reason="its bytes are compared as written")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    made = Checkout(tmp_path / "checkout", monkeypatch)
    for name, text in FILES.items():
        made.write(name, text)
    do(made.root, "init", "--quiet")
    return made


def test_nothing_is_parsed_while_nothing_changes(checkout: Checkout) -> None:
    first = checkout.ask()
    made = checkout.made
    assert checkout.ask() == first
    assert checkout.made == made == 1
    state = {path.name for path in (checkout.root / ".piot").iterdir()}
    assert {".gitignore", "graph", "graph-index"} <= state


def test_a_file_that_is_written_again_with_the_same_bytes_is_the_same(checkout: Checkout) -> None:
    first = checkout.ask()
    checkout.write("BUILD", FILES["BUILD"])
    assert checkout.ask() == first
    assert checkout.made == 1


def renamed(checkout: Checkout) -> None:
    """Same size, same time of modification: only the inode and the time of change tell."""
    path = checkout.root / "BUILD"
    before = path.stat()
    checkout.edit("BUILD", '"a"', '"b"')
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES: Mapping[str, Callable[[Checkout], None]] = {
    "a BUILD file": lambda it: it.edit("BUILD", '"a"', '"b"'),
    "a BUILD file of the same size and time": renamed,
    "a BUILD file that is gone": lambda it: (it.root / "BUILD").unlink(),
    "a new BUILD file": lambda it: it.write(
        "core/BUILD", 'command(name = "n", argv = ["x"], outputs = ["y"])'
    ),
    "a BUILD file before another": lambda it: it.write("BUILD.piot", ""),
    "a macro": lambda it: it.edit("tools/defs.bzl", '["x"]', '["y"]'),
    "a rule": lambda it: it.edit("tools/say.py", '"hi"', '"ho"'),
    "a file that a glob finds": lambda it: it.write("two.txt", ""),
    "a file that a glob found and is gone": lambda it: (it.root / "gone.txt").unlink(),
    "a file that git ignores from now on": lambda it: it.write(".gitignore", "core/lib.rs\n"),
    "the configuration": lambda it: it.edit("putitoutthere.toml", '"core"\nkind', '"kern"\nkind'),
    "a manifest": lambda it: it.write(
        "core/Cargo.toml", f'{FILES["core/Cargo.toml"]}[dependencies]\nside = {{ path = "../side" }}\n'
    ),
    "an input": lambda it: it.write("core/new.rs", ""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(checkout: Checkout, change: str) -> None:
    checkout.write("core/lib.rs", "")
    checkout.write("gone.txt", "")
    checkout.write("side/Cargo.toml", '[package]\nname = "side"\nversion = "0.1.0"\n')
    before = checkout.ask()
    CHANGES[change](checkout)
    after = checkout.ask()
    assert checkout.made == 2
    shutil.rmtree(checkout.root / ".piot")
    assert after == checkout.ask()
    assert (after != before) or change == "a manifest"


def test_a_file_that_was_looked_for_in_vain_and_that_git_ignores_is_seen(checkout: Checkout) -> None:
    project = 'name = "py"\nkind = "pypi"\npypi = "py"\npath = "py"\npaths = ["py/**"]\nbuild = "maturin"\n'
    targets = 'targets = ["x86_64-unknown-linux-gnu"]\n'
    checkout.write("putitoutthere.toml", f"{CONFIGURATION}\n[[package]]\n{project}{targets}")
    checkout.write(".gitignore", "pyproject.toml\n")
    checkout.write("py/Cargo.toml", '[package]\nname = "py"\nversion = "0.1.0"\n')
    checkout.ask()
    checkout.ask()
    assert checkout.made == 1
    system = '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n'
    checkout.write("py/pyproject.toml", f'{system}[project]\nname = "py"\nversion = "0.1.0"\n')
    checkout.ask()
    assert checkout.made == 2


def test_an_error_is_told_every_time(checkout: Checkout) -> None:
    checkout.ask()
    checkout.edit("BUILD", "made(name", "mad(name")
    for _ in range(2):
        with pytest.raises(Exception, match="Variable `mad` not found"):
            checkout.ask()
    checkout.edit("BUILD", "mad(name", "made(name")
    checkout.ask()
    assert checkout.made == 3


def test_another_configuration_file_has_a_graph_of_its_own(checkout: Checkout) -> None:
    first = checkout.ask()
    checkout.write("other.toml", CONFIGURATION.replace('"core"\nkind', '"kern"\nkind'))
    assert '"package": "kern"' in checkout.ask(config=checkout.root / "other.toml")
    assert checkout.ask() == first


def test_a_copied_checkout_is_read_for_itself(checkout: Checkout, tmp_path: Path) -> None:
    checkout.ask()
    copy = tmp_path / "copy"
    shutil.copytree(checkout.root, copy)
    assert checkout.ask(root=copy) == checkout.ask()
    made = checkout.made
    (copy / "BUILD").write_text(FILES["BUILD"].replace('"a"', '"b"'), encoding="utf-8")
    assert '"//:b"' in checkout.ask(root=copy)
    assert '"//:b"' not in checkout.ask()
    assert checkout.made == made + 1


def test_other_code_of_piot_and_another_python_make_the_graph_again(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = tmp_path / "code.py"
    code.write_text("1")
    monkeypatch.setattr("piot.app.session.code.files", lambda: [str(code)])
    checkout.ask()
    checkout.ask()
    assert checkout.made == 1
    code.write_text("2")
    checkout.ask()
    assert checkout.made == 2
    monkeypatch.setattr("sys.version", "4.0")
    checkout.ask()
    assert checkout.made == 3


def test_the_code_that_counts_is_that_which_makes_graphs(checkout: Checkout) -> None:
    checkout.ask()
    names = {Path(path).name for path in load_rows(checkout.root / ".piot" / "graph")["read"]}
    assert {"BUILD", "defs.bzl", "say.py", "putitoutthere.toml", "build_files.py", "label.py"} <= names
    assert any(name.startswith("starlark") for name in names)


@pytest.mark.parametrize("damage", ["cut", "text", "a folder", "another piot's", "absent"])
def test_a_damaged_snapshot_is_made_again(checkout: Checkout, damage: str) -> None:
    first = checkout.ask()
    file = checkout.root / ".piot" / "graph"
    data = file.read_bytes()
    file.unlink()
    match damage:
        case "cut":
            file.write_bytes(data[:-9])
        case "text":
            file.write_text("nonsense")
        case "a folder":
            file.mkdir()
        case "another piot's":
            save_rows(file, {"key": "other"})
        case _:
            pass
    assert checkout.ask() == first
    assert checkout.made == (3 if damage == "a folder" else 2)


def test_a_file_that_changes_while_it_is_read_is_not_kept(checkout: Checkout) -> None:
    snapshot = Snapshot(checkout.root, (), SourceList(checkout.root, os.environ))
    read = {str(checkout.root / "BUILD"): "0" * 64}
    snapshot.save(((), (), (), (), (), ()), (), read)
    assert not (checkout.root / ".piot" / "graph").exists()


def test_a_folder_that_cannot_be_written_to_is_no_obstacle(checkout: Checkout) -> None:
    (checkout.root / ".piot").write_text("")
    assert checkout.ask() == checkout.ask()
