"""A build that is asked for again with nothing changed is answered from what is kept of the last one.

All that an answer rests on is compared, and nothing else is done: the request and the environment, what
git sees of the work tree, the content of files that git does not know, every place on this machine that
was looked at, the results in the store, and the files that were delivered (decision 0010). Where nothing but
the content of source files differs, all holds that these do not reach (decision 0016).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piot import __version__
from piot.app import answer, code
from piot.app.request import BuildRequest
from piot.app.source_list import SourceList
from piot.app.where import Where
from piot.effects import clock, files, git, host, witness, worktree
from piot.effects.file_list import OWN
from piot.effects.stats import Signature, is_executable, newest
from piot.errors import PiotError
from piot.model.events import Emit
from piot.model.report import BuildReport
from piot.run.index import Seen, StatIndex, load_rows, save_rows

if TYPE_CHECKING:
    from piot.app.reach import Reach
    from piot.app.site import Site
    from piot.model.plan import BuildPlan

PASSING = ("OLDPWD", "PWD", "SHLVL", "_")
"""Variables that shells change all the time; the current folder is part of the request."""

MOST, MOST_PLANS = 32, 4
"""Answers that are kept, one for each request, and plans; the oldest go."""

_PART = ("run.execute", "app.build", "app.reach")
"""What a build of a part needs; for a whole one there is more to import."""

AHEAD = tuple(
    partial(import_module, f"piot.{name}")
    for name in (*_PART, "model.cargo", "load.repository", "plan.analyze", "app.planning")
)
"""What is needed where there is no answer: imported while git looks, if that takes long."""


_State = tuple[Signature, bytes, Mapping[str, tuple[str, bool]]]
"""git's index, what it says of files that differ, and what those hold: a digest and the executable bit."""

_NONE, _SOME = ("", False), ("?", False)
"""What stands for something that is no file, and for a file as git's index has it."""


