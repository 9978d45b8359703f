"""Stories in which what is kept could be stale, each held against a checkout that keeps nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from piot.effects import clock, folders, witness
from piot.run import index
from tests.support.checkout import Checkout, MakeCheckout
from tests.support.pairs import Pair
from tests.support.repository import do
from tests.support.twins import BUILD, Does, every, git, linked, made, remove, rename, tool, write


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of this test count as old."""
    for module in (clock, folders, index, witness):
        monkeypatch.setattr(module, "GRANULARITY_NS", -(10**12))


@pytest.fixture
def pair(make_checkout: MakeCheckout) -> Pair:
    return Pair(short=made(make_checkout, "one"), long=made(make_checkout, "two"))


MORE = write("BUILD", BUILD.replace("echo still", "echo more"))
SUFFIX = write("defs/defs.bzl", 'SUFFIX = ".text"\n')
A, B, C = (write("lib/a.txt", f"{text}\n") for text in "ABC")
ELSEWHERE = write("sep/s.txt", "s\ns\n")


@pytest.mark.parametrize(("out", "edit"), [(".", MORE), ("lib", A), ("defs", SUFFIX), ("dist/x", MORE)])
def test_where_it_is_delivered_may_be_read_too(pair: Pair, out: str, edit: Does) -> None:
    pair.tell((edit, str), out=out)


def wrong_settings(it: Checkout) -> None:
    Path(it.environ["PIOT_CONFIG"]).write_text("nonsense = 1\n")


@pytest.mark.parametrize(
    ("cache", "edit"), [("..", MORE), ("..", tool("wc", "cat")), ("..", wrong_settings), ("lib", A)]
)
def test_the_cache_may_be_a_folder_of_other_things(pair: Pair, cache: str, edit: Does) -> None:
    pair.each(lambda it: it.with_environ(PIOT_CACHE_DIR=str((it.root / cache).resolve())))
    pair.tell((edit,))


FIRST = "dist/*/first.txt"


def replaced_by_link(target: str) -> Does:
    """The delivered file is one to a file that has the same bytes."""

    def do_it(it: Checkout) -> None:
        (path,) = it.root.glob(FIRST)
        for place in (it.root.parent / "x.txt", it.root / "x.log"):
            place.write_bytes(path.read_bytes())
        path.unlink()
        path.symlink_to(target)

    return do_it


def folder_linked(it: Checkout) -> None:
    (it.root / "dist").rename(it.root.parent / "elsewhere")
    (it.root / "dist").symlink_to("../elsewhere")


DELIVERED: dict[str, Does] = {
    "a link in the checkout": replaced_by_link("../../x.log"),
    "a link out of it": replaced_by_link("../../../x.txt"),
    "mode": every(FIRST, lambda path: path.chmod(0o755)),
    "the folder is a link": folder_linked,
    "the manifest is gone": remove("dist/.piot-manifest.json"),
    "git sees it": remove("dist/.gitignore"),
    "all gone": lambda it: shutil.rmtree(it.root / "dist"),
}


@pytest.mark.parametrize("what", DELIVERED)
def test_what_is_delivered_is_files_that_piot_made(pair: Pair, what: str) -> None:
    pair.tell((DELIVERED[what], ELSEWHERE, A))


def at(path: str, *words: str) -> Does:
    """A git command in a folder of the checkout, that may fail."""
    return lambda it: do(it.root / path, *words, check=False)


def outside(path: str, text: str) -> Does:
    return lambda it: (it.root.parent / path).write_text(text)


def commit(*words: str) -> tuple[Does, ...]:
    return git("add", "-A"), git("commit", "-qm", "z", "--allow-empty", *words)


