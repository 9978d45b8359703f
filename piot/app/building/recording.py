"""Listens to a build and writes down what it did: ``--events``, ``--trace``, and the record for later."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from piot import __version__
from piot.app.building.ledger import Ledger
from piot.app.building.request import BuildRequest
from piot.app.session.where import Where
from piot.effects import clock, files
from piot.effects.appending import LineFile
from piot.errors import Interrupted, MachineError
from piot.model import events
from piot.model.build_record import BuildRecord, BuildStatus
from piot.model.event_json import ended_json, event_json, invocation_json
from piot.model.report import BuildReport
from piot.run.builds import Builds


class Recording:
    """Stands between a build and whoever shows it; ``emit`` hands every event on, from any thread.

    At the end of the block everything is written, however the block ends. ``builds`` is where the record
    goes, once it is known; ``report`` is what came of the build, if it came that far. Raises MachineError at
    once for a file that cannot be written; one that cannot be written any further later on is a warning.
    """

    def __init__(self, request: BuildRequest, where: Where, emit: events.Emit) -> None:
        self.builds: Path | None = None
        self.report: BuildReport | None = None
        self._words = where.words
        self._emit = emit
        self._began, self._began_ns = clock.stopwatch(), clock.now_ns()
        self._lock = threading.Lock()
        self._ledger = Ledger()
        self._trace = request.trace
        self._keeps = not request.dry_run
        if request.trace is not None:
            files.write_atomic(request.trace, b'{"traceEvents": []}\n')  # refused now, not after the build
        self._lines = None if request.events is None else LineFile(request.events)
        first = invocation_json(
            version=__version__,
            words=where.words,
            directory=str(where.directory),
            started=clock.rfc3339(self._began_ns),
        )
        self._warn(self._say(first))

    def emit(self, event: events.Event) -> None:
        """Writes the event down, then hands it on."""
        with self._lock:
            at = self._now()
            self._ledger.hear(event, at)
            trouble = self._say(event_json(event, at)) if self._lines else None
        self._emit(event)
        self._warn(trouble)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            at, status = self._now(), _status(error, self.report)
            said = None if error is None else str(error) or type(error).__name__
            report = None if self.report is None else self.report.to_json()
            trouble = self._say(ended_json(at, status=status, error=said, report=report))
            record = self._ledger.record(self._words, self._began_ns, at=at, status=status, error=said)
            self._close()
        self._warn(trouble)
        self._warn(self._kept(record))

    def _kept(self, record: BuildRecord) -> str | None:
        """Writes trace and record; a build that is done is not spoilt by a full disk, which is said."""
        try:
            if self._trace is not None:
                from piot.model.trace import trace_of

                files.write_atomic(self._trace, json.dumps(trace_of(record)).encode() + b"\n")
            if self.builds is not None and self._keeps and self._ledger.planned is not None:
                Builds(self.builds).keep(record)
        except MachineError as trouble:
            return trouble.message
        return None

    def _say(self, line: dict[str, object]) -> str | None:
        """A line of ``--events``; what is wrong with the file, once."""
        if self._lines is None:
            return None
        try:
            self._lines.write(json.dumps(line))
        except MachineError as error:
            self._close()
            return error.message
        return None

    def _close(self) -> None:
        lines, self._lines = self._lines, None
        if lines is not None:
            with suppress(MachineError):
                lines.close()

    def _warn(self, trouble: str | None) -> None:
        if trouble is not None:
            self._emit(events.Warning(text=f"{trouble}; the build goes on without it"))

    def _now(self) -> float:
        return clock.stopwatch() - self._began


def _status(error: BaseException | None, report: BuildReport | None) -> BuildStatus:
    if isinstance(error, KeyboardInterrupt | Interrupted):
        return "interrupted"
    if error is not None or report is None:
        return "error"
    return "done" if report.ok else "failed"
