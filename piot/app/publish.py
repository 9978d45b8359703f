"""``piot publish``: proven files to their registries, in order; the registries are the only memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from piot.app.forge import Forge, ForgeRequest, forge
from piot.app.originals import fetching, keep
from piot.app.package_patterns import choose_packages
from piot.app.places import places_of, subject
from piot.app.proven_files import proven_files
from piot.app.publish_refusals import refuse_blocked, refuse_uncommitted, refuse_unknown
from piot.app.publish_tokens import refuse_without_tokens, rehearse
from piot.app.release_plan import PlanRequest, release_plan
from piot.app.session import Session
from piot.app.staged_crate import staged_crate
from piot.app.where import Where
from piot.effects import tags
from piot.effects.http import Http
from piot.effects.masks import masker
from piot.errors import InputError, MachineError
from piot.load.repository import read
from piot.model.artifact import Artifact, Observed, Waiting
from piot.model.events import Emit, Note
from piot.model.package import Package
from piot.model.plan_file import parse_plan
from piot.model.publish_report import PublishReport
from piot.model.publish_steps import (
    Outcome,
    Release,
    Step,
    Tag,
    Upload,
    concerns,
    owners,
    releases,
    steps,
    with_dependencies,
)
from piot.model.registry import Place
from piot.model.release_plan import ReleasePlan
from piot.model.secrets import Secrets
from piot.release.artifacts import Found
from piot.release.attestations import Attestations
from piot.release.forge.place import token_of
from piot.release.publish.provenance import Provenance
from piot.release.registries import Registries
from piot.release.steps import carry_out, settled
from piot.release.trusted.identity import Identity
from piot.release.trusted.tokens import TrustedTokens
from piot.release.uploads import Uploads


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


Told = Callable[[Outcome], None]
"""Hears every outcome as it comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Release:
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


@dataclass(frozen=True, slots=True)
class _World:
    """What a run works with."""

    session: Session
    registries: Registries
    secrets: Secrets

    def say(self, text: str) -> None:
        """A line for whoever watches, without a secret."""
        self.session.emit(Note(text=self.secrets.clean(text)))


def publish(request: PublishRequest, where: Where, emit: Emit, told: Told) -> PublishReport:
    """Publishes what is planned, or says what would be sent.

    Raises InputError when files are missing or wrong, or a registry has others under their names, and
    MachineError when a registry or a token is missing: then nothing was sent. What fails later is in the
    report.
    """
    if where.offline:
        raise MachineError("publishing needs the network, and --offline forbids it")
    secrets = Secrets(masker(where.environ))
    secrets.guess(where.environ)
    secrets.add(token_of(where.environ))
    with secrets.kept():
        plan = _plan(request, where)
        with closing(Session(where, emit, versions=plan.known_versions)) as session:
            registries = Registries(session.root, where.environ)
            with closing(registries):
                release = _prepared(session, registries, plan, request)
                return _published(_World(session, registries, secrets), release, request, told)


def _plan(request: PublishRequest, where: Where) -> ReleasePlan:
    """The plan of a file, where one is named; else what is planned now."""
    if request.plan is None:
        with closing(Session(where, lambda _: None)) as session:
            return release_plan(session, PlanRequest(patterns=request.patterns))
    data = read(where.directory / request.plan)
    if data is None:
        raise InputError(f"no file {request.plan}")
    return parse_plan(data, str(request.plan))


def _prepared(
    session: Session, registries: Registries, plan: ReleasePlan, request: PublishRequest
) -> _Release:
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
    return _Release(
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


def _foretold(release: _Release) -> Iterator[Outcome]:
    for step in release.steps:
        if not release.asked.isdisjoint(owners(step)):
            yield settled(step) or Outcome(step=step, fate="left")


def _published(world: _World, release: _Release, request: PublishRequest, told: Told) -> PublishReport:
    session, secrets = world.session, world.secrets
    http = Http(sleep=world.registries.sleep)
    tokens = TrustedTokens(
        identity=Identity(session.where.environ, http, secrets),
        client=world.registries.client,
        secrets=secrets,
        say=world.say,
    )
    uploads = _uploads(world, release, tokens)
    waiting = _waiting(release)
    outcomes: list[Outcome] = []
    with closing(http), closing(tokens), closing(release.forge) if release.forge else nullcontext():
        if request.dry_run:
            rehearse(uploads, waiting, world.say)
            return PublishReport(plan=release.plan, outcomes=tuple(_foretold(release)), dry=True)
        refuse_without_tokens(uploads, waiting)
        if request.registry is None:
            keep(release.forge, session.where.environ, waiting, release.steps, release.found, world.say)
        if release.forge is not None:
            release.forge.prepare(each for each in release.steps if release.asked & {*owners(each)})
        for outcome in carry_out(release.steps, lambda step: _done(session, release, uploads, step)):
            if concerns(outcome, release.asked, outcomes):
                outcomes.append(replace(outcome, detail=secrets.clean(outcome.detail)))
                told(outcomes[-1])
    return PublishReport(plan=release.plan, outcomes=tuple(outcomes))


def _uploads(world: _World, release: _Release, tokens: TrustedTokens) -> Uploads:
    session = world.session
    return Uploads(
        root=session.root,
        env=session.where.environ,
        packages=release.packages,
        places=release.places,
        found=release.found,
        registries=world.registries,
        stage=lambda package: staged_crate(session, package),
        say=world.say,
        secrets=world.secrets,
        tokens=tokens,
        provenance=Provenance(env=session.where.environ, identity=tokens.identity, say=world.say),
        attestations=Attestations(
            identity=tokens.identity, wanted=session.config.settings.release.attestations
        ),
    )


def _waiting(release: _Release) -> tuple[Upload, ...]:
    """The files that are to be sent."""
    uploading = (step for step in release.steps if isinstance(step, Upload) and step.pending)
    return tuple(step for step in uploading if step.package in release.asked)


def _done(session: Session, release: _Release, uploads: Uploads, step: Step) -> str | Waiting:
    match step:
        case Upload() if step.package not in release.asked:
            raise InputError(f"{step.package} is not among what is asked for")
        case Upload():
            return uploads.upload(step)
        case Tag():
            if release.forge is not None:
                release.forge.draft(step.tag)
            return _tagged(session, release.plan.commit, step.tag)
        case Release():
            return release.forge.publish(step.tag) if release.forge is not None else ""


def _tagged(session: Session, commit: str, tag: str) -> str:
    """Made on the commit that was published, and pushed; either may have been done by an earlier run."""
    root, environ = session.root, session.where.environ
    made = tags.make(root, tag, commit, environ)
    if not tags.has_remote(root, environ):
        return "not pushed: there is no remote" if made else "was there"
    pushed = tags.push(root, tag, commit, environ)
    return "" if pushed else "was there"
