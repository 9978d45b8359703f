"""``piot publish``: proven files to their registries, in order; the registries are the only memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace

from piot.app.releasing.originals import keep
from piot.app.releasing.prepared_release import Prepared, PublishRequest, planned_for, prepared
from piot.app.releasing.publish_tokens import refuse_without_tokens, rehearse
from piot.app.releasing.staged_crate import staged_crate
from piot.app.releasing.step_outputs import StepOutputs
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.effects import tags
from piot.effects.http import Http
from piot.effects.masks import masker
from piot.errors import InputError, MachineError
from piot.model.events import Emit, Note
from piot.model.release.artifact import Waiting
from piot.model.release.report import PublishReport
from piot.model.release.steps import Outcome, Release, Step, Tag, Upload, concerns, owners
from piot.model.secrets import Secrets
from piot.release.attestations import Attestations
from piot.release.forge.place import token_of
from piot.release.publish.provenance import Provenance
from piot.release.registries import WHOLE, Registries
from piot.release.steps import Later, There, carry_out, settled
from piot.release.trusted.identity import Identity
from piot.release.trusted.tokens import TrustedTokens
from piot.release.uploads import Uploads

Told = Callable[[Outcome], None]
"""Hears every outcome as it comes."""


@dataclass(frozen=True, slots=True)
class _World:
    """What a run works with."""

    session: Session
    registries: Registries
    secrets: Secrets
    outputs: StepOutputs

    def say(self, text: str) -> None:
        """A line for whoever watches, without a secret."""
        self.session.emit(Note(text=self.secrets.clean(text)))


def publish(request: PublishRequest, where: Where, emit: Emit, told: Told) -> PublishReport:
    """Publishes what is planned, or says what would be sent.

    Raises InputError when files are missing or wrong, or a registry has others under their names, and
    MachineError when a registry or a token is missing: then nothing was sent. What fails later is in the
    report. Steps after it in GitHub Actions learn what was released, however it ends.
    """
    with StepOutputs(where.environ, lambda text: emit(Note(text=text))) as outputs:
        return _run(request, where, emit, told, outputs)


def _run(
    request: PublishRequest, where: Where, emit: Emit, told: Told, outputs: StepOutputs
) -> PublishReport:
    if where.offline:
        raise MachineError("publishing needs the network, and --offline forbids it")
    secrets = Secrets(masker(where.environ))
    secrets.guess(where.environ)
    secrets.add(token_of(where.environ))
    with secrets.kept():
        plan = planned_for(request, where)
        with closing(Session(where, emit, versions=plan.known_versions)) as session:
            registries = Registries(session.root, where.environ)
            with closing(registries):
                release = prepared(session, registries, plan, request)
                world = _World(session, registries, secrets, outputs)
                return _published(world, release, request, told)


def _foretold(release: Prepared) -> Iterator[Outcome]:
    for step in release.steps:
        if not release.asked.isdisjoint(owners(step)):
            yield settled(step) or Outcome(step=step, fate="left")


def _published(world: _World, release: Prepared, request: PublishRequest, told: Told) -> PublishReport:
    session, secrets = world.session, world.secrets
    http = Http(sleep=world.registries.sleep, whole=WHOLE)
    tokens = TrustedTokens(
        identity=Identity(session.where.environ, http, secrets),
        client=world.registries.client,
        secrets=secrets,
        say=world.say,
    )
    uploads = _uploads(world, release, tokens)
    outcomes: list[Outcome] = []
    with closing(http), closing(tokens), closing(release.forge) if release.forge else nullcontext():
        if request.dry_run:
            rehearse(uploads, release.waiting, world.say)
            return PublishReport(plan=release.plan, outcomes=tuple(_foretold(release)), dry=True)
        refuse_without_tokens(uploads, release.waiting)
        if request.registry is None:
            keep(
                release.forge,
                session.where.environ,
                release.waiting,
                release.steps,
                release.found,
                world.say,
            )
            world.outputs.begins(release.plan.packages, release.steps)
        if release.forge is not None:
            release.forge.prepare(each for each in release.steps if release.asked & {*owners(each)})
        for outcome in carry_out(release.steps, lambda step: _done(session, release, uploads, step)):
            if concerns(outcome, release.asked, outcomes):
                outcomes.append(replace(outcome, detail=secrets.clean(outcome.detail)))
                world.outputs.told(outcomes[-1])
                told(outcomes[-1])
    return PublishReport(plan=release.plan, outcomes=tuple(outcomes))


def _uploads(world: _World, release: Prepared, tokens: TrustedTokens) -> Uploads:
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


def _done(session: Session, release: Prepared, uploads: Uploads, step: Step) -> str | There | Waiting | Later:
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


def _tagged(session: Session, commit: str, tag: str) -> str | There:
    """Made on the commit that was published, and pushed; either may have been done by an earlier run."""
    root, environ = session.root, session.where.environ
    made = tags.make(root, tag, commit, environ)
    if not tags.has_remote(root, environ):
        return "not pushed: there is no remote" if made else There()
    pushed = tags.push(root, tag, commit, environ)
    return "" if pushed else There()
