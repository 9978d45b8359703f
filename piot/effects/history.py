"""The history of a repository, read by git's plumbing: tags, commits, trees and what differs between them.

No file is read: git has the ids of their contents. What git calls renames is never asked for, since a file
that leaves a folder is gone from there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from piot.effects import plumbing
from piot.effects.process import Completed, run
from piot.effects.raw_diff import below, by_folder, entries, uncommitted
from piot.errors import InputError, MachineError
from piot.model.history import Change, Commit, File, Tag
from piot.model.tree_diff import Entry, Pair, TreeDiff, empty_tree

_PEELED = "^{}"
"""Behind the name of a tag that is an object of its own, in the line that tells what it is of."""
_STATUS = (
    *("--no-optional-locks", "status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=no"),
    *("--", "."),
)
_LOG = ("log", "--topo-order", "-z", "--no-show-signature", "--format=%H%x00%P%x00%B")

MOST_PLACES = 400
"""Folders up to which git finds them faster than it lists all there are."""


class History:
    """Of the repository that the checkout at ``root`` is in; paths are relative to ``root``."""

    def __init__(self, root: Path, environ: Mapping[str, str] = os.environ) -> None:
        self.root = root
        self._environ = environ

    @cached_property
    def head(self) -> str | None:
        """The commit that is checked out; None in a repository without commits.

        Raises InputError where git keeps nothing, and MachineError when git is not installed or refuses.
        """
        if plumbing.repository(self.root) is None:
            raise InputError(
                f"{self.root} is no git repository",
                hint="what is released follows from tags and commits: run `git init` and commit",
            )
        return self._state[1] if len(self._state) > 1 else None

    def commit(self, revision: str) -> str | None:
        """The commit that a revision names (gitrevisions(7)); None when there is none."""
        return self.asked(revision)()

    def asked(self, revision: str) -> Callable[[], str | None]:
        """The same; git is at work until the result is called for."""
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        waiting = plumbing.started(self.root, words, self._environ)

        def finish() -> str | None:
            written = waiting()
            return None if written is None else written.decode("ascii").strip()

        return finish

    @property
    def shallow(self) -> bool:
        """Whether older commits were left out when it was cloned."""
        return self._state[0] == "true"

    @cached_property
    def _state(self) -> list[str]:
        """Whether it is shallow (``true``), and the commit that is checked out, if there is one."""
        words = ("rev-parse", "--is-shallow-repository", "--verify", "--quiet", "HEAD")
        done = self._run(words)
        if not (found := done.stdout.decode().split()):
            raise MachineError(f"git cannot read the history of {self.root}:\n{done.complaint}")
        return found

    @cached_property
    def _place(self) -> str:
        """Where ``root`` is in the repository: empty at its top, else with a slash at the end."""
        return self._ask("rev-parse", "--show-prefix").decode("utf-8", "surrogateescape").strip("\n")

    @property
    def without_tags(self) -> bool:
        """Whether some remote is set not to give its tags (``git clone --no-tags``)."""
        done = self._run(("config", "--get-regexp", r"^remote\..*\.tagopt$"))
        return b"--no-tags" in done.stdout

    def tags(self) -> tuple[Tag, ...]:
        """All tags of commits, those that point to other tags too."""
        written = plumbing.output(self.root, ("show-ref", "--tags", "--dereference"), self._environ)
        rows = (written or b"").decode("utf-8", "surrogateescape").splitlines()
        ids: dict[str, str] = {}
        for row in rows:
            target, _, name = row.partition(" refs/tags/")
            ids[name.removesuffix(_PEELED)] = target  # the line of what it is of comes last
        commits = self._commits_of(dict.fromkeys(ids.values()))
        return tuple(Tag(name, target, commits[target]) for name, target in ids.items() if target in commits)

    def _commits_of(self, ids: Iterable[str]) -> dict[str, bool]:
        """Those of ``ids`` that are commits, and whether they are in the history of HEAD."""
        asked = "".join(f"{each}\n" for each in ids).encode()
        said = self._ask("cat-file", "--batch-check=%(objectname) %(objecttype)", told=asked).decode()
        commits = [
            each for each, _, kind in (row.partition(" ") for row in said.splitlines()) if kind == "commit"
        ]
        words = "".join(f"{each}\n" for each in commits) + "^HEAD\n"
        outside = set(self._ask("rev-list", "--stdin", told=words.encode()).decode().split())
        return {each: each not in outside for each in commits}

    def log(self, head: str, without: Iterable[str] = ()) -> Callable[[], tuple[Commit, ...]]:
        """The commits of ``head``'s history that are not in that of any of ``without``, children first.

        git is at work until the result is called for.
        """
        words = (*_LOG, head, *(f"^{commit}" for commit in without), "--")
        waiting = plumbing.started(self.root, words, self._environ)

        def finish() -> tuple[Commit, ...]:
            written = waiting()
            if written is None:
                raise plumbing.complaint(self.root, words, self._environ)
            return tuple(_commits(written))

        return finish

    def common(self, commits: Sequence[str]) -> str | None:
        """A commit in the history of all of ``commits``, as late as can be; None without one."""
        if len(commits) < 2:
            return commits[0] if commits else None
        words = ("merge-base", "--octopus", *commits)
        return self._run(words).stdout.decode().strip() or None

    def trees(self, commits: Iterable[str]) -> dict[str, str]:
        """The tree of ``root`` in every one of ``commits``; where it was not there, the empty tree."""
        wanted = list(dict.fromkeys(commits))
        asked = "".join(f"{commit}:./\n" for commit in wanted).encode()
        said = self._ask("cat-file", "--batch-check=%(objectname)", told=asked).decode().splitlines()
        ids = (each if " " not in each else empty_tree(wanted[0]) for each in said)
        return dict(zip(wanted, ids, strict=True))

    def files(self, tree: str, below: Sequence[str] = ()) -> tuple[File, ...]:
        """All files of a tree, links and submodules too; of some files and folders, if they are few."""
        places = below if len(below) <= MOST_PLACES and "" not in below else ()
        written = self._ask("ls-tree", "-r", "-z", "--full-tree", tree, "--", *places).decode(
            "utf-8", "surrogateescape"
        )
        found: list[File] = []
        for row in written.split("\0")[:-1]:
            facts, _, path = row.partition("\t")
            mode, _, blob = facts.split(" ")
            found.append(File(path, mode, blob))
        return tuple(found)

    def changes(self, base: str, head: str) -> tuple[Change, ...]:
        """All files that differ between two commits, by path."""
        trees = self.trees((base, head))
        pair = (trees[base], trees[head])
        return self.diff({pair: frozenset(("",))}).changes(pair, "")

    def diff(self, wanted: Mapping[Pair, frozenset[str]]) -> TreeDiff:
        """What differs between pairs of trees, at and below these files and folders ("" for all)."""
        unlike = {pair: roots for pair, roots in wanted.items() if pair[0] != pair[1]}
        levels = self._levels({pair for pair, roots in unlike.items() if "" in roots}, "-r", "-t")
        ahead = {(pair, root) for pair, roots in unlike.items() if pair not in levels for root in roots}
        seen = set(ahead)
        while ahead:
            levels |= self._levels({pair for pair, _ in ahead} - levels.keys())
            ahead = {each for pair, root in ahead for each in below(levels[pair], root)} - seen
            seen |= ahead
        return TreeDiff(levels)

    def _levels(self, pairs: Iterable[Pair], *how: str) -> dict[Pair, tuple[Entry, ...]]:
        """The entries that differ between every two folders, and with ``-r -t`` in all that is in them:
        one command for all of them."""
        ordered = sorted(pairs)
        if not ordered:
            return {}
        told = "".join(f"{before} {after}\n" for before, after in ordered).encode()
        written = self._ask("diff-tree", "--stdin", "-z", "--no-renames", *how, told=told)
        return {
            **dict.fromkeys(ordered, ()),
            **by_folder(entries(written.decode("utf-8", "surrogateescape"))),
        }

    def uncommitted(self) -> Callable[[], tuple[Change, ...]]:
        """Tracked files that differ from HEAD; git is at work until the result is called for.

        What git compared and did not hash is `UNREAD`. The call raises MachineError when git fails.
        """
        waiting = plumbing.started(self.root, _STATUS, self._environ)

        def finish() -> tuple[Change, ...]:
            written = waiting()
            if written is None:
                raise plumbing.complaint(self.root, _STATUS, self._environ)
            rows = written.decode("utf-8", "surrogateescape").split("\0")[:-1]
            return tuple(uncommitted(row, self._place) for row in rows)

        return finish

    def make_tag(self, name: str, commit: str) -> None:
        """A lightweight tag; raises MachineError when git refuses, as for one that exists."""
        self._ask("tag", "--", name, commit)

    def _ask(self, *words: str, told: bytes = b"") -> bytes:
        if (written := plumbing.output(self.root, words, self._environ, told)) is not None:
            return written
        done = self._run(words, told)
        if done.code:
            raise MachineError(
                f"git {words[0]} failed in {self.root}:\n{done.complaint}",
                hint="`git log` in that folder must work for piot too",
            )
        return done.stdout

    def _run(self, words: Sequence[str], stdin: bytes | None = None) -> Completed:
        git = plumbing.program(self._environ)
        if git is None:
            raise MachineError("git is not installed", hint="install it, or put it on PATH")
        env = plumbing.untied(self._environ)
        return run((git, "-C", str(self.root), *words), cwd=self.root, env=env, input=stdin)


def _commits(written: bytes) -> Iterator[Commit]:
    """From ``_LOG``: three fields each; a message that holds a zero byte cannot be committed."""
    fields = written.decode("utf-8", "replace").split("\0")
    for at in range(0, len(fields) - 2, 3):
        yield Commit(fields[at], tuple(fields[at + 1].split()), fields[at + 2])
