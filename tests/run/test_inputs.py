"""Input trees: what a key covers, what is copied and what is mounted."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from piot.errors import InputError
from piot.model.action import CommandAction, Input, Mount, Output, Produced, SourceFile, Text, Unpacked
from piot.model.digest import Digest
from piot.model.fetch import Fetch, PypiFetch
from piot.model.result import ActionResult, OutputDirectory, OutputFile
from piot.model.tree import TreeBuilder
from piot.run.fetch.fetcher import Fetcher
from piot.run.inputs import Stager
from piot.run.stores.local import LocalStore


@dataclass
class Fetches:
    """Has wheels ready, and counts how often each is asked for."""

    store: LocalStore
    asked: list[Fetch] = field(default_factory=list[Fetch])
    absent: bool = False

    def fetch(self, spec: Fetch) -> Digest:
        self.asked.append(spec)
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr(zipfile.ZipInfo(f"{str(spec).replace(' ', '_')}.py"), "pass")
        return self.store.put_bytes(data.getvalue())

    def has(self, _spec: Fetch) -> bool:
        return not self.absent


WHEEL = PypiFetch(project="tool", version="1", filename="tool-1-py3-none-any.whl", sha256="0" * 64)


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


@pytest.fixture
def fetches(store: LocalStore) -> Fetches:
    return Fetches(store)


@pytest.fixture
def stager(store: LocalStore, fetches: Fetches) -> Stager:
    return Stager(store, cast("Fetcher", fetches))


def action(*inputs: Input, mounts: tuple[Mount, ...] = ()) -> CommandAction:
    return CommandAction(
        id="//a:b",
        label="//a:b",
        triple=None,
        mnemonic="x",
        argv=(),
        environment=(),
        inputs=inputs,
        mounts=mounts,
    )


SOURCE = Digest.of(b"source")


def test_sources_texts_and_outputs_stand_at_their_places(store: LocalStore, stager: Stager) -> None:
    made = TreeBuilder()
    made.add_file("x", Digest.of(b"x"), False)
    result = ActionResult(
        files=(OutputFile(path="out/file", digest=Digest.of(b"file"), executable=True),),
        directories=(OutputDirectory(path="folder", root=made.build().root, tree=Digest.of(b"")),),
    )
    staged = stager.stage(
        action(
            SourceFile(path="src/a"),
            SourceFile(path="src/b", dest="b"),
            Text(dest=".piot/t", content=b"text", executable=True),
            Produced(output=Output(action="//o", path="out/file"), dest="deps/file"),
            Produced(output=Output(action="//o", path="folder", directory=True), dest="deps/folder"),
        ),
        {"src/a": (SOURCE, False), "src/b": (SOURCE, True)},
        {"//o": result},
    )
    expected = TreeBuilder()
    expected.add_file("src/a", SOURCE, False)
    expected.add_file("b", SOURCE, True)
    expected.add_file(".piot/t", Digest.of(b"text"), True)
    expected.add_file("deps/file", Digest.of(b"file"), True)
    expected.add_directory("deps/folder", made.build().root)
    assert staged.private == expected.build()
    assert staged.root == staged.private.root
    assert store.has(Digest.of(b"text"))
    assert staged.parts == (
        ("file src/a", f"{SOURCE} at src/a"),
        ("file src/b", f"{SOURCE} executable at b"),
        ("text .piot/t", f"{Digest.of(b'text')} executable at .piot/t"),
        ("output out/file of //o", f"{Digest.of(b'file')} executable at deps/file"),
        ("output folder of //o", f"{made.build().root} at deps/folder"),
    )


def test_two_different_things_at_one_place_are_an_error(stager: Stager) -> None:
    with pytest.raises(InputError, match="two different things at 'a'"):
        stager.stage(action(Text(dest="a", content=b"1"), Text(dest="a", content=b"2")), {}, {})


def test_an_output_that_an_action_does_not_have_is_an_error(stager: Stager) -> None:
    wanted = Produced(output=Output(action="//o", path="x"), dest="x")
    with pytest.raises(InputError) as caught:
        stager.stage(action(wanted), {}, {"//o": ActionResult()})
    assert caught.value.message == "//o has no output 'x'"


def tool(*entries: tuple[str, Fetch | Output]) -> Mount:
    return Mount(
        name="tool", entries=tuple((at, Unpacked(archive=what, kind="wheel")) for at, what in entries)
    )


def test_mounts_are_in_the_key_and_not_in_what_is_copied(stager: Stager) -> None:
    staged = stager.stage(action(mounts=(tool(("", WHEEL)),)), {}, {})
    ((name, digest, entries),) = staged.mounts
    assert (name, entries) == ("tool", (("", digest),))
    expected = TreeBuilder()
    expected.add_directory(".piot/mnt/tool", digest)
    assert staged.root == expected.build().root
    assert staged.private == TreeBuilder().build()
    assert staged.parts == (("mount tool", str(digest)),)


def test_a_mount_of_several_trees_is_a_folder_of_them(store: LocalStore, stager: Stager) -> None:
    staged = stager.stage(action(mounts=(tool(("a", WHEEL), ("b", WHEEL)),)), {}, {})
    ((_, digest, entries),) = staged.mounts
    assert [(node.name, node.digest) for node in store.directory(digest).directories] == list(entries)
    assert [at for at, _ in entries] == ["a", "b"]


def test_a_mount_is_made_once_until_the_store_has_lost_a_part(
    store: LocalStore, stager: Stager, fetches: Fetches
) -> None:
    wanted = action(mounts=(tool(("", WHEEL)),))
    first = stager.stage(wanted, {}, {})
    assert stager.stage(wanted, {}, {}) == first
    assert fetches.asked == [WHEEL]
    root = first.mounts[0][1]
    store.blob_path(store.directory(root).files[0].digest).unlink()
    stager.forget()
    assert stager.stage(wanted, {}, {}) == first
    assert all(store.has(each) for each in store.walk(root))


def produced(store: LocalStore, *names: str) -> ActionResult:
    builder = TreeBuilder()
    for name in names:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr(zipfile.ZipInfo("made.py"), name)
        builder.add_file(name, store.put_bytes(data.getvalue()), False)
    tree = builder.build()
    store.put_tree(tree)
    return ActionResult(directories=(OutputDirectory(path="out", root=tree.root, tree=Digest.of(b"")),))


def test_a_mount_of_what_another_action_made_follows_what_it_made(store: LocalStore, stager: Stager) -> None:
    wanted = action(mounts=(tool(("", Output(action="//o", path="out", directory=True))),))
    one = stager.stage(wanted, {}, {"//o": produced(store, "a.whl")})
    other = stager.stage(wanted, {}, {"//o": produced(store, "b.whl")})
    assert one.root != other.root


@pytest.mark.parametrize("names", [(), ("a.whl", "b.whl")])
def test_a_mount_needs_just_one_file(store: LocalStore, stager: Stager, names: tuple[str, ...]) -> None:
    wanted = action(mounts=(tool(("", Output(action="//o", path="out", directory=True))),))
    with pytest.raises(InputError) as caught:
        stager.stage(wanted, {}, {"//o": produced(store, *names)})
    assert caught.value.message == "//o: out should hold just one file"


def test_what_is_not_fetched_yet_is_counted_without_fetching(stager: Stager, fetches: Fetches) -> None:
    wanted = action(mounts=(tool(("a", WHEEL), ("b", WHEEL)), tool(("", Output(action="//o", path="out")))))
    assert stager.lacks(wanted) == 0
    fetches.absent = True
    assert stager.lacks(wanted) == 1
    assert fetches.asked == []
