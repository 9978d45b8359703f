"""A folder that is brought up to date holds just what it should, and what did not change keeps its time."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.model.action import CommandAction, Output
from piot.model.digest import Digest
from piot.model.tree import TreeBuilder
from piot.run.renewal import Layout, differences, layout, renew
from piot.run.stores.local import LocalStore, Missing

Content = Mapping[str, tuple[bytes, bool]]

FILES = st.sampled_from(["a", "b", "b.c", "d/e", "d/f/g", "d/f/h", "i/j"])
CONTENTS = st.dictionaries(FILES, st.tuples(st.sampled_from([b"", b"1", b"2"]), st.booleans()))
DAMAGES = st.sampled_from(["nothing", "write", "remove", "folder", "link", "mode", "more"])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> LocalStore:
    return LocalStore(tmp_path_factory.mktemp("store"))


def wanted(store: LocalStore, content: Content, *outputs: str) -> Layout:
    tree = TreeBuilder()
    for path, (data, executable) in content.items():
        tree.add_file(path, store.put_bytes(data), executable)
    made = tuple(Output(action="", path=path) for path in outputs)
    action = CommandAction(
        id="", label="", triple=None, mnemonic="", argv=(), environment=(), inputs=(), outputs=made
    )
    found = layout(store, action, tree.build())
    return Layout(files=found.files, links={}, folders=found.folders)


def held(root: Path) -> dict[str, tuple[bytes, bool]]:
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), bool(path.stat().st_mode & stat.S_IXUSR))
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def damage(root: Path, how: str) -> None:
    """What a command might do to the folder that it runs in."""
    for path in [path for path in root.rglob("*") if path.is_file()]:
        match how:
            case "write":
                path.write_bytes(b"333")
            case "remove" | "folder" | "link":
                path.unlink()
                if how == "folder":
                    (path / "x").mkdir(parents=True)
                elif how == "link":
                    path.symlink_to("/etc")
            case "mode":
                path.chmod(0o400)
            case _:
                continue
    if how == "more":
        (root / "d/f").mkdir(parents=True, exist_ok=True)
        (root / "d/f/more").write_bytes(b"")


@given(before=CONTENTS, after=CONTENTS, how=DAMAGES)
def test_the_folder_holds_just_what_is_wanted(
    store: LocalStore, tmp_path_factory: pytest.TempPathFactory, before: Content, after: Content, how: str
) -> None:
    root = tmp_path_factory.mktemp("root")
    noted = renew(store, root, wanted(store, before), {}, keeps=())
    damage(root, how)
    renew(store, root, wanted(store, after), noted, keeps=())
    assert held(root) == after
    assert not [path for path in root.rglob("*") if path.is_symlink()]
    shutil.rmtree(root)


@given(before=CONTENTS, after=CONTENTS)
def test_what_has_not_changed_keeps_its_time_and_what_has_does_not(
    store: LocalStore, tmp_path_factory: pytest.TempPathFactory, before: Content, after: Content
) -> None:
    root = tmp_path_factory.mktemp("root")
    after = {**after, **{path: before[path] for path in before.keys() & after.keys() if path > "d"}}
    noted = renew(store, root, wanted(store, before), {}, keeps=())
    again = renew(store, root, wanted(store, after), noted, keeps=())
    same = {path for path in after if before.get(path) == after[path]}
    assert {path for path in after if again[path] == noted.get(path)} == same
    shutil.rmtree(root)


def test_what_is_kept_is_left_alone(store: LocalStore, tmp_path: Path) -> None:
    (tmp_path / ".x/kept/deep").mkdir(parents=True)
    (tmp_path / ".x/kept/deep/file").touch()
    (tmp_path / ".x/kept.not").touch()
    renew(store, tmp_path, wanted(store, {"a": (b"", False)}, "out/more/file"), {}, keeps=(".x/kept",))
    found = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*"))
    programs = [".piot", ".piot/bin"]
    assert found == [*programs, ".x", ".x/kept", ".x/kept/deep", ".x/kept/deep/file", "a", "out", "out/more"]


def test_differences_are_what_changed_and_what_is_gone(store: LocalStore, tmp_path: Path) -> None:
    before: Content = dict.fromkeys(("a", "b", "c", "d/e"), (b"", False))
    noted = renew(store, tmp_path, wanted(store, before), {}, keeps=())
    after = wanted(store, {"a": (b"", False), "b": (b"", True), "c": (b"1", False), "d/f": (b"", False)})
    assert differences(after, noted) == ({"b", "c", "d/f"}, {"d/e"})


def test_when_the_store_has_lost_a_file_the_next_attempt_mends_it(store: LocalStore, tmp_path: Path) -> None:
    before = {"a": (b"1", False), "b": (b"1", False)}
    noted = renew(store, tmp_path, wanted(store, before), {}, keeps=())
    after = wanted(store, {"a": (b"lost", False), "c": (b"1", False)})
    store.blob_path(Digest.of(b"lost")).unlink()
    with pytest.raises(Missing):
        renew(store, tmp_path, after, noted, keeps=())
    store.put_bytes(b"lost")
    renew(store, tmp_path, after, noted, keeps=())
    assert held(tmp_path) == {"a": (b"lost", False), "c": (b"1", False)}


def test_links_and_programs_are_kept(store: LocalStore, tmp_path: Path) -> None:
    tree = TreeBuilder()
    tree.add_symlink("link", "a")
    tree.add_file("a", store.put_bytes(b""))
    action = CommandAction(id="", label="", triple=None, mnemonic="", argv=(), environment=(), inputs=())
    found = layout(store, action, tree.build())
    noted = renew(store, tmp_path, found, {}, keeps=())
    places = [tmp_path / "link", tmp_path / ".piot/bin/sh"]
    before = [place.lstat() for place in places]
    places[1].unlink()
    places[1].symlink_to("/elsewhere")
    renew(store, tmp_path, found, noted, keeps=())
    assert [str(place.readlink()) for place in places] == ["a", found.links[".piot/bin/sh"]]
    assert places[0].lstat() == before[0]
