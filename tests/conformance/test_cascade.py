"""Cascade and plan: the cases of table 11.5, each with the real git."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from piot.errors import InputError, PiotError
from tests.conformance.cases import Case, case_id
from tests.support.history import HEAD, Repository, package

ALL_PATCH = "core@1.0.1 py@1.0.1 @my/js@1.0.1"
ALL_FIRST = "core@0.1.0 py@0.1.0 @my/js@0.1.0"

Situation = Callable[[Path], str]


def after(*commits: tuple[str, ...], bump: str = "") -> Situation:
    """Three packages, all tagged 1.0.0, and then commits: a message, and the files that it touches."""

    def run(folder: Path) -> str:
        made = Repository.make(folder)
        for message, *files in commits:
            made.commit(message, *files)
        return made.versions(bump)

    return run


def manual(spec: str, *tags: str) -> Situation:
    def run(folder: Path) -> str:
        made = Repository.make(folder, tags=None)
        for tag in tags:
            made.git("tag", tag)
        return made.versions(spec)

    return run


def configured(packages: str, *touched: str) -> Situation:
    def run(folder: Path) -> str:
        made = Repository.make(folder, packages)
        made.commit("x", *touched)
        return made.versions()

    return run


def skipped_then_not(folder: Path) -> str:
    made = Repository.make(folder)
    made.commit("x\n\nrelease: skip", "core/x")
    deferred = made.versions()
    made.commit("x", "README.md")
    return f"{deferred}| {made.versions()}"


def merged(*messages: str) -> Situation:
    """A branch with a commit per message, the first of which touches core, merged without fast-forward."""

    def run(folder: Path) -> str:
        made = Repository.make(folder)
        made.git("checkout", "--quiet", "-b", "topic")
        for number, message in enumerate(messages):
            made.commit(message, "core/x" if number == 0 else "core/y")
        made.git("checkout", "--quiet", "main")
        made.git("merge", "--quiet", "--no-ff", "topic", "-m", "merge")
        return made.versions()

    return run


def core_untagged(folder: Path) -> str:
    made = Repository.make(folder)
    made.git("tag", "--delete", "core-v1.0.0")
    return made.versions()


def untagged(folder: Path) -> str:
    return Repository.make(folder, tags=None).versions()


def shallow(folder: Path) -> str:
    made = Repository.make(folder / "origin")
    made.commit("x", "core/x")
    made.git("clone", "--quiet", "--depth=1", "--no-tags", f"file://{made.root}", str(folder / "clone"))
    return Repository(root=folder / "clone").versions()


def own_baselines(folder: Path) -> str:
    made = Repository.make(folder)
    made.commit("between", "core/x")
    made.git("tag", "py-v1.0.1")
    return made.versions()


def reverted(folder: Path) -> str:
    made = Repository.make(folder)
    made.commit("x", "core/x")
    made.git("revert", "--no-edit", "HEAD")
    return made.versions()


def moved(folder: Path) -> str:
    made = Repository.make(folder)
    made.commit("x", "core/a")
    made.release()
    (made.root / "other").mkdir()
    made.git("mv", "core/a", "other/a")
    made.commit("moved")
    return made.versions()


def half_released(folder: Path) -> str:
    made = Repository.make(folder)
    made.commit("x", "core/x")
    made.git("tag", "core-v1.0.1")
    return made.versions()


def unmerged_tag(folder: Path) -> str:
    made = Repository.make(folder, package("core"), tags="0.2.0")
    made.git("checkout", "--quiet", "-b", "other")
    made.commit("elsewhere", "core/x")
    made.git("tag", "core-v9.0.0")
    made.git("checkout", "--quiet", "main")
    made.commit("x", "core/x")
    return made.versions()


def no_commits(folder: Path) -> str:
    folder.mkdir()
    made = Repository(root=folder)
    made.git("init", "--quiet")
    made.write("putitoutthere.toml", HEAD + package("core"))
    return made.versions()


def blank(folder: Path) -> str:
    made = Repository.make(folder)
    made.commit("x", "core/x")
    return made.versions("   ")


TAGS = ("core-v1.2.3", "py-v1.2.3", "@my/js-v1.2.3")

SITUATIONS: tuple[tuple[Case, Situation, str], ...] = (
    (Case("C01"), after(("x", "core/x")), ALL_PATCH),
    (Case("C02"), after(("x", "py/x")), "py@1.0.1"),
    (Case("C03"), after(("x", "README.md")), ""),
    (Case("C04"), after(("x\n\nrelease: minor", "core/x")), "core@1.1.0 py@1.1.0 @my/js@1.1.0"),
    (Case("C05"), after(("x\n\nrelease: minor [core]", "core/x")), "core@1.1.0 py@1.0.1 @my/js@1.0.1"),
    (Case("C06"), after(("x\n\nrelease: major [py]",)), "py@2.0.0"),
    (
        Case("C07", "≠", "what a trailer forces cascades to its dependents"),
        after(("x\n\nrelease: minor [core]",)),
        "core@1.1.0 py@1.0.1 @my/js@1.0.1",
    ),
    (Case("C08"), skipped_then_not, f"| {ALL_PATCH}"),
    (
        Case("C09", "≠", "the unknown name is an error in `check`, and a warning with the commit in `plan`"),
        after(("x\n\nrelease: minor [nope]", "core/x")),
        ALL_PATCH,
    ),
    (Case("C10"), merged("x", "y\n\nrelease: minor"), "core@1.1.0 py@1.1.0 @my/js@1.1.0"),
    (
        Case("C11", "≠", "trailers of all commits since the tag count"),
        merged("x\n\nrelease: minor", "y"),
        "core@1.1.0 py@1.1.0 @my/js@1.1.0",
    ),
    (
        Case("C12", "≠", "trailers of all commits since the tag count"),
        after(("x\n\nrelease: minor", "core/x"), ("y", "core/y")),
        "core@1.1.0 py@1.1.0 @my/js@1.1.0",
    ),
    (
        Case("C13", "≠", "a first release cascades to its dependents"),
        core_untagged,
        "core@0.1.0 py@1.0.1 @my/js@1.0.1",
    ),
    (Case("C14"), untagged, ALL_FIRST),
    (Case("C15", "≠", "an error: the clone is shallow"), shallow, "PIOT_SHALLOW"),
    (
        Case("C16"),
        configured(package("a") + package("b", "a") + package("c", "b"), "a/x"),
        "a@1.0.1 b@1.0.1 c@1.0.1",
    ),
    (
        Case("C17"),
        configured(package("a") + package("b", "a") + package("c", "a") + package("d", "b", "c"), "a/x"),
        "a@1.0.1 b@1.0.1 c@1.0.1 d@1.0.1",
    ),
    (Case("C18"), configured(package("a", "b") + package("b", "a")), "a → b → a"),
    (Case("C19"), configured(package("a", "ghost")), '"a": it depends on "ghost"'),
    (Case("C20"), configured(package("a", "a")), "it depends on itself"),
    (Case("C21"), own_baselines, "core@1.0.1 @my/js@1.0.1"),
    (Case("C22"), reverted, ""),
    (Case("C23", "≠", "a file that leaves a package is a change"), moved, "core@1.0.2 py@1.0.2 @my/js@1.0.2"),
    (Case("C24", "≠", "paths may hold any character"), after(("x", "core/é.rs")), ALL_PATCH),
    (
        Case("C25", "≠", "dependents stay in the plan until they are released"),
        half_released,
        "py@1.0.1 @my/js@1.0.1",
    ),
    (Case("C26"), manual("core@minor", *TAGS), "core@1.3.0"),
    (Case("C27"), manual("core", *TAGS), "core@1.2.4"),
    (Case("C28"), manual("core@2.0.1", *TAGS), "core@2.0.1"),
    (Case("C29", "≠", "a warning"), manual("core@0.0.1", *TAGS), "core@0.0.1"),
    (Case("C30", "≠", "scoped names work"), manual("@my/js@minor", *TAGS), "@my/js@1.3.0"),
    (Case("C31"), manual("nope", *TAGS), 'no package is called "nope"'),
    (Case("C32"), manual("py,core", *TAGS), "core@1.2.4 py@1.2.4"),
    (Case("C33"), manual("core@minor"), "core@0.1.0"),
    (Case("C34"), blank, ALL_PATCH),
    (Case("C35"), no_commits, "there are no commits yet"),
    (
        Case("G16", "≠", "only tags in the history of HEAD count, and a warning names the other"),
        unmerged_tag,
        "core@0.2.1",
    ),
)
"""A situation, and what is planned; or, for an error, a part of its message."""

CASES = tuple(case for case, _, _ in SITUATIONS)


@pytest.mark.parametrize(("case", "situation", "expected"), SITUATIONS, ids=case_id)
def test_the_plan_of(case: Case, situation: Situation, expected: str, tmp_path: Path) -> None:
    if "@" in expected or expected in ("", f"| {ALL_PATCH}"):
        assert situation(tmp_path / "repository") == expected, case
        return
    with pytest.raises(PiotError) as caught:
        situation(tmp_path / "repository")
    assert expected in str(caught.value)
    assert isinstance(caught.value, InputError) or case.id == "C31"
