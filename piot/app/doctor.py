"""``piot doctor``: this machine, this checkout and this job, held against what a build and a release need."""

from __future__ import annotations

from pathlib import Path

from piot.app.inspecting import doctor_credentials, doctor_machine
from piot.app.inspecting.doctor_session import open_session
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.effects import git_state
from piot.inspect.doctor import about, git, machine, trust
from piot.inspect.doctor.job import Job, job_of
from piot.model.diagnosis import Diagnosis, Topic
from piot.model.events import Emit
from piot.model.release.next_version import is_tag_of


def doctor(where: Where, emit: Emit) -> Diagnosis:
    """All topics; outside of a checkout those that do not need one.

    What is wrong with the checkout is a topic of its own then, and the others are about the rest of it.
    """
    session, wrong = open_session(where, emit)
    running = job_of(where.environ, offline=where.offline)
    try:
        broken = (Topic(name="configuration", findings=wrong),) if wrong else ()
        return Diagnosis(topics=(*broken, *_machine(session), *_release(session, running)))
    finally:
        session.close()


def _machine(session: Session) -> tuple[Topic, ...]:
    """What builds look at."""
    return (
        about.piot(doctor_machine.installation(session)),
        about.search_path(doctor_machine.search_path(session.where.environ)),
        machine.tools(doctor_machine.tools(session)),
        machine.toolchains(doctor_machine.toolchains(session)),
        machine.sandbox(doctor_machine.sandbox(session)),
        machine.store(doctor_machine.store(session)),
    )


def _release(session: Session, running: Job | None) -> tuple[Topic, ...]:
    """What releases look at; whether registries can be reached will stand here too."""
    if not session.in_checkout:
        return ()
    packages = session.config.packages
    return (
        git.git(_git(session), in_job=running is not None),
        trust.job(running, packages),
        doctor_credentials.credentials(session, running),
    )


def _git(session: Session) -> git.GitView | None:
    found = git_state.state(session.root, session.where.environ)
    if found is None:
        return None
    packages = session.config.packages
    here = set(found.tags)
    return git.GitView(
        version=found.version,
        root=str(Path(found.root)),
        commit=found.commit,
        branch=found.branch,
        shallow=found.shallow,
        tags=len(found.tags),
        elsewhere=tuple(
            tag
            for tag in found.all_tags
            if tag not in here and any(is_tag_of(package, tag) for package in packages)
        ),
        untagged=tuple(
            package.name for package in packages if not any(is_tag_of(package, tag) for tag in found.tags)
        ),
        dirty=found.dirty,
        identity=found.identity,
        remotes=found.remotes,
    )
