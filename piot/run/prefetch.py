"""Downloads and unpacks what a plan needs and the store lacks, several at a time, before anything runs."""

from __future__ import annotations

from piot.model.action import Output, Unpacked
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

        def fetch(source: Unpacked) -> None:
            name = str(source.archive)
            emit(FetchStarted(name=name))
            size = fetcher.fetch(_fetch(source)).size
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


def _pinned(plan: BuildPlan) -> list[Unpacked]:
    """What mounts are made of, but for the outputs of other actions."""
    sources = (
        source for action in plan.actions.values() for mount in action.mounts for _, source in mount.entries
    )
    return [source for source in dict.fromkeys(sources) if not isinstance(source.archive, Output)]


def _fetch(source: Unpacked) -> Fetch:
    assert not isinstance(source.archive, Output)
    return source.archive
