"""``piot fetch``: downloads what targets need, so that everything else works offline."""

from __future__ import annotations

from piot.app.planning import make_plan
from piot.app.request import BuildRequest
from piot.app.session import Session
from piot.app.where import Where
from piot.model.events import Emit
from piot.run import prefetch
from piot.run.inputs import Stager


def fetch(request: BuildRequest, where: Where, emit: Emit) -> tuple[int, int]:
    """Fetches the pinned blobs of the targets; gives how many they need and how many were missing."""
    session = Session(where, emit, versions=dict(request.versions))
    try:
        plan = make_plan(session, request)
        stager = Stager(session.store, session.fetcher)
        return prefetch.fetch_all(session.fetcher, stager, session.store, plan, emit)
    finally:
        session.close()
