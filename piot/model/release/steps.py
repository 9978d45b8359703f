"""What publishing a release comes to: uploads and tags, each after what must be there before it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from piot.model.package import Package
from piot.model.release.artifact import Artifact, Observed, Waiting
from piot.model.release.plan import PlannedPackage, ReleasePlan

Fate: TypeAlias = Literal["done", "there", "staged", "failed", "left"]
"""What became of a step: done in this run, found done, kept back until a person approves it, tried in vain,
or not tried because of another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Sends one file and waits until those who depend on it can see it; ``settled`` when it is there.

    ``first`` when its registry does not know the name yet. With ``stage`` the registry keeps it back until a
    person approves it, and nobody waits; ``waiting`` when that is so already.
    """

    artifact: Artifact
    after: tuple[str, ...] = ()
    settled: bool = False
    first: bool = False
    stage: bool = False
    waiting: Waiting | None = None

    @property
    def name(self) -> str:
        return f"{self.artifact.registry_name} {self.artifact.file}"

    @property
    def package(self) -> str:
        return self.artifact.package

    @property
    def pending(self) -> bool:
        """Whether it has to be sent yet."""
        return not self.settled and self.waiting is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """Makes and pushes the tag of a release that is complete, of one package or of a group."""

    packages: tuple[str, ...]
    tag: str
    after: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"tag {self.tag}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Makes the release of a tag on the forge; its draft, with all files, is there before the tag."""

    packages: tuple[str, ...]
    tag: str
    after: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"release {self.tag}"


Step: TypeAlias = Upload | Tag | Release


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one step, and why where that is to be said; ``waiting`` goes with ``staged``."""

    step: Step
    fate: Fate
    detail: str = ""
    waiting: Waiting | None = None

    @property
    def good(self) -> bool:
        return self.fate in ("done", "there")


def steps(
    plan: ReleasePlan,
    packages: Mapping[str, Package],
    observed: Iterable[Observed],
    *,
    tags: bool = True,
    stage: Container[str] = (),
) -> tuple[Step, ...]:
    """The steps of a release, each behind all that it comes after.

    A package comes after those that it depends on, as far as they are released too; a wheel before the
    sdist, so that nobody has to compile what is about to be there; npm's platform packages before their
    umbrella, which installs without a word when they are missing; a tag after all files of its package.
    ``stage`` are the packages whose registry keeps files back until a person approves them. The order of the
    plan holds as far as dependencies allow it.
    """
    by_package: dict[str, list[Observed]] = {}
    for each in observed:
        by_package.setdefault(each.artifact.package, []).append(each)
    found: list[Step] = []
    whole: dict[str, tuple[str, ...]] = {}
    for planned in _in_order(plan.packages, packages):
        before = _before(planned.name, packages, whole)
        uploads = _uploads(by_package.get(planned.name, ()), before, stage=planned.name in stage)
        found += uploads
        whole[planned.name] = (*before, *(each.name for each in uploads))
    return (*found, *_tags(plan, found)) if tags else tuple(found)


def _in_order(
    planned: Sequence[PlannedPackage], packages: Mapping[str, Package]
) -> tuple[PlannedPackage, ...]:
    """Whoever wrote a plan, what a package needs goes before it; it needs more than any of those does."""
    needs = {each.name: with_dependencies(frozenset({each.name}), packages) for each in planned}
    found: dict[str, PlannedPackage] = {}
    for last in planned:
        mine = [each for each in planned if each.name in needs[last.name]]
        found.update((each.name, each) for each in sorted(mine, key=lambda each: len(needs[each.name])))
    return tuple(found.values())


def _tags(plan: ReleasePlan, uploads: Sequence[Step]) -> Iterator[Tag]:
    """One per tag: packages of a group share theirs, and it needs the files of all of them, no others."""
    owners: dict[str, list[str]] = {}
    for planned in plan.packages:
        owners.setdefault(planned.tag, []).append(planned.name)
    for tag, names in owners.items():
        after = tuple(each.name for each in uploads if isinstance(each, Upload) and each.package in names)
        yield Tag(packages=tuple(names), tag=tag, after=after)


def releases(found: Iterable[Step]) -> tuple[Release, ...]:
    """One behind every tag."""
    tags = (each for each in found if isinstance(each, Tag))
    return tuple(Release(packages=each.packages, tag=each.tag, after=(each.name,)) for each in tags)


def owners(step: Step) -> tuple[str, ...]:
    """The packages that a step is of."""
    return (step.package,) if isinstance(step, Upload) else step.packages


def with_dependencies(names: frozenset[str], packages: Mapping[str, Package]) -> frozenset[str]:
    """The packages with all that they need, and what those need."""
    found = set[str]()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += packages[name].depends_on
    return frozenset(found)


def concerns(outcome: Outcome, asked: frozenset[str], before: Sequence[Outcome]) -> bool:
    """Whether an outcome belongs to a run that was asked for some packages only.

    A tag that packages share waits, without being missed, for those that another run publishes.
    """
    everybody = frozenset(owners(outcome.step))
    mine = asked & everybody
    if mine in (frozenset(), everybody) or outcome.good:
        return bool(mine)
    return any(not each.good for each in before if not mine.isdisjoint(owners(each.step)))


def blockers(observed: Iterable[Observed]) -> tuple[Observed, ...]:
    """What forbids to send anything: other bytes under our name, and registries that do not tell."""
    return tuple(each for each in observed if each.state in ("different", "unreachable"))


def _before(
    name: str, packages: Mapping[str, Package], whole: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Every upload of what a package depends on, also through packages that are not released now."""
    found: dict[str, None] = {}
    waiting = list(packages[name].depends_on)
    seen = set(waiting)
    while waiting:
        other = waiting.pop()
        found.update(dict.fromkeys(whole.get(other, ())))
        more = [each for each in packages[other].depends_on if each not in seen]
        seen.update(more)
        waiting += more
    return tuple(found)


_LAST = ("sdist", "npm-package")


def _uploads(observed: Sequence[Observed], before: tuple[str, ...], *, stage: bool) -> list[Upload]:
    first = [_upload(each, before, stage=stage) for each in observed if each.artifact.kind not in _LAST]
    after = (*before, *(each.name for each in first))
    last = (each for each in observed if each.artifact.kind in _LAST)
    return [*first, *(_upload(each, after, stage=stage) for each in last)]


def _upload(observed: Observed, after: tuple[str, ...], *, stage: bool) -> Upload:
    return Upload(
        artifact=observed.artifact,
        after=after,
        settled=observed.state in ("same", "yanked"),
        first=observed.state == "unknown name",
        stage=stage,
        waiting=observed.waiting,
    )
