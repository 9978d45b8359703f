"""Which packages are planned, and why: their files, what they depend on, what commits ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from piot.cascade.facts import EMPTY, Facts
from piot.model.history import Change
from piot.model.package import Package
from piot.model.release.plan import Reason


class Choice:
    """By name the ``reasons`` of every package that is planned, in the order of releases; ``deferred`` are
    those that ``skip`` holds back."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._packages = {package.name: package for package in facts.packages}
        self._known: dict[tuple[str, str, str], tuple[Change, ...]] = {}
        self._first: dict[tuple[str, str], bool] = {}
        self.reasons: dict[str, list[Reason]] = {}
        self.deferred: dict[str, list[Reason]] = {}

    def automatic(self) -> None:
        """All that is due."""
        found = {name: list(self._reasons(self._packages[name])) for name in self._facts.closures}
        due = {name: reasons for name, reasons in found.items() if reasons}
        held = {name for name, reasons in due.items() if self._held(self._packages[name], reasons)}
        self._with_groups(due, held)
        held -= self._needed(due, held)
        self.reasons = {name: due[name] for name in self._facts.closures if name in due and name not in held}
        self.deferred = {name: due[name] for name in due if name in held}

    def forced(self, names: Iterable[str], text: str) -> None:
        """These packages and no others, as a person says; and their groups."""
        due = {name: [Reason(kind="forced", text=text)] for name in names}
        self._with_groups(due, set())
        self.reasons = {name: due[name] for name in self._facts.closures if name in due}

    def changes(self, name: str, before: str, after: str) -> tuple[Change, ...]:
        """The files of a package itself that differ between two commits."""
        trees = self._facts.trees
        key = (name, trees[before], trees[after])
        if key not in self._known:
            self._known[key] = self._facts.contents.changes(name, self._facts.diff, key[1:])
        return self._known[key]

    def stale(self, name: str) -> bool:
        """Whether its files or those of what it depends on are not those of its last release."""
        baseline = self._facts.baseline(self._packages[name])
        every = (*self._facts.closures[name], name)
        return baseline is None or any(self.changes(each, baseline, self._facts.head) for each in every)

    def _reasons(self, package: Package) -> Iterator[Reason]:
        """Why it is due; a package whose version stands in its manifest is due by that alone."""
        if package.version_from == "manifest":
            yield from self._by_manifest(package)
            return
        baseline = self._facts.baseline(package)
        if baseline is None:
            yield _first(package)
        elif own := self.changes(package.name, baseline, self._facts.head):
            yield _changed(own)
        yield from self._forced_by_commits(package, baseline)
        if baseline is not None:
            yield from self._dependencies(package, baseline)

    def _by_manifest(self, package: Package) -> Iterator[Reason]:
        version = self._facts.committed.get(package.name)
        last = self._facts.released.last.get(package.line)
        if version is None or (last is not None and version.precedence <= last.version.precedence):
            return
        if last is None and self._facts.released_before(package, version):
            return
        before = f"{last.version} was released last" if last else "no version was released yet"
        yield Reason(kind="manifest", text=f"its manifest says {version}, and {before}")

    def _forced_by_commits(self, package: Package, baseline: str | None) -> Iterator[Reason]:
        past = self._facts.past
        for commit, line in past.said(package.name, baseline) if package.name in past.named else ():
            if package.name in line.names and line.said != "skip":
                yield Reason(kind="forced", text=f"commit {commit.id[:8]} asks for it: release: {line}")

    def _dependencies(self, package: Package, baseline: str) -> Iterator[Reason]:
        facts = self._facts
        for name in facts.closures[package.name]:
            if changed := self.changes(name, baseline, facts.head):
                yield _dependency(package, name, "changed", changed)
            elif self._first_since(name, baseline):
                yield _dependency(package, name, "is released for the first time")
            elif forcing := next(self._forced_by_commits(self._packages[name], baseline), None):
                yield _dependency(
                    package, name, f"is released: {forcing.text.partition(' asks')[0]} asks for it"
                )

    def _first_since(self, name: str, baseline: str) -> bool:
        """Whether all releases of a package came after ``baseline``, or are still to come."""
        key = (name, baseline)
        if key not in self._first:
            package, within = self._packages[name], self._facts.past.within
            commits = self._facts.released.commits[package.line]
            by_commits = package.version_from == "trailer"
            self._first[key] = by_commits and not any(within(commit, baseline) for commit in commits)
        return self._first[key]

    def _held(self, package: Package, reasons: Sequence[Reason]) -> bool:
        """Whether all that is due came with commits that say ``skip``: before them nothing was."""
        facts = self._facts
        baseline = facts.baseline(package)
        if any(reason.kind in ("forced", "manifest") for reason in reasons):
            return False
        before = facts.past.unskipped(package.name, facts.head, baseline)
        if before == facts.head:
            return False
        if before is None or before == baseline:
            return True
        every = (*facts.closures[package.name], package.name)
        since = EMPTY if baseline is None else baseline
        return not any(self.changes(each, since, before) for each in every)

    def _with_groups(self, due: dict[str, list[Reason]], held: set[str]) -> None:
        """Packages that share a version are released together."""
        first: dict[str, str] = {}
        for name in due:
            group = self._packages[name].version_group
            if group and name not in held:
                first.setdefault(group, name)
        for package in self._facts.packages:
            of = first.get(package.version_group or "")
            if of and of != package.name:
                held.discard(package.name)
                text = f'{of}, of the same version group "{package.version_group}", is released'
                due.setdefault(package.name, [Reason(kind="group", text=text, of=of)])

    def _needed(self, due: Mapping[str, object], held: set[str]) -> set[str]:
        """Those that something which is released was built with."""
        return {
            each for name in due if name not in held for each in self._facts.closures[name] if each in held
        }


def _first(package: Package) -> Reason:
    tag = package.tag_format.replace("{name}", package.line).replace("{version}", "*")
    return Reason(kind="first", text=f"it was never released: no tag {tag} is in the history")


def _changed(changes: Sequence[Change]) -> Reason:
    count = "1 file" if len(changes) == 1 else f"{len(changes)} files"
    return _with_files(Reason(kind="changed", text=f"{count} changed"), changes)


def _dependency(package: Package, of: str, what: str, changes: Sequence[Change] = ()) -> Reason:
    how = "which it depends on" if of in package.depends_on else "which it depends on indirectly"
    return _with_files(Reason(kind="dependency", text=f"{of}, {how}, {what}", of=of), changes)


def _with_files(reason: Reason, changes: Sequence[Change]) -> Reason:
    paths = tuple(change.path for change in changes)
    return replace(reason, paths=paths, changes=tuple(change.kind for change in changes))
