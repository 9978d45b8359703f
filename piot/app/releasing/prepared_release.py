"""What a run of ``piot publish`` knows before anything is sent: files, registries, and the steps to take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from piot.app.releasing.forge import Forge, ForgeRequest, forge
from piot.app.releasing.originals import fetching
from piot.app.releasing.package_patterns import choose_packages
from piot.app.releasing.places import places_of, subject
from piot.app.releasing.proven_files import proven_files
from piot.app.releasing.publish_refusals import refuse_blocked, refuse_uncommitted, refuse_unknown
from piot.app.releasing.release_plan import PlanRequest, release_plan
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.errors import InputError
from piot.load.repository import read
from piot.model.package import Package
from piot.model.plan_file import parse_plan
from piot.model.release.artifact import Artifact, Observed
from piot.model.release.plan import ReleasePlan
from piot.model.release.registry import Place
from piot.model.release.steps import Step, Upload, owners, releases, steps, with_dependencies
from piot.release.artifacts import Found
from piot.release.registries import Registries


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRequest:
    """``artifacts`` is the folder of the files, ``dist/`` when None; ``plan`` a file of `piot plan --json`.

    ``registry`` sends them to another registry, and tags nothing.
    """

    patterns: tuple[str, ...] = ()
    artifacts: Path | None = None
    plan: Path | None = None
    registry: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """All that is known before anything is sent.

    ``asked`` are the packages that are to be published; the others of the plan have to be there before.
    """

    plan: ReleasePlan
    packages: Mapping[str, Package]
    places: Mapping[str, Place]
    found: Mapping[Artifact, Found]
    asked: frozenset[str]
    steps: tuple[Step, ...]
    forge: Forge | None

    @property
    def waiting(self) -> tuple[Upload, ...]:
        """The files that are to be sent."""
        uploading = (step for step in self.steps if isinstance(step, Upload) and step.pending)
        return tuple(step for step in uploading if step.package in self.asked)


def planned_for(request: PublishRequest, where: Where) -> ReleasePlan:
    """The plan of a file, where one is named, else what is planned now; raises InputError for no file."""
    if request.plan is None:
        with closing(Session(where, lambda _: None)) as session:
            return release_plan(session, PlanRequest(patterns=request.patterns))
    data = read(where.directory / request.plan)
    if data is None:
        raise InputError(f"no file {request.plan}")
    return parse_plan(data, str(request.plan))


def prepared(
    session: Session, registries: Registries, plan: ReleasePlan, request: PublishRequest
) -> Prepared:
    """Reads and checks everything; nothing is sent.

    Raises InputError when files are missing or wrong, or a registry has others under their names, and
    MachineError when a registry does not tell.
    """
    packages = {each.name: each for each in session.config.packages}
    refuse_unknown(plan, packages)
    places = _places(session, plan, packages, request.registry)
    asked = _asked(session, plan, request)
    needed = with_dependencies(asked, packages) & places.keys()
    chosen = replace(plan, packages=tuple(each for each in plan.packages if each.name in needed))
    found = proven_files(session, request.artifacts, chosen, packages)
    observed = _observed(registries, places, found)
    asking = ForgeRequest(
        artifacts=request.artifacts, dry=request.dry_run, resume=request.plan is None and not request.patterns
    )
    there = None if request.registry else forge(session, asking, chosen)
    refuse_blocked(observed, lambda names: fetching(there, chosen, names))
    kept_back = {name for name, place in places.items() if place.stage}
    todo = steps(chosen, packages, observed, tags=request.registry is None, stage=kept_back)
    refuse_uncommitted(session, packages, (each for each in todo if asked & {*owners(each)}))
    left = there.left if there else ()
    return Prepared(
        plan=chosen,
        packages=packages,
        places=places,
        found={each.artifact: each for each in found},
        asked=asked.union(*map(owners, left)),
        steps=(*todo, *(releases(todo) if there else ()), *left),
        forge=there,
    )


def _asked(session: Session, plan: ReleasePlan, request: PublishRequest) -> frozenset[str]:
    """The packages that the patterns choose; what is planned now holds no others but what they need."""
    planned = frozenset(each.name for each in plan.packages)
    if request.plan is None:
        return planned
    below = session.where.below(session.root)
    return planned & choose_packages(request.patterns, session.config.packages, below)


def _places(
    session: Session, plan: ReleasePlan, packages: Mapping[str, Package], chosen: str | None
) -> dict[str, Place]:
    places = places_of(session, chosen=chosen)
    found = {each.name: places.of(subject(session, packages[each.name])) for each in plan.packages}
    return {name: place for name, place in found.items() if place is not None}


def _observed(
    registries: Registries, places: Mapping[str, Place], found: Sequence[Found]
) -> tuple[Observed, ...]:
    artifacts = [each.artifact for each in found]
    seen: list[Observed] = []
    for name, place in places.items():
        seen += registries.observe(place, [each for each in artifacts if each.package == name])
    return tuple(seen)
