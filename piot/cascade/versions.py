"""Which version every planned line gets: what commits and people ask for, over what was released."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from piot.cascade.facts import Facts
from piot.model.package import Package
from piot.model.release.bump import Word, bumped, greatest
from piot.model.release.bump_spec import BumpSpec
from piot.model.release.plan import Bump
from piot.model.semver import Semver


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From ``previous`` (None: never released) to ``version``; ``asked`` says who asked for it."""

    version: Semver
    previous: Semver | None
    bump: Bump
    asked: str = ""


def step(facts: Facts, members: Sequence[Package], spec: BumpSpec) -> Step:
    """The version of a line whose ``members`` are planned; the greatest step that any of them needs."""
    first = members[0]
    last = facts.released.last.get(first.line)
    previous = last.version if last else None
    if first.version_from == "manifest":
        said = [facts.committed[each.name] for each in members if each.name in facts.committed]
        return Step(version=said[0], previous=previous, bump="manifest", asked="its manifest")
    asked_for: list[Word | Semver | None] = [spec.of(package.name) or spec.every for package in members]
    wanted: list[Word | Semver] = [each for each in asked_for if each is not None]
    given = ((each, "--bump") for each in wanted if isinstance(each, Semver))
    exact, asked = next(given if wanted else _exact(facts, members), (None, ""))
    if exact is not None:
        return Step(version=exact, previous=previous, bump="explicit", asked=asked)
    if previous is None:
        return Step(version=Semver.parse(first.first_version), previous=None, bump="first")
    words: list[Word] = [each for each in wanted if not isinstance(each, Semver)]
    word = greatest(words or list(_words(facts, members)))
    bump: Bump = word or ("prerelease" if previous.pre else "patch")
    return Step(version=bumped(previous, word), previous=previous, bump=bump, asked="--bump" if words else "")


def _exact(facts: Facts, members: Sequence[Package]) -> Iterator[tuple[Semver, str]]:
    """Versions that commits ask for, the last said first; of a first release only where it is named."""
    for package in members:
        baseline = facts.baseline(package)
        for commit, line in facts.past.said(package.name, baseline):
            if isinstance(line.said, Semver) and (baseline or package.name in line.names):
                yield line.said, f"commit {commit.id[:8]}"


def _words(facts: Facts, members: Sequence[Package]) -> Iterator[Word]:
    for package in members:
        for _, line in facts.past.said(package.name, facts.baseline(package)):
            if not isinstance(line.said, Semver) and line.said != "skip":
                yield line.said


def lines(packages: Sequence[Package], planned: Mapping[str, object]) -> dict[str, list[Package]]:
    """The planned packages by line."""
    found: dict[str, list[Package]] = {}
    for package in packages:
        if package.name in planned:
            found.setdefault(package.line, []).append(package)
    return found
