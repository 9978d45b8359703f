"""``piot fetch``: downloads what targets need, so that everything else works offline."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace

from piot.app.building.planning import lacking, make_plan
from piot.app.building.request import BuildRequest
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.model.events import Emit, Note
from piot.run import prefetch
from piot.run.inputs import Stager


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """How many pinned files targets need, how many of them were fetched, and what cannot be built here."""

    needed: int
    fetched: int
    lacking: tuple[str, ...]


def fetch(request: BuildRequest, where: Where, emit: Emit) -> Fetched:
    """Fetches the pinned files of the targets, as far as they can be built here, and of their tests."""
    with closing(Session(where, emit, versions=dict(request.versions))) as session:
        plan = make_plan(session, request)
        tests = make_plan(session, replace(request, tests=True)) if _here(session, request) else plan
        for note in plan.notes:
            emit(Note(text=note))
        stager = Stager(session.store, session.fetcher)
        every = replace(plan, actions={**plan.actions, **tests.actions})
        needed, fetched = prefetch.fetch_all(session.fetcher, stager, session.store, every, emit)
        return Fetched(needed=needed, fetched=fetched, lacking=lacking(plan))


def _here(session: Session, request: BuildRequest) -> bool:
    """Whether this machine is among the platforms: only its tests can run here."""
    return not request.triples or not {"host", "all", session.host.text}.isdisjoint(request.triples)