class Repeat:
    """The last answer to one request, and what it takes to keep the next."""

    def __init__(self, request: BuildRequest, where: Where) -> None:
        self._began = clock.stopwatch()
        self._witness = witness.Witness()
        self._environ = where.environ
        self._root = _root(request, where)
        self._key = _key(request, where)
        self._now = None
        self.sources = None if self._root is None else SourceList(self._root, where.environ)
        """The source files, for who answers otherwise."""
        self.seen: Seen | None = None
        """What git has seen of them; None where that cannot be relied on."""
        if self._root is not None and self.sources is not None:
            self._out = self._root / (request.out or "dist")
            self._state = self._root / ".piot" / "repeat"
            self._plans = self._root / ".piot" / "plans"
            self._file = self._state / self._key[:16]
            self._index = StatIndex(self._state / "index", self._root)
            with self.watching():
                self._now = self._checkout(self._root, self.sources)

    def answer(self) -> BuildReport | None:
        """The report of the last build, as one of which everything was cached; None when anything changed."""
        kept = self._kept
        if self._now is None or not kept or kept["checkout"] != self._now or not self._stands(kept):
            return None
        with suppress(PiotError):
            self._index.save()
        return answer.report_of(kept["report"], clock.stopwatch() - self._began)

    def reach(self, where: Where, emit: Emit) -> Reach | None:
        """What changed files reach of the last build; None where more has changed than what they hold."""
        kept = self._kept
        edited = self._edited(kept) if kept.get("plan") else None
        if self._root is None or edited is None or not witness.holds(kept["facts"]):
            return None
        from piot.app.kept_plan import FORMAT, KeptPlan
        from piot.app.reach import reach_of
        from piot.app.site import KnownSite, Terms

        files.refresh(self._plans / kept["plan"])
        packed: dict[str, Any] = load_rows(self._plans / kept["plan"])
        if packed.get("format") != FORMAT:
            return None
        site = KnownSite(where, emit, self.seen, root=self._root, terms=Terms(*kept["terms"]))
        reach = reach_of(site, KeptPlan(packed), kept, edited)
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

        if self._root is not None:
            self._witness.ignore((site.terms.cache, site.state, self._out, mounts.PLACE, mounts.OUTSIDE))

    def keep(
        self,
        site: Site,
        plan: BuildPlan,
        report: BuildReport,
        results: Mapping[str, tuple[str, str]] | None,
    ) -> None:
        """Keeps a report for next time, unless there is something that could change without being noticed.

        ``results`` are the keys of all actions and the files in the store that keep what came of them.
        """
        passed = {name for action in plan.actions.values() for name, _ in action.environment}
        if self._now is None or results is None or not report.ok or passed.intersection(PASSING):
            return
        rests_on: dict[str, Any] = {"facts": {}, "results": results, "outputs": {}}
        with suppress(PiotError):
            self._write(site, report, rests_on, lambda: "" if site.overlay else self._planned(plan))

    def renew(self, reach: Reach, report: BuildReport, results: Mapping[str, tuple[str, str]] | None) -> None:
        """The same after a build of a part: all else holds as it was kept."""
        kept = self._kept
        if results is None or not report.ok:
            return
        rests_on = {**kept, "results": {**kept["results"], **results}}
        with suppress(PiotError):
            self._write(reach.site, report, rests_on, lambda: str(kept["plan"]))

    def _write(
        self, site: Site, report: BuildReport, rests_on: Mapping[str, Any], plan: Callable[[], str]
    ) -> None:
        for module in code.files():
            self._witness.note(module)
        outputs = self._outputs(report, rests_on["outputs"])
        if self._witness.doubts or outputs is None:
            return
        row = {
            "key": self._key,
            "checkout": self._now,
            "names": self.sources and self.sources.digest,
            "facts": {**self._witness.facts, **rests_on["facts"]},
            "results": rests_on["results"],
            "outputs": outputs,
            "out": _below(self._out, site.root),
            "report": answer.plain(report),
            "terms": tuple(site.terms),
            "plan": plan(),
        }
        save_rows(self._file, row)
        self._index.save()
        _prune(self._state, MOST)
        _prune(self._plans, MOST_PLANS)

    def _planned(self, plan: BuildPlan) -> str:
        """Keeps a plan, and gives its name: equal plans of several requests are one."""
        import marshal
        from hashlib import sha256

        from piot.app.kept_plan import pack

        try:
            packed = pack(plan)
            name = sha256(marshal.dumps(packed)).hexdigest()[:16]
        except (KeyError, ValueError):  # a rule made an action of other things than an action is made of
            return ""
        if not load_rows(self._plans / name):  # absent or damaged
            save_rows(self._plans / name, packed)
        return name

    @cached_property
    def _kept(self) -> dict[str, Any]:
        kept: dict[str, Any] = load_rows(self._file) if self._now is not None else {}
        return kept if kept.get("key") == self._key else {}

    def _edited(self, kept: Mapping[str, Any]) -> list[str] | None:
        """The files that hold something else than they did; None where anything else is different."""
        if self._now is None or self.sources is None or kept["names"] != self.sources.digest:
            return None
        (index, _, before), (index_now, _, now) = kept["checkout"], self._now
        edited = [path for path in before.keys() | now.keys() if before.get(path) != now.get(path)]
        gone = any(not now.get(path, _NONE)[0] or not before.get(path, _SOME)[0] for path in edited)
        return None if index != index_now or gone else edited

    def _stands(self, kept: Mapping[str, Any]) -> bool:
        """Whether machine, store and delivered files are as they were."""
        return witness.holds(kept["facts"]) and self._stand(kept["outputs"], kept["results"])

    def _stand(self, outputs: Mapping[str, tuple[str, bool]], results: Mapping[str, tuple[str, str]]) -> bool:
        return self._contents(outputs) == outputs and all(
            files.refresh(path) is not None for _, path in results.values()
        )

    def _checkout(self, root: Path, sources: SourceList) -> _State | None:
        """What tells one state of the work tree from another; None when that cannot be told."""
        started = clock.now_ns()
        try:
            seen = worktree.glance(root, self._environ, lambda: sources.untracked, AHEAD)
            if seen is None or sources.hidden or newest(seen.index_stat) > started - clock.GRANULARITY_NS:
                return None
            paths = [path for path in seen.paths if not path.startswith(OWN)]
            held = self._index.digest_of(paths)
            contents = {
                path: (held[path][0].hash, held[path][1]) if path in held else _NONE for path in paths
            }
            self.seen = Seen(seen.index_stat, frozenset(seen.paths), lambda: sources.paths, held)
            return seen.index_stat, seen.changed, contents
        except PiotError:
            return None

    def _contents(self, paths: Iterable[str]) -> dict[str, tuple[str, bool]]:
        """Digest and executable bit of each file; of what is no file an empty digest."""
        found = self._index.rows(paths)
        return {
            path: (found[path][1], is_executable(found[path][0])) if path in found else _NONE
            for path in paths
        }

    def _outputs(
        self, report: BuildReport, known: Mapping[str, tuple[str, bool]]
    ) -> dict[str, tuple[str, bool]] | None:
        """The delivered files as they stand, or are known to; None when they are not what was reported."""
        told = {output.path: output.sha256 for target in report.targets for output in target.outputs}
        if any(path.startswith("/") for path in told):
            return None  # out of the checkout
        same = {path: row for path, row in known.items() if told.get(path) == row[0]}
        found = {**same, **self._contents(told.keys() - same.keys())}
        return found if all(found[path][0] == digest for path, digest in told.items()) else None


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
    """The SHA-256 of all that is asked, and where, but of what shells change all the time.

    Only its digest is kept, since variables may be credentials.
    """
    from hashlib import sha256

    environ = sorted((name, value) for name, value in where.environ.items() if name not in PASSING)
    machine = (sys.version, __version__, host.host_triple_facts(), host.boot_id(), host.namespace())
    asked = (request, str(where.directory), where.config, where.offline)
    return sha256(repr((asked, environ, machine)).encode("utf-8", "surrogateescape")).hexdigest()


def _below(out: Path, root: Path) -> str:
    """What stands before the paths of delivered files in a report."""
    place = out.absolute()
    below = place.relative_to(root).as_posix() if place.is_relative_to(root) else place.as_posix()
    return "" if below == "." else f"{below}/"


def _prune(state: Path, most: int) -> None:
    kept = [found for name in files.names(state) if name != "index" and (found := files.look(state / name))]
    for old in sorted(kept, key=lambda found: found.modified)[:-most]:
        files.remove_file(state / old.path)
