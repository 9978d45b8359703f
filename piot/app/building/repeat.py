"""A build that is asked for again with nothing changed is answered from what is kept of the last one.

All that an answer rests on is compared, and nothing else is done: the request and the environment, what
git sees of the work tree, the content of files that git does not know, every place on this machine that
was looked at, the results in the store, and the files that were delivered (decision 0010). Where nothing but
the content of source files differs, all holds that these do not reach (decision 0016).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import piot
from piot.app.building import answer, checkout
from piot.app.building.kept_answers import INDEX, KeptAnswers
from piot.app.building.placed import Delivered
from piot.app.building.request import BuildRequest
from piot.app.building.results import Results, stand
from piot.app.session import code
from piot.app.session.source_list import SourceList
from piot.app.session.where import Where
from piot.effects import clock, git, host, witness
from piot.errors import PiotError
from piot.model.report import BuildReport
from piot.run.index import Seen, StatIndex

if TYPE_CHECKING:
    from piot.app.building.reach import Reach
    from piot.app.session.site import Site
    from piot.model.events import Emit
    from piot.model.plan import BuildPlan

PASSING = ("OLDPWD", "PWD", "SHLVL", "_")
"""Variables that shells change all the time; the current folder is part of the request."""


class Repeat:
    """The last answer to one request, and what it takes to keep the next."""

    def __init__(self, request: BuildRequest, where: Where) -> None:
        self._began = clock.stopwatch()
        self._witness = witness.Witness()
        self._root = _root(request, where)
        self._now: checkout.State | None = None
        self.sources = None if self._root is None else SourceList(self._root, where.environ)
        """The source files, for who answers otherwise."""
        self.seen: Seen | None = None
        """What git has seen of them; None where that cannot be relied on."""
        if self._root is not None and self.sources is not None:
            self._answers = KeptAnswers(self._root / ".piot", _key(request, where))
            self._index = StatIndex(self._answers.folder / INDEX, self._root)
            self._delivered = Delivered(self._root, self._root / (request.out or "dist"), self._index)
            with self.watching():
                found = checkout.look(self._root, where.environ, self.sources, self._index)
            self._now, self.seen = found or (None, None)

    def answer(self) -> BuildReport | None:
        """The report of the last build, as one of which everything was cached; None when anything changed."""
        kept = self._kept
        same = self._now is not None and kept and kept["checkout"] == self._now
        if not same or not self._holds or not self._stand(kept["outputs"], kept["results"]):
            return None
        with suppress(PiotError):
            self._index.save()
        return answer.report_of(kept["report"], clock.stopwatch() - self._began)

    def reach(self, where: Where, emit: Emit) -> Reach | None:
        """What changed files reach of the last build; None where more has changed than what they hold."""
        kept = self._kept
        edited = self._edited() if kept.get("plan") else None
        whole = None if edited is None or not self._holds else self._answers.plan(kept["plan"])
        if self._root is None or edited is None or whole is None:
            return None
        from piot.app.building.reach import reach_of
        from piot.app.session.site import KnownSite, Terms

        site = KnownSite(where, emit, self.seen, root=self._root, terms=Terms(*kept["terms"]))
        reach = reach_of(site, whole, kept, edited)
        again = reach.delivers()
        rest = {path: row for path, row in kept["outputs"].items() if path not in again}
        results = {name: row for name, row in kept["results"].items() if name not in reach.plan.actions}
        return reach if self._stand(rest, results) and reach.can_begin() else None

    def watching(self) -> AbstractContextManager[None]:
        """Notes what the block looks at."""
        return witness.watching(self._witness)

    def leave_out(self, site: Site) -> None:
        """Notes nothing of where actions run, and of what by its digest can be nothing else."""
        from piot.run import mounts

        probes = Path(site.terms.cache) / "probes"
        places = (site.store.root, probes, site.state, mounts.PLACE, mounts.OUTSIDE)
        self._witness.ignore(places)
        if any(site.root.is_relative_to(place) for place in places):
            self._now = None

    def keep(self, site: Site, plan: BuildPlan, report: BuildReport, results: Results | None) -> None:
        """Keeps a report for next time, unless there is something that could change without being noticed.

        ``results`` is None where one is lacking.
        """
        passed = {name for action in plan.actions.values() for name, _ in action.environment}
        if self._now is None or results is None or not report.ok or passed.intersection(PASSING):
            return
        rests_on: dict[str, Any] = {"facts": {}, "results": results, "outputs": {}}
        with suppress(PiotError):
            self._write(site, report, rests_on, lambda: "" if site.overlay else self._answers.save_plan(plan))

    def renew(self, reach: Reach, report: BuildReport, results: Results | None) -> None:
        """The same after a build of a part: all else holds as it was kept."""
        kept = self._kept
        if self._now is None or results is None or not report.ok:
            return
        rests_on = {**kept, "results": {**kept["results"], **results}}
        with suppress(PiotError):
            self._write(reach.site, report, rests_on, lambda: str(kept["plan"]))

    def _write(
        self, site: Site, report: BuildReport, rests_on: Mapping[str, Any], plan: Callable[[], str]
    ) -> None:
        for module in code.files():
            self._witness.note(module)
        outputs = self._delivered.of(report, rests_on["outputs"])
        if self._witness.doubts or outputs is None or self._now is None:
            return
        row = {
            "checkout": tuple(self._now),
            "names": self.sources and self.sources.digest,
            "facts": {**self._witness.facts, **rests_on["facts"]},
            "results": rests_on["results"],
            "outputs": outputs,
            "out": self._delivered.prefix,
            "report": answer.plain(report),
            "terms": tuple(site.terms),
            "plan": plan(),
        }
        self._answers.save(row)
        self._index.save()

    @property
    def _kept(self) -> dict[str, Any]:
        return {} if self._now is None else self._answers.row

    @cached_property
    def _holds(self) -> bool:
        """Whether the machine is as it was."""
        return witness.holds(self._kept["facts"])

    def _edited(self) -> list[str] | None:
        """The files that hold something else than they did; None where anything else is different."""
        if self._now is None or self.sources is None or self._kept["names"] != self.sources.digest:
            return None
        return checkout.edited(checkout.State(*self._kept["checkout"]), self._now)

    def _stand(self, outputs: Mapping[str, checkout.Held], results: Results) -> bool:
        """Whether delivered files and the store are as they were."""
        return self._delivered.stand(outputs) and stand(results)


def _root(request: BuildRequest, where: Where) -> Path | None:
    """The checkout; None for a request that wants more than an answer."""
    wants = (request.dry_run, request.force, request.no_cache, request.keep_sandbox, request.incremental)
    if any(wants) or request.events is not None or request.trace is not None:
        return None
    try:
        return git.find_root(where.directory)
    except PiotError:
        return None


def _key(request: BuildRequest, where: Where) -> str:
    """The SHA-256 of all that is asked, of whom, and where, but of what shells change all the time.

    Only its digest is kept, since variables may be credentials.
    """
    from hashlib import sha256

    environ = sorted((name, value) for name, value in where.environ.items() if name not in PASSING)
    machine = (sys.version, host.host_triple_facts(), host.boot_id(), host.namespace())
    asked = (request, str(where.directory), where.config, where.offline, piot.__version__, piot.__file__)
    return sha256(repr((asked, environ, machine)).encode("utf-8", "surrogateescape")).hexdigest()
