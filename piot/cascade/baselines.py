"""What was released last: the highest tag of every package, or group of packages, in HEAD's history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from piot.errors import listed
from piot.model.finding import Finding
from piot.model.history import Tag
from piot.model.package import Package
from piot.model.release.tag_format import TagFormat, versions_of
from piot.model.semver import Semver


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """The last release of a line: its version, tag, and the commit that it is of."""

    version: Semver
    tag: str
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Baselines:
    """By line (`Package.line`): its last release, the commits of all of its releases in HEAD's history,
    and the tags that are not in there, highest first."""

    last: Mapping[str, Released]
    commits: Mapping[str, frozenset[str]]
    elsewhere: Mapping[str, tuple[tuple[Semver, Tag], ...]]


def tag_format(package: Package) -> TagFormat:
    """How the tags of its line are made."""
    return TagFormat.parse(package.tag_format, package.line)


def baselines(packages: Sequence[Package], tags: Iterable[Tag]) -> Baselines:
    """Reads all tags; those of ``baseline_tags`` count for a line that has no tag of its own scheme."""
    by_name = {tag.name: tag for tag in tags}
    lines = {package.line: package for package in reversed(packages)}
    new = versions_of(by_name, {line: [tag_format(package)] for line, package in lines.items()})
    older = {
        line: [TagFormat.parse(each, line) for each in package.baseline_tags]
        for line, package in lines.items()
        if package.baseline_tags
    }
    old = versions_of(by_name, older) if older else {}
    last: dict[str, Released] = {}
    commits: dict[str, frozenset[str]] = {}
    elsewhere: dict[str, tuple[tuple[Semver, Tag], ...]] = {}
    for line in lines:
        own = [(version, by_name[name]) for version, name in new[line]]
        before = [(version, by_name[name]) for version, name in old.get(line, ())]
        here = [each for each in own if each[1].reachable] or [each for each in before if each[1].reachable]
        if here:
            version, tag = max(here, key=_order)
            last[line] = Released(version=version, tag=tag.name, commit=tag.commit)
        commits[line] = frozenset(tag.commit for _, tag in here)
        others = (each for each in own if not each[1].reachable)
        elsewhere[line] = tuple(sorted(others, key=_order, reverse=True))
    return Baselines(last=last, commits=commits, elsewhere=elsewhere)


def _order(found: tuple[Semver, Tag]) -> tuple[object, str]:
    return found[0].precedence, found[1].name


def look_at_tags(packages: Sequence[Package], found: Baselines, *, without_tags: bool) -> Iterator[Finding]:
    """What is odd about tags: none in HEAD's history but some elsewhere, or a higher one elsewhere."""
    lines = {package.line: package for package in reversed(packages)}
    if without_tags and not found.last:
        yield Finding(
            code="PIOT_NO_TAGS",
            severity="error",
            message="there are no tags of releases here, and this clone was made without tags",
            fix="git config --unset-all remote.origin.tagopt && git fetch --tags",
        )
    for line, package in lines.items():
        other = found.elsewhere[line]
        last = found.last.get(line)
        if other and last is None:
            yield _unreachable(package, [tag.name for _, tag in other])
        elif other and last and other[0][0].precedence > last.version.precedence:
            yield Finding(
                code="PIOT_TAG_ELSEWHERE",
                severity="warning",
                package=package.name,
                message=f"{other[0][1].name} is higher than {last.tag}, but not in the history of HEAD: "
                f"it does not count",
                fix="nothing, on a maintenance branch; else merge the branch that it is on",
            )


def _unreachable(package: Package, tags: Sequence[str]) -> Finding:
    return Finding(
        code="PIOT_TAGS_UNREACHABLE",
        severity="error",
        package=package.name,
        message=f"{package.line} was released as {listed(tags, limit=4)}, but no such tag is in the history "
        f"of HEAD, so that it cannot be seen what changed since",
        fix="plan on the branch that was released, or name a commit: piot plan --adopt --base COMMIT",
    )
