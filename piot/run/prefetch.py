"""Downloads and unpacks what a plan needs and the store lacks, several at a time, before anything runs."""

from __future__ import annotations

from piot.model.action import Fetched, Output, Unpacked
from piot.model.events import Emit, FetchFinished, FetchStarted
from piot.model.fetch import Fetch
from piot.model.plan import BuildPlan
from piot.run.fetch.fetcher import Fetcher
from piot.run.inputs import Stager
from piot.run.stores.local import LocalStore

AT_ONCE = 8


def fetch_all(
    fetcher: Fetcher, stager: Stager, store: LocalStore, plan: BuildPlan, emit: Emit
) -> tuple[int, int]:
    """Fetches what is missing; raises the first error after the downloads that had begun.

    Gives how many pinned blobs the plan needs, and how many of them were missing.
    """
    needed = _pinned(plan)
    missing = [each for each in needed if not fetcher.has(_fetch(each))]
    if missing:
        from concurrent.futures import ThreadPoolExecutor

        def fetch(source: Unpacked | Fetched) -> None:
            name = str(source.archive)
            emit(FetchStarted(name=name))
            size = fetcher.fetch(_fetch(source)).size
            if isinstance(source, Unpacked):
                store.tree_path(stager.unpacked(source, {}))
            emit(FetchFinished(name=name, bytes=size))

        with ThreadPoolExecutor(AT_ONCE, "fetch") as pool:
            try:
                for done in [pool.submit(fetch, source) for source in missing]:
                    done.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    return len(needed), len(missing)


def _pinned(plan: BuildPlan) -> list[Unpacked | Fetched]:
    """What mounts are made of, but for the outputs of other actions, and blobs that are inputs themselves."""
    found: dict[object, Unpacked | Fetched] = {}
    for action in plan.actions.values():
        sources = (source for mount in action.mounts for _, source in mount.entries)
        found.update({each: each for each in sources if not isinstance(each.archive, Output)})
        found.update({each.archive: each for each in action.inputs if isinstance(each, Fetched)})
    return [*found.values()]


def _fetch(source: Unpacked | Fetched) -> Fetch:
    assert not isinstance(source.archive, Output)
    return source.archive
