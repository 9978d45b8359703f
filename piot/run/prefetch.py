"""Downloads everything that a plan needs and the store lacks, several at a time, before anything runs."""

from __future__ import annotations

from piot.model.events import Emit, FetchFinished, FetchStarted
from piot.model.fetch import Fetch
from piot.model.plan import BuildPlan
from piot.run.fetch.fetcher import Fetcher

AT_ONCE = 8


def fetch_all(fetcher: Fetcher, plan: BuildPlan, emit: Emit) -> None:
    """Fetches what is missing; raises the first error after the other downloads have ended."""
    wanted = dict.fromkeys(fetch for action in plan.actions.values() for fetch in action.fetches)
    missing = [fetch for fetch in wanted if not fetcher.has(fetch)]
    if not missing:
        return
    from concurrent.futures import ThreadPoolExecutor

    def fetch(spec: Fetch) -> None:
        emit(FetchStarted(name=str(spec)))
        emit(FetchFinished(name=str(spec), bytes=fetcher.fetch(spec).size))

    with ThreadPoolExecutor(AT_ONCE, "fetch") as pool:
        for done in [pool.submit(fetch, spec) for spec in missing]:
            done.result()
