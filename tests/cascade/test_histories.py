"""What holds for any history: laws of the cascade, over repositories made by chance, with the real git."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from piot.app.query import query
from piot.app.session.where import Where
from piot.effects.history import History
from piot.model.globs import Globs
from tests.support.history import Repository, package

PACKAGES = {
    "a": ((), ("a/**",)),
    "b": (("a",), ("b/**", "!b/docs/**", "shared.txt")),
    "c": (("b",), ("c/**",)),
    "d": ((), ("d/**", "shared.txt")),
}
"""By name what a package depends on, and its patterns: a chain, and one that shares a file with it."""

CONFIG = "".join(
    package(name, *deps, path=name, paths=str(list(paths)).replace("'", '"'))
    for name, (deps, paths) in PACKAGES.items()
)
CLOSURES = {"a": "a", "b": "ab", "c": "abc", "d": "d"}
PATHS = ("a/x", "a/y", "b/x", "b/docs/x", "b/é\n", "c/x", "c/deep/er/x", "d/x", "shared.txt", "README.md")
MESSAGES = ("x", "x\n\nrelease: minor", "x\n\nrelease: skip", "x\n\nrelease: banana")

Step = tuple[str, ...]


SUBMODULES = ("b/module", "module")

PLAIN = ("x", "x\n\nrelease: minor", "x\n\nrelease: banana")
"""Without ``skip``, which holds back what differs until the next commit."""


def steps(messages: tuple[str, ...] = MESSAGES) -> st.SearchStrategy[list[Step]]:
    """What happens in a repository, one after the other."""
    paths, said = st.sampled_from(PATHS), st.sampled_from(messages)
    kinds = [
        st.tuples(st.just("edit"), paths, said),
        st.tuples(st.just("delete"), paths, said),
        st.tuples(st.just("mode"), paths, said),
        st.tuples(st.just("link"), paths, said),
        st.tuples(st.just("submodule"), st.sampled_from(SUBMODULES), said),
        st.tuples(st.just("move"), paths, paths, st.just("x")),
        st.tuples(st.just("tag"), st.sampled_from(sorted(PACKAGES))),
        st.just(("release",)),
        st.tuples(st.just("branch"), paths, said),
    ]
    return st.lists(st.one_of(*kinds), min_size=1, max_size=8)


@dataclass
class Player:
    """Carries steps out; every edit writes another number."""

    made: Repository
    number: int = 0

    def play(self, step: Step) -> None:
        match step:
            case ("edit" | "link" | "submodule" | "branch" as kind, path, message):
                getattr(self, kind)(path, message)
            case ("delete", path, message):
                self.made.git("rm", "--quiet", "--ignore-unmatch", "--", path)
                self.made.commit(message)
            case ("mode", path, message):
                if (self.made.root / path).is_file():
                    (self.made.root / path).chmod(0o755)
                self.made.commit(message)
            case ("move", path, other, message):
                if path != other and (self.made.root / path).exists():
                    (self.made.root / other).parent.mkdir(parents=True, exist_ok=True)
                    self.made.git("mv", "--force", path, other)
                self.made.commit(message)
            case ("tag", name):
                self.release(lambda each: each == name)
            case ("release",):
                self.release(lambda _: True)
            case _:
                raise AssertionError(step)

    def edit(self, path: str, message: str) -> None:
        self.number += 1
        if (self.made.root / path).is_symlink():
            (self.made.root / path).unlink()
        self.made.write(path, f"{self.number}\n")
        self.made.commit(message)

    def link(self, path: str, message: str) -> None:
        """In the place of a file a symbolic link that leads nowhere."""
        self.number += 1
        place = self.made.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.symlink_to(f"nowhere/{self.number}")
        self.made.commit(message)

    def submodule(self, path: str, message: str) -> None:
        """One that points to another commit than before, as it lies in a clone that has not fetched it."""
        self.number += 1
        (self.made.root / path).mkdir(parents=True, exist_ok=True)
        self.made.git("update-index", "--add", "--cacheinfo", f"160000,{self.number:040x},{path}")
        self.made.commit(message)

    def release(self, wanted: Callable[[str], bool]) -> None:
        """Of a run that perhaps died: what comes before, and then what is wanted of it."""
        for each in self.made.plan().packages:
            if wanted(each.name):
                self.made.git("tag", each.tag)

    def branch(self, path: str, message: str) -> None:
        self.made.git("checkout", "--quiet", "-b", f"topic{self.number}")
        self.edit(path, message)
        self.made.git("checkout", "--quiet", "main")
        self.made.git("merge", "--quiet", "--no-ff", "-m", "merge", f"topic{self.number - 1}")


@contextmanager
def played(all_steps: list[Step]) -> Generator[Player, None, None]:
    with tempfile.TemporaryDirectory() as folder:
        player = Player(Repository.make(Path(folder), CONFIG))
        for step in all_steps:
            player.play(step)
        yield player


def names(made: Repository) -> set[str]:
    return {each.name for each in made.plan().packages}


def released(made: Repository, name: str) -> str | None:
    """The commit of the highest tag, by git's own order of versions."""
    tags = made.git("tag", "--merged", "HEAD", "--sort=-version:refname", "--list", f"{name}-v*").split("\n")
    return made.git("rev-parse", f"{tags[0]}^{{commit}}") if tags[0] else None


