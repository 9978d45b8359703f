"""Two checkouts to which the same happens, of which only one takes plans that were kept."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from piot.app.build import build
from piot.app.building import repeat
from piot.app.building.reach import Reach
from piot.app.building.repeat import Repeat
from piot.app.building.request import BuildRequest
from piot.app.session.where import Where
from piot.errors import PiotError
from piot.model import events
from piot.model.report import BuildReport
from tests.support.checkout import CONFIG, Checkout, MakeCheckout
from tests.support.repository import do

TOOLS = ("cat", "sort", "wc", "mkdir", "grep", "date")
Does = Callable[[Checkout], object]

OLD = 946_684_800
"""2000-01-01, in seconds since 1970."""

BUILD = """\
load("//defs:defs.bzl", "SUFFIX")
command(name = "first",
    argv = ["sh", "-c", "cat lib/* > first.txt; if grep -q fail first.txt; then exit 3; fi"],
    outputs = ["first.txt"], srcs = glob(["lib/*"]), tools = ["cat", "grep"])
command(name = "second", argv = ["sh", "-c", "cat $(location :first) other/d.txt > second" + SUFFIX],
    outputs = ["second" + SUFFIX], srcs = ["other/d.txt"], deps = [":first"], tools = ["cat"])
command(name = "names",
    argv = ["sh", "-c", "mkdir t; for each in $(cat names/n.txt); do echo x > t/$each; done"],
    outputs = ["t/"], srcs = ["names/n.txt"], tools = ["cat", "mkdir"])
command(name = "apart", argv = ["sh", "-c", "echo y > apart.txt; wc -l < sep/s.txt >> apart.txt"],
    outputs = ["apart.txt"], srcs = ["sep/s.txt"], tools = ["wc"])
