"""Whatever happened to a checkout, a build that remembers makes what one makes that remembers nothing."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from piot.effects import clock, folders, witness
from piot.run import index
from tests.support.checkout import Checkout, MakeCheckout, command
from tests.support.repository import do

LIST = 'find lib other -type f -o -type l | sort | while read -r each; do echo "$each"; cat "$each"; done'
TOOLS = ("cat", "find", "sort")
BUILD = command("every", f"{{ {LIST}; }} > out.txt", outputs=("out.txt",), srcs=[], tools=TOOLS).replace(
    "srcs = []", 'srcs = glob(["lib/**", "other/**"])'
)


def git(it: Checkout, *words: str) -> None:
    do(it.root, *words)


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of this test count as old."""
    for module in (clock, folders, index, witness):
        monkeypatch.setattr(module, "GRANULARITY_NS", -(10**12))


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    made = make_checkout(BUILD)
    for name in TOOLS:
        (Path(made.environ["PATH"]) / name).symlink_to(shutil.which(name) or name)
    for name in ("lib/a.txt", "lib/b.txt", "lib/deep/c.txt", "other/d.txt"):
        made.write(name, f"{name}\n")
    made.write(".gitignore", "*.log\n")
    git(made, "init", "--quiet")
    git(made, "add", ".")
    git(made, "commit", "-qm", "x")
    made.build()
    return made


def edit_secretly(path: Path) -> None:
    """Same size, same mtime, same inode; only the ctime tells, which git compares in whole seconds."""
    time.sleep(1.01)  # piot relies on git's index two seconds after it was written; this test at once
    before = path.stat()
    path.write_bytes(path.read_bytes().swapcase())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace_by_link(path: Path, target: str) -> None:
    path.unlink()
    path.symlink_to(target)


def save_as_editors_do(path: Path, text: str) -> None:
    path.with_name("x.tmp").write_text(text)
    path.with_name("x.tmp").rename(path)


STEPS: dict[str, Callable[[Checkout], object]] = {
    "edit": lambda it: it.write("lib/a.txt", "edited\n"),
    "edit back": lambda it: it.write("lib/a.txt", "lib/a.txt\n"),
    "edit secretly": lambda it: edit_secretly(it.root / "lib/b.txt"),
    "edit as editors do": lambda it: save_as_editors_do(it.root / "lib/b.txt", "saved\n"),
    "other": lambda it: it.write("other/d.txt", "other\n"),
    "stage": lambda it: git(it, "add", "."),
    "commit": lambda it: git(it, "commit", "-qam", "y", "--allow-empty"),
    "stash": lambda it: git(it, "stash"),
    "undo": lambda it: git(it, "checkout", "--", "."),
    "new": lambda it: it.write("lib/new.txt", "new\n"),
    "delete": lambda it: (it.root / "lib/deep/c.txt").unlink(),
    "bring back": lambda it: it.write("lib/deep/c.txt", "back\n"),
    "executable": lambda it: (it.root / "lib/a.txt").chmod(0o755),
    "link": lambda it: replace_by_link(it.root / "lib/b.txt", "../other/d.txt"),
    "hide": lambda it: it.write("x.log", "hidden\n"),
    "edit the hidden": lambda it: it.write("x.log", "another\n"),
    "link to the hidden": lambda it: replace_by_link(it.root / "lib/b.txt", "../x.log"),
    "ignore": lambda it: it.write(".gitignore", "new.txt\n"),
    "overlook": lambda it: git(it, "update-index", "--assume-unchanged", "lib/a.txt"),
}
STORIES = (
    "edit / edit back / edit",
    "edit / stage / edit back / commit / edit",
    "edit secretly / edit secretly / commit / edit secretly",
    "edit as editors do / stash / edit as editors do / undo",
    "edit / commit / other / undo / edit back / commit",
    "new / edit / stage / edit / ignore / commit",
    "delete / commit / bring back / stage / delete / bring back",
    "executable / commit / edit / undo",
    "link / other / commit / other / edit / undo / other",
    "hide / link to the hidden / commit / edit the hidden / edit / hide / other / edit the hidden",
    "overlook / edit / edit back / edit / commit / edit back",
    "stage / commit / new / delete / edit secretly / stash",
)


@pytest.mark.parametrize("story", STORIES)
def test_a_build_that_remembers_makes_what_one_makes_that_does_not(
    checkout: Checkout, story: str, tmp_path: Path
) -> None:
    for number, step in enumerate(story.split(" / ")):
        STEPS[step](checkout)
        forgetful = Checkout(
            root=checkout.root,
            environ={**checkout.environ, "PIOT_CACHE_DIR": str(tmp_path / f"cache{number}")},
            sandbox=checkout.sandbox,
        )
        shutil.copytree(
            Path(checkout.environ["PIOT_CACHE_DIR"]) / "probes", tmp_path / f"cache{number}" / "probes"
        )
        checkout.build()
        remembered = [(each.key, each.outputs) for each in checkout.build().report.targets]
        (checkout.root / ".piot").rename(tmp_path / "memory")
        assert [(each.key, each.outputs) for each in forgetful.build().report.targets] == remembered, step
        shutil.rmtree(checkout.root / ".piot")
        (tmp_path / "memory").rename(checkout.root / ".piot")