def content(made: Repository, commit: str, members: str) -> set[tuple[str, str, str, str]]:
    """The slow way: every file of a commit, tried against the patterns of every package."""
    files = History(made.root, made.environ).files(made.git("rev-parse", f"{commit}^{{tree}}"))
    return {
        (name, file.path, file.mode, file.blob)
        for name in members
        for file in files
        if Globs.parse(PACKAGES[name][1]).matches(file.path)
    }


FEW = settings(max_examples=int(os.environ.get("HISTORIES", "6")))
"""git takes a second for each; ``HISTORIES=500`` looks more closely."""


@FEW
@given(steps(PLAIN))
def test_planned_is_what_differs_from_its_baseline_and_nothing_else(history: list[Step]) -> None:
    with played(history) as player:
        made = player.made
        expected = {
            name
            for name, members in CLOSURES.items()
            if (commit := released(made, name)) is None
            or content(made, commit, members) != content(made, "HEAD", members)
        }
        assert names(made) == expected


@FEW
@given(steps())
def test_planning_twice_gives_the_same_and_tagging_what_is_planned_empties_it(history: list[Step]) -> None:
    with played(history) as player:
        first = player.made.plan()
        assert player.made.plan() == first
        player.release(lambda _: True)
        assert player.made.plan().packages == ()


@FEW
@given(steps(PLAIN))
def test_affected_compares_what_plan_compares(history: list[Step]) -> None:
    """All but submodules, of which no build takes a file."""
    with played(history) as player:
        where = Where(directory=player.made.root, environ=player.made.environ, offline=True)
        for each in player.made.plan().packages:
            changed = (path for reason in each.reasons if reason.kind == "changed" for path in reason.paths)
            own = any(path not in SUBMODULES for path in changed)
            if each.baseline is not None:
                affected = query((f"affected({each.baseline})",), where, "label").splitlines()
                assert (f"//{each.name}:crate" in affected) == own


@FEW
@given(steps(PLAIN))
def test_an_unrelated_commit_changes_nothing(history: list[Step]) -> None:
    with played(history) as player:
        before = player.made.plan()
        player.edit("unrelated/file", "x")
        after = player.made.plan()
        assert (after.packages, after.kept) == (before.packages, before.kept)


def comes_back(made: Repository) -> bool:
    """Whether some package, with what it depends on, is again what it was before it was something else."""
    commits = made.git("rev-list", "--reverse", "--topo-order", "HEAD").split("\n")
    for members in CLOSURES.values():
        states = [frozenset(content(made, commit, members)) for commit in commits]
        different = [state for state, _ in groupby(states)]
        if len(different) != len({*different}):
            return True
    return False


@FEW
@given(steps(), st.integers(min_value=0))
def test_deleting_a_tag_never_plans_less_where_nothing_comes_back(history: list[Step], which: int) -> None:
    with played(history) as player:
        assume(not comes_back(player.made))
        before = names(player.made)
        tags = player.made.git("tag").split("\n")
        player.made.git("tag", "--delete", tags[which % len(tags)])
        assert names(player.made) >= before


@FEW
@given(steps())
def test_what_skip_holds_back_comes_with_the_next_commit(history: list[Step]) -> None:
    with played(history) as player:
        made = player.made
        due = {
            name
            for name, members in CLOSURES.items()
            if (commit := released(made, name)) is None
            or content(made, commit, members) != content(made, "HEAD", members)
        }
        player.edit("unrelated/file", "x")
        assert names(made) == due


@FEW
@given(steps())
def test_nothing_is_released_with_unreleased_changes_of_what_it_needs(history: list[Step]) -> None:
    with played(history) as player:
        made = player.made
        planned = names(made)
        for name in planned:
            for each in CLOSURES[name]:
                commit = released(made, each)
                stale = commit is None or content(made, commit, each) != content(made, "HEAD", each)
                assert not stale or each in planned


@FEW
@given(steps(), st.integers(min_value=0, max_value=4))
def test_a_run_that_died_is_finished_by_the_next_one(history: list[Step], before: int) -> None:
    with played(history) as player:
        plan = player.made.plan()
        for each in plan.packages[:before]:
            player.made.git("tag", each.tag)
        rest = player.made.plan()
        assert [(each.name, each.version) for each in rest.packages] == [
            (each.name, each.version) for each in plan.packages[before:]
        ]