NEW, OTHER = write("lib/c.txt", "c\n"), write("lib/c.txt", "d\n")
GIT: dict[str, tuple[Does, ...]] = {
    "stash": (A, git("stash"), B, git("checkout", "."), git("stash", "pop")),
    "branches": (
        git("checkout", "-qb", "x"),
        A,
        *commit(),
        git("checkout", "-q", "-"),
        git("checkout", "-q", "x"),
    ),
    "reset": (A, *commit(), git("reset", "-q", "--hard", "HEAD~1")),
    "soft": (A, *commit(), git("reset", "-q", "--soft", "HEAD~1"), git("reset", "-q"), git("checkout", ".")),
    "amend": (A, *commit("--amend"), MORE, *commit("--amend")),
    "not tracked": (git("rm", "-q", "--cached", "lib/a.txt"), A, git("add", "-N", "lib/a.txt"), B),
    "cleaned": (NEW, git("clean", "-qfd")),
    "ignored": (
        write("lib/c.log", "c\n"),
        write(".gitignore", ""),
        write("lib/c.log", "d\n"),
        write(".gitignore", "*.log\n"),
    ),
    "excluded": (NEW, write(".git/info/exclude", "c.txt\n"), OTHER, write(".git/info/exclude", ""), NEW),
    "ignored by the user": (
        NEW,
        lambda it: outside("home/.gitconfig", f"[core]\nexcludesFile={it.root.parent}/mine\n")(it),
        outside("mine", "c.txt\n"),
        OTHER,
        outside("mine", ""),
    ),
    "conflict": (
        git("checkout", "-qb", "x"),
        A,
        *commit(),
        git("checkout", "-q", "-"),
        B,
        *commit(),
        at(".", "rebase", "x"),
        C,
        A,
        git("add", "."),
        at(".", "-c", "core.editor=true", "rebase", "--continue"),
    ),
    "not looked at": (
        git("update-index", "--skip-worktree", "lib/a.txt"),
        A,
        B,
        git("update-index", "--no-skip-worktree", "lib/a.txt"),
        C,
    ),
    "refreshed": (A, git("status"), B, git("status"), C),
    "a repository inside": (
        write("lib/sub/x.txt", "x\n"),
        at("lib/sub", "init", "-q"),
        write("lib/sub/x.txt", "y\n"),
        lambda it: shutil.rmtree(it.root / "lib/sub/.git"),
    ),
    "a submodule": (
        at(".", "submodule", "add", "-q", "../../two/checkout", "sub"),
        write("sub/lib/a.txt", "s\n"),
        linked("lib/l.txt", "../sub/lib/a.txt"),
        write("sub/lib/a.txt", "S\n"),
    ),
    "other case": (
        rename("lib/a.txt", "lib/A.txt"),
        write("lib/A.txt", "q\n"),
        rename("lib/A.txt", "lib/a.txt"),
    ),
    "a folder instead": (remove("lib/a.txt"), write("lib/a.txt/x", "x\n")),
    "a split index": (git("update-index", "--split-index"), A, git("add", "."), B),
    "BUILD appears": (
        write("x/BUILD", 'command(name = "z", argv = ["sh"], outputs = [])\n'),
        remove("x/BUILD"),
    ),
    "BUILD was ignored": (
        write("x/.gitignore", "*\n"),
        write("x/BUILD", "nothing(\n"),
        remove("x/.gitignore"),
        remove("x/BUILD"),
    ),
}


@pytest.mark.parametrize("story", GIT)
def test_whatever_git_does_in_between(pair: Pair, story: str) -> None:
    pair.tell((*GIT[story], write("lib/b.txt", "last\n")))


LOG, LIB = "other/x.log", "lib/b.txt"
LINKS: dict[str, tuple[Does, ...]] = {
    "over a link": (
        write(LOG, "1\n"),
        linked("x/mid.log", "../other/x.log"),
        linked(LIB, "../x/mid.log"),
        *commit(),
        write(LOG, "2\n"),
        write("x/two.log", "3\n"),
        linked("x/mid.log", "two.log"),
        write("x/two.log", "4\n"),
    ),
    "over a folder that is a link": (
        write("F/x.log", "1\n"),
        write("G/x.log", "2\n"),
        linked("Z", "F"),
        linked(LIB, "../Z/x.log"),
        *commit(),
        linked("Z", "G"),
        write("G/x.log", "3\n"),
    ),
    "instead of a file that is the same": (
        write(LOG, "b\n"),
        linked(LIB, "../other/x.log"),
        write(LOG, "B\n"),
    ),
    "instead of an edited file": (
        write(LIB, "bb\n"),
        write(LOG, "bb\n"),
        linked(LIB, "../other/x.log"),
        write(LOG, "B\n"),
    ),
    "to a source": (linked(LIB, "../sep/s.txt"), *commit(), ELSEWHERE, git("checkout", "."), ELSEWHERE),
    "to nothing": (linked(LIB, "../other/x.log"), write(LOG, "n\n"), remove(LOG)),
    "to a program": (
        write(LOG, "n\n"),
        linked(LIB, "../other/x.log"),
        *commit(),
        every(LOG, lambda path: path.chmod(0o755)),
    ),
}


@pytest.mark.parametrize("story", LINKS)
def test_whatever_links_lead_to(pair: Pair, story: str) -> None:
    pair.tell(LINKS[story])