command(name = "still", argv = ["sh", "-c", "echo still > still.txt"], outputs = ["still.txt"])
"""
FILES = {
    "BUILD": BUILD,
    "defs/BUILD": "",
    "defs/defs.bzl": 'SUFFIX = ".txt"\n',
    "lib/a.txt": "a\n",
    "lib/b.txt": "b\n",
    "other/d.txt": "d\n",
    "names/n.txt": "one two\n",
    "sep/s.txt": "s\n",
    "README": "read me\n",
    ".gitignore": "*.log\n",
}


@dataclass(kw_only=True)
class Twin:
    """A checkout, and how many of its builds took the plan that was kept."""

    checkout: Checkout
    short: bool
    parts: list[int] = field(default_factory=list[int])

    def build(self, **options: Any) -> tuple[object, ...]:
        """Everything that can be told of a build but for times and places."""
        said: list[events.Event] = []
        chosen: dict[str, Any] = {"sandbox": "dir", "keep_going": True, **options}
        request = BuildRequest(patterns=("//:all",), **chosen)
        where = Where(directory=self.checkout.root, environ=self.checkout.environ, words=("build",))
        with self._watched():
            try:
                report = build(request, where, said.append)
            except PiotError as error:
                return ("raised", self._placeless(str(error)), self._dist())
        return (self._report(report), self._said(said), self._dist(), self._last())

    def _report(self, report: BuildReport) -> object:
        plain = [
            replace(each, seconds=0.0, log=None, by_hand=None, error=self._placeless(each.error or ""))
            for each in report.targets
        ]
        return replace(report, seconds=0.0, targets=tuple(plain))

    def _said(self, said: list[events.Event]) -> list[str]:
        found = [
            replace(each, seconds=0.0, log_path=None, needs=())
            if isinstance(each, events.ActionFinished)
            else each
            for each in said
        ]
        return sorted(self._placeless(repr(each)) for each in found)

    def _dist(self) -> dict[str, tuple[bytes, int]]:
        files = [path for path in (self.checkout.root / "dist").rglob("*") if path.is_file()]
        return {
            str(path.relative_to(self.checkout.root)): (path.read_bytes(), path.stat().st_mode)
            for path in files
        }

    def _last(self) -> dict[str, bytes]:
        """What explanations start from, but for the seconds that runs took."""
        kept = (self.checkout.root / ".piot/last").glob("*")
        return {path.name: re.sub(rb'"seconds": [\d.]+', b"", path.read_bytes()) for path in kept}

    def _placeless(self, text: str) -> str:
        return re.sub(r"/[^\s'\"]*?/(one|two)/", "/", text)

    @contextmanager
    def _watched(self) -> Generator[None, None, None]:
        real = Repeat.reach

        def reach(this: Repeat, where: Where, emit: events.Emit) -> Reach | None:
            found = real(this, where, emit) if self.short else None
            if found is not None:
                self.parts.append(len(found.plan.actions))
            return found

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(repeat.Repeat, "reach", reach)
            yield


def made(make_checkout: MakeCheckout, name: str, files: Mapping[str, str] = FILES) -> Checkout:
    """A repository of its own, with a store of its own.

    Its files are old: of one that was written in the second of git's index git compares the bytes, so that an
    edit which is taken back in that second would be none.
    """
    it = make_checkout(name=name)
    for tool in TOOLS:
        (Path(it.environ["PATH"]) / tool).symlink_to(shutil.which(tool) or tool)
    for path, text in files.items():
        os.utime(it.write(path, text), (OLD, OLD))
    for words in (("init", "--quiet"), ("add", "."), ("commit", "-qm", "x")):
        do(it.root, *words)
    return it


@dataclass(kw_only=True)
class Twins:
    """Two checkouts to which the same happens; only ``one`` ever takes a plan that was kept."""

    one: Twin
    two: Twin

    def each(self, does: Callable[[Checkout], Checkout | object]) -> None:
        for twin in (self.one, self.two):
            found = does(twin.checkout)
            if isinstance(found, Checkout):
                twin.checkout = found

    def agree(self, what: str, **options: Any) -> None:
        one, two = self.one.build(**options), self.two.build(**options)
        for mine, other in zip(one, two, strict=True):
            assert mine == other, what


def write(path: str, text: str) -> Does:
    return lambda it: it.write(path, text)


def remove(path: str) -> Does:
    return lambda it: (it.root / path).unlink(missing_ok=True)


def rename(old: str, new: str) -> Does:
    return lambda it: (it.root / old).exists() and (it.root / old).rename(it.root / new)


def every(pattern: str, does: Callable[[Path], object]) -> Does:
    """To every file that matches below the checkout, or ``../cache``."""

    def do_it(it: Checkout) -> None:
        for path in [*it.root.glob(pattern)]:
            does(path)

    return do_it


def chmod(path: str, mode: int) -> Does:
    return every(path, lambda path: path.chmod(mode))


def touch(path: str) -> Does:
    return every(path, lambda path: os.utime(path, (7, 7)))


def lose(pattern: str) -> Does:
    """The store loses something."""
    return every(f"../cache/store/{pattern}", Path.unlink)


def linked(path: str, target: str) -> Does:
    def do_it(it: Checkout) -> None:
        (it.root / path).unlink(missing_ok=True)
        (it.root / path).parent.mkdir(exist_ok=True)
        (it.root / path).symlink_to(target)

    return do_it


def git(*words: str) -> Does:
    return lambda it: do(it.root, *words)


def tool(name: str, target: str) -> Does:
    def do_it(it: Checkout) -> None:
        (Path(it.environ["PATH"]) / name).unlink()
        (Path(it.environ["PATH"]) / name).symlink_to(shutil.which(target) or target)

    return do_it


EDITS: dict[str, Does] = {
    "lib/a": write("lib/a.txt", "A\n"),
    "lib/a again": write("lib/a.txt", "AA\n"),
    "lib/a back": write("lib/a.txt", "a\n"),
    "lib/a touched": touch("lib/a.txt"),
    "lib/a fails": write("lib/a.txt", "fail\n"),
    "other": write("other/d.txt", "D\n"),
    "names": write("names/n.txt", "two three\n"),
    "names clash": write("names/n.txt", "one apart.txt\n"),
    "sep": write("sep/s.txt", "s\ns\n"),
    "sep, same result": write("sep/s.txt", "t\n"),
    "readme": write("README", "another\n"),
}
OTHERS: dict[str, Does] = {
    "nothing": str,
    "new": write("lib/new.txt", "new\n"),
    "new elsewhere": write("x/y.txt", "new\n"),
    "deleted": remove("lib/b.txt"),
    "back": write("lib/b.txt", "b\n"),
    "renamed": rename("lib/b.txt", "lib/c.txt"),
    "executable": chmod("lib/a.txt", 0o755),
    "not executable": chmod("lib/a.txt", 0o644),
    "a link": linked("lib/b.txt", "../other/d.txt"),
    "a link to what is ignored": linked("lib/b.txt", "../sep/s.log"),
    "what is ignored": write("sep/s.log", "log\n"),
    "what is ignored, edited": write("sep/s.log", "gol\n"),
    "BUILD": write("BUILD", BUILD.replace("echo still", "echo more")),
    "BUILD back": write("BUILD", BUILD),
    "BUILD is wrong": write("BUILD", BUILD + "nothing(\n"),
    "defs": write("defs/defs.bzl", 'SUFFIX = ".text"\n'),
    "a BUILD file": write("lib/BUILD", "\n"),
    "settings": write("putitoutthere.toml", CONFIG.replace("**", "*")),
    "tool": tool("wc", "cat"),
    "tool back": tool("wc", "wc"),
    "tool that no action has": tool("date", "cat"),
    "variable": lambda it: it.with_environ(LANG="C.UTF-8"),
    "other variable": lambda it: it.with_environ(LANG="C"),
    "stage": git("add", "."),
    "commit": git("commit", "-qam", "y", "--allow-empty"),
    "undo": git("checkout", "--", "."),
    "overlook": git("update-index", "--assume-unchanged", "lib/a.txt"),
    "delivered, edited": every("dist/*/first.txt", lambda path: path.write_text("x")),
    "delivered, gone": every("dist/*/apart.txt", Path.unlink),
    "delivered, all gone": lambda it: shutil.rmtree(it.root / "dist", ignore_errors=True),
    "manifest gone": remove("dist/.piot-manifest.json"),
    "manifest damaged": lambda it: (it.root / "dist").exists() and it.write("dist/.piot-manifest.json", "{"),
        "results gone": lose("results/*/*"),
    "plans lost": lambda it: shutil.rmtree(it.root / ".piot/plans", ignore_errors=True),
    "plans damaged": every(".piot/plans/*", lambda path: path.write_bytes(b"x")),
}  # fmt: skip
STEPS = {**EDITS, **OTHERS}
