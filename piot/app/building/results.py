"""The files in the store that keep what came of actions, and whether they are still the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from piot.effects import files

if TYPE_CHECKING:
    from piot.app.building.reporting import Outcomes
    from piot.app.session.site import Site

Results = Mapping[str, tuple[str, str, files.Identity]]
"""The key of every action, and the file that keeps what came of it."""


def results_of(site: Site, ran: Outcomes) -> Results | None:
    """Of all actions of a run; None when one is lacking."""
    stores = (site.private, site.store)
    found: dict[str, tuple[str, str, files.Identity]] = {}
    for name, outcome in ran.items():
        paths = [] if outcome.key is None else [store.result_path(outcome.key) for store in stores]
        kept = ((str(path), identity) for path in paths if (identity := files.identity(path)) is not None)
        path, identity = next(kept, ("", None))
        if identity is None:
            return None
        found[name] = str(outcome.key), path, identity
    return found


def stand(results: Results) -> bool:
    """Whether each is kept as it was: an action that ran once more may have made something else."""
    return all(files.identity(path) == identity for _, path, identity in results.values())
