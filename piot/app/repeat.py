"""A build that is asked for again with nothing changed is answered from what is kept of the last one.

All that an answer rests on is compared, and nothing else is done: the request and the environment, what
git sees of the work tree, the content of files that git does not know, every place on this machine that
was looked at, the results in the store, and the files that were delivered. See decision 0010.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piot import __version__
from piot.app import code
from piot.app.request import BuildRequest
from piot.app.source_list import SourceList
from piot.app.where import Where
from piot.effects import clock, files, git, host, witness, worktree
from piot.effects.file_list import OWN
from piot.effects.stats import is_executable, newest
from piot.errors import PiotError
from piot.model.report import BuildReport, OutputReport, TargetReport
from piot.run.index import Seen, StatIndex, load_rows, save_rows

if TYPE_CHECKING:
    from piot.app.session import Session
    from piot.model.plan import BuildPlan

PASSING = ("OLDPWD", "PWD", "SHLVL", "_")
"""Variables that shells change all the time; the current folder is part of the request."""

MOST = 32
"""Answers that are kept, one for each request; the oldest go."""


AHEAD = tuple(
    partial(import_module, f"piot.{name}")
    for name in ("model.cargo", "load.repository", "plan.analyze", "app.planning", "run.execute", "app.build")
)
"""What is needed where there is no answer: imported while git looks, if that takes long."""


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
            self._file = self._state / self._key[:16]
            self._index = StatIndex(self._state / "index", self._root)
            with self.watching():
                self._now = self._checkout(self._root, self.sources)

    def answer(self) -> BuildReport | None:
        """The report of the last build, as one of which everything was cached; None when anything changed."""
        if self._now is None:
            return None
        kept: dict[str, Any] = load_rows(self._file)
        if kept.get("key") != self._key or kept["checkout"] != self._now or not self._stands(kept):
            return None
        with suppress(PiotError):
            self._index.save()
        return _report(kept["report"], clock.stopwatch() - self._began)

    def watching(self) -> AbstractContextManager[None]:
        """Notes what the block looks at."""
        return witness.watching(self._witness)

    def keep(
        self, session: Session, plan: BuildPlan, report: BuildReport, results: Iterable[Path] | None
    ) -> None:
        """Keeps a report for next time, unless there is something that could change without being noticed.

        ``results`` are the files in the store that it rests on.
        """
        if self._now is None or results is None or not report.ok:
            return
        passed = {name for action in plan.actions.values() for name, _ in action.environment}
        if passed.intersection(PASSING):
            return
        from piot.run import mounts

        own = (session.cache, session.state, self._out, mounts.PLACE, mounts.OUTSIDE)
        self._witness.ignore(own)  # where actions ran, and what by its digest can be nothing else
        for module in code.files():
            self._witness.note(module)
        outputs = self._outputs(report)
        if self._witness.doubts or outputs is None:
            return
        row = {
            "key": self._key,
            "checkout": self._now,
            "facts": self._witness.facts,
            "results": [str(path) for path in results],
            "outputs": outputs,
            "report": _plain(report),
        }
        with suppress(PiotError):
            save_rows(self._file, row)
            self._index.save()
            _prune(self._state)

    def _stands(self, kept: Mapping[str, Any]) -> bool:
        """Whether machine, store and delivered files are as they were."""
        return (
            witness.holds(kept["facts"])
            and self._contents(kept["outputs"]) == kept["outputs"]
            and all(files.refresh(path) is not None for path in kept["results"])
        )

    def _checkout(self, root: Path, sources: SourceList) -> tuple[object, ...] | None:
        """What tells one state of the work tree from another; None when that cannot be told."""
        started = clock.now_ns()
        try:
            seen = worktree.glance(root, self._environ, lambda: sources.untracked, AHEAD)
            if seen is None or sources.hidden or newest(seen.index_stat) > started - clock.GRANULARITY_NS:
                return None
            self.seen = Seen(seen.index_stat, frozenset(seen.paths), lambda: sources.paths)
            paths = [path for path in seen.paths if not path.startswith(OWN)]
            return seen.index_stat, seen.changed, self._contents(paths)
        except PiotError:
            return None

    def _contents(self, paths: Iterable[str]) -> dict[str, tuple[str, bool]]:
        """Digest and executable bit of each file; of what is no file an empty digest."""
        found = self._index.rows(paths)
        return {
            path: (found[path][1], is_executable(found[path][0])) if path in found else ("", False)
            for path in paths
        }

    def _outputs(self, report: BuildReport) -> dict[str, tuple[str, bool]] | None:
        """The delivered files as they stand; None when they are not what was reported."""
        told = {output.path: output.sha256 for target in report.targets for output in target.outputs}
        if any(path.startswith("/") for path in told):
            return None  # out of the checkout
        found = self._contents(told)
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


def _plain(report: BuildReport) -> tuple[object, ...]:
    targets = tuple(
        (
            *(target.label, target.triple, target.python, target.key),
            tuple((output.path, output.sha256, output.size) for output in target.outputs),
        )
        for target in report.targets
    )
    return targets, report.ran + report.local, report.notes


def _report(plain: Any, seconds: float) -> BuildReport:
    targets, actions, notes = plain
    return BuildReport(
        ok=True,
        targets=tuple(
            TargetReport(
                label=label,
                triple=triple,
                python=python,
                key=key,
                status="cached",
                source="local",
                outputs=tuple(
                    OutputReport(path=path, sha256=sha256, size=size) for path, sha256, size in made
                ),
            )
            for label, triple, python, key, made in targets
        ),
        local=actions,
        seconds=seconds,
        notes=notes,
    )


def _prune(state: Path) -> None:
    kept = [found for name in files.names(state) if name != "index" and (found := files.look(state / name))]
    for old in sorted(kept, key=lambda found: found.modified)[:-MOST]:
        files.remove_file(state / old.path)
