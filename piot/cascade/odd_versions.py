"""Versions that must not be released, or not without thinking: taken, going back, unspeakable, unchanged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from piot.cascade.choice import Choice
from piot.cascade.facts import Facts
from piot.cascade.versions import Step, lines
from piot.errors import InputError, listed
from piot.model.finding import Finding
from piot.model.package import Package
from piot.model.release.spelling import highest, spelled
from piot.model.semver import Semver


def look_at_versions(facts: Facts, choice: Choice, steps: Mapping[str, Step]) -> Iterator[Finding]:
    """What is odd about the versions of a plan, and about those that manifests say."""
    for line, members in lines(facts.packages, choice.reasons).items():
        found = steps[line]
        yield from _taken(facts, members[0], found)
        yield from _back(members[0], found)
        for package in members:
            yield from _unspeakable(package, found)
            yield from _known_elsewhere(facts, package, found)
            yield from _on_prereleases(facts, package, steps)
    for package in facts.packages:
        if package.version_from == "manifest":
            yield from _manifest(facts, choice, package)


def _taken(facts: Facts, package: Package, found: Step) -> Iterator[Finding]:
    for version, tag in facts.released.elsewhere[package.line]:
        if version == found.version:
            yield Finding(
                code="PIOT_TAG_TAKEN",
                severity="error",
                package=package.name,
                message=f"{package.line} would be released as {found.version}, but {tag.name} exists, on "
                f"commit {tag.commit[:8]} that is not in the history of HEAD",
                fix="choose another version, or merge the branch that it is on",
            )


def _back(package: Package, found: Step) -> Iterator[Finding]:
    if found.previous and found.version.precedence <= found.previous.precedence:
        by_hand = found.asked == "--bump" and found.version != found.previous
        yield Finding(
            code="PIOT_VERSION_BACK",
            severity="warning" if by_hand else "error",
            package=package.name,
            message=f"{found.asked} asks for {package.line} {found.version}, "
            f"but {found.previous} is released",
            fix=f"ask for a version after {found.previous}",
        )


def _unspeakable(package: Package, found: Step) -> Iterator[Finding]:
    try:
        spelled(package.kind, found.version)
    except InputError as wrong:
        yield Finding(
            code="PIOT_PLAN_SPELLING",
            severity="error",
            package=package.name,
            message=f"{package.name}: {wrong.message}",
            fix=wrong.hint,
        )


def _known_elsewhere(facts: Facts, package: Package, found: Step) -> Iterator[Finding]:
    """A first release of what its registry knows: its tag is missing, the first version would be wrong."""
    if found.previous is not None or found.bump != "first":
        return
    others = facts.published_beside(package, found.version)
    if others:
        last = highest(package.kind, others) or others[-1]
        yield Finding(
            code="PIOT_ADOPT",
            severity="error",
            package=package.name,
            message=f"{package.name} has no release tag, but its registry has {last}: {found.version} would "
            f"be wrong",
            fix=_adopt(package, last),
        )


def _adopt(package: Package, version: Semver | str) -> str:
    return (
        f"piot plan --adopt {package.name}; it makes the tag of {version} at HEAD, or at --base COMMIT. "
        f"Where the name is somebody else's there, choose another one"
    )


def _on_prereleases(facts: Facts, package: Package, steps: Mapping[str, Step]) -> Iterator[Finding]:
    """Who takes a release gets pre-releases only by naming them (semver.org 9, PEP 440)."""
    by_name = {each.name: each for each in facts.packages}
    if steps[package.line].version.pre:
        return
    needed = [by_name[name] for name in package.depends_on]
    early = [each.name for each in needed if each.line in steps and steps[each.line].version.pre]
    if early:
        yield Finding(
            code="PIOT_PLAN_PRERELEASE",
            severity="warning",
            package=package.name,
            message=f"{package.name} {steps[package.line].version} is no pre-release, but would need one of "
            f"{listed(early)}",
            fix="release it as a pre-release too, or give them one version_group",
        )


def _manifest(facts: Facts, choice: Choice, package: Package) -> Iterator[Finding]:
    version, last = facts.committed.get(package.name), facts.released.last.get(package.line)
    if version is None:
        yield Finding(
            code="PIOT_PLAN_NO_VERSION",
            severity="error",
            package=package.name,
            message=f"the version of {package.name} comes from its manifest, which says none",
            fix=f'write it into the manifest in {package.path}, or set version_from = "trailer"',
        )
    elif last and version.precedence < last.version.precedence:
        yield Finding(
            code="PIOT_VERSION_BACK",
            severity="error",
            package=package.name,
            message=f"the manifest of {package.name} says {version}, but {last.version} is released",
            fix="write a later version into it",
        )
    elif package.name not in choice.reasons:
        yield from _not_released(facts, choice, package, version)
    if version is not None:
        yield from _unequal(facts, package)


def _not_released(facts: Facts, choice: Choice, package: Package, version: Semver) -> Iterator[Finding]:
    """Why the version of a manifest is not planned, where one may have meant it to be."""
    last = facts.released.last.get(package.line)
    if last and choice.stale(package.name):
        yield Finding(
            code="PIOT_VERSION_UNCHANGED",
            severity="warning",
            package=package.name,
            message=f"{package.name} changed since {last.version}, which its manifest still says: it is not "
            f"released",
            fix="piot bump writes the next version into the manifest",
        )
    elif last is None and facts.released_before(package, version):
        yield Finding(
            code="PIOT_ADOPT",
            severity="warning",
            package=package.name,
            message=f"{package.name} has no release tag, but its registry has {version}, which its manifest "
            f"says, and other versions: it is not released",
            fix=_adopt(package, version),
        )


def _unequal(facts: Facts, package: Package) -> Iterator[Finding]:
    """Packages of one group have one version."""
    group: Sequence[Package] = [each for each in facts.packages if each.line == package.line]
    first = facts.committed.get(group[0].name)
    if first is not None and facts.committed[package.name] != first:
        yield Finding(
            code="PIOT_VERSION_UNEQUAL",
            severity="error",
            package=package.name,
            message=f"{package.name} is {facts.committed[package.name]} and {group[0].name} is {first}, but "
            f"they share a version",
            fix="write the same version into both manifests",
        )
