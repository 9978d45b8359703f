"""Which files each package consists of, and which other packages it depends on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from piot.inspect.discover.draft import Draft
from piot.inspect.discover.facts import Facts
from piot.inspect.discover.node import USED

BESIDE = (".github/**", "docs/**")
"""What stands in a root folder and is part of no package."""


class Links:
    """``named`` are the packages that will be released, by the name each gets."""

    def __init__(self, facts: Facts, named: Mapping[str, Draft]) -> None:
        self._facts = facts
        self._named = named
        self._owners = {kind: self._of_kind(kind) for kind in ("crates", "pypi", "npm")}
        self.reached: dict[str, frozenset[str]] = {}
        self.depends_on: dict[str, tuple[str, ...]] = {}
        for name, draft in named.items():
            self._follow(name, draft)
        self._without_circles()

    def _of_kind(self, kind: str) -> dict[str, str]:
        return {draft.directory: name for name, draft in self._named.items() if draft.kind == kind}

    def _follow(self, name: str, draft: Draft) -> None:
        """Walks links within the repository until they come to other packages."""
        own: set[str] = {draft.directory}
        others: set[str] = set()
        crates, npm = list(draft.crates), list(draft.siblings if draft.kind == "npm" else ())
        while crates:
            self._step(name, crates.pop(), "crates", own, others, crates)
        while npm:
            self._step(name, npm.pop(), "npm", own, others, npm)
        if draft.kind == "pypi":
            python = self._owners["pypi"]
            others |= {python[each] for each in draft.siblings if each in python}
        self.reached[name] = frozenset(own)
        self.depends_on[name] = tuple(each for each in self._named if each in others)

    def _step(
        self, name: str, folder: str, kind: str, own: set[str], others: set[str], todo: list[str]
    ) -> None:
        owner = self._owners[kind].get(folder)
        if owner is not None and owner != name:
            others.add(owner)
            return
        seen = folder in own and folder != self._named[name].directory
        own.add(folder)
        if not seen:
            todo += [each for each in self._needs(folder, kind) if each not in own]

    def _needs(self, folder: str, kind: str) -> Iterator[str]:
        if kind == "crates":
            crate = self._facts.crates.get(folder)
            links = crate.path_dependencies if crate else ()
            yield from (each.directory for each in links if each.kind != "dev")
        elif folder in self._facts.npm:
            folders = {manifest.name: path for path, manifest in self._facts.npm.items()}
            needed = self._facts.npm[folder].needs(*USED)
            yield from (folders[each] for each in needed if each in folders)

    def _without_circles(self) -> None:
        """Takes away links that would make a package wait for itself, as npm allows."""
        while True:
            try:
                TopologicalSorter(self.depends_on).prepare()
                return
            except CycleError as found:
                needed, waiting = found.args[1][0], found.args[1][1]
                kept = tuple(each for each in self.depends_on[waiting] if each != needed)
                self.depends_on[waiting] = kept

    def paths(self, name: str) -> tuple[str, ...]:
        """The patterns of a package: its folders, without those of others within them."""
        own = sorted(self.reached[name])
        roots = [each for each in own if not any(_within(each, other) for other in own)]
        foreign = self._foreign(name, roots)
        taken = [f"!{each}/**" for each in foreign if not any(_within(each, other) for other in foreign)]
        if "." in roots:
            taken = [*(f"!{each}" for each in BESIDE), "!putitoutthere.toml", *taken]
        return tuple(("**" if each == "." else f"{each}/**") for each in roots) + tuple(taken)

    def _foreign(self, name: str, roots: Sequence[str]) -> list[str]:
        """The folders of other packages and crates below those of this one."""
        folders = {*self._facts.crates, *(draft.directory for draft in self._named.values())}
        kept = self.reached[name]
        return sorted(
            each
            for each in folders
            if each not in kept
            and any(_within(each, root) for root in roots)
            and not any(_within(other, each) for other in kept)
        )


def _within(folder: str, other: str) -> bool:
    """Whether a folder lies below another one."""
    return folder != other and (other == "." or folder.startswith(f"{other}/"))


def in_order(named: Iterable[str], depends_on: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Dependencies before what needs them, else as they were."""
    rank = {name: number for number, name in enumerate(named)}
    sorter = TopologicalSorter({name: depends_on[name] for name in rank})
    sorter.prepare()
    found: list[str] = []
    ready: list[str] = []
    while sorter.is_active():
        ready = sorted({*ready, *sorter.get_ready()}, key=rank.__getitem__)
        found.append(ready.pop(0))
        sorter.done(found[-1])
    return tuple(found)
