"""A build as a trace for Perfetto and chrome://tracing.

The format is "Trace Event Format" (Chromium's catapult project): complete events ``X`` with ``ts`` and
``dur`` in microseconds, lanes by ``pid`` and ``tid``, names of lanes as metadata ``M``, arrows as flow
events ``s`` and ``f``, which bind to the event of their lane that is going on at their time.
"""

from __future__ import annotations

from collections.abc import Iterator

from piot.model.build_record import BuildRecord, RecordedAction

PID = 1
OWN_LANE = 0
"""The lane of what piot itself does; slot N of the scheduler is lane N + 1."""


def trace_of(record: BuildRecord) -> dict[str, object]:
    """The JSON object of a trace file."""
    spans = _spans(record)
    events = [*_names(record), *_phases(record), *map(_complete, spans.values()), *_flows(spans)]
    return {"traceEvents": events, "displayTimeUnit": "ms", "otherData": {"words": list(record.words)}}


class _Span:
    """An action that ran, in whole microseconds; at least one, so that an arrow can end in it."""

    def __init__(self, action: RecordedAction, started: float, free_at: int) -> None:
        self.action = action
        self.begin = max(round(started * 1e6), free_at)
        self.end = max(round(action.ended * 1e6), self.begin + 1)


def _spans(record: BuildRecord) -> dict[str, _Span]:
    """By action, none overlapping another of its lane, not even by rounding."""
    ran = [(each.started, each) for each in record.actions if each.started is not None]
    free_at: dict[int, int] = {}
    spans: dict[str, _Span] = {}
    for started, action in sorted(ran, key=lambda pair: pair[0]):
        spans[action.id] = span = _Span(action, started, free_at.get(action.lane, 0))
        free_at[action.lane] = span.end
    return spans


def _names(record: BuildRecord) -> Iterator[dict[str, object]]:
    lanes = {each.lane for each in record.actions if each.started is not None}
    yield _named("process_name", OWN_LANE, "piot " + " ".join(record.words))
    yield _named("thread_name", OWN_LANE, "piot")
    for lane in sorted(lanes):
        yield _named("thread_name", lane + 1, f"slot {lane + 1}")
        yield _metadata("thread_sort_index", lane + 1, {"sort_index": lane + 1})


def _named(what: str, lane: int, name: str) -> dict[str, object]:
    return _metadata(what, lane, {"name": name})


def _metadata(what: str, lane: int, args: dict[str, object]) -> dict[str, object]:
    return {"ph": "M", "name": what, "pid": PID, "tid": lane, "ts": 0, "args": args}


def _phases(record: BuildRecord) -> Iterator[dict[str, object]]:
    """What piot did before, while and after actions ran."""
    times = [round(each * 1e6) for each in (0.0, record.planned, record.acted, record.seconds)]
    for name, begin, end in zip(("plan and fetch", "actions", "deliver"), times, times[1:], strict=False):
        if end > begin:
            yield _event("X", name, OWN_LANE, begin) | {"cat": "phase", "dur": end - begin}


def _complete(span: _Span) -> dict[str, object]:
    action = span.action
    facts = {"status": action.status, "reason": action.reason, "key": action.key, "id": action.id}
    return _event("X", f"{action.label} {action.does}".strip(), action.lane + 1, span.begin) | {
        "cat": f"action,{action.status}",
        "dur": span.end - span.begin,
        "args": {name: value for name, value in facts.items() if value},
    }


def _flows(spans: dict[str, _Span]) -> Iterator[dict[str, object]]:
    """An arrow from the last microsecond of what made an input to the first of what needs it."""
    number = 0
    for span in spans.values():
        for name in span.action.after:
            if name in spans and spans[name].end <= span.begin:
                number += 1
                binding = {"cat": "needs", "id": number}
                yield _event("s", "needs", spans[name].action.lane + 1, spans[name].end - 1) | binding
                yield _event("f", "needs", span.action.lane + 1, span.begin) | binding | {"bp": "e"}


def _event(phase: str, name: str, lane: int, time: int) -> dict[str, object]:
    return {"ph": phase, "name": name, "pid": PID, "tid": lane, "ts": time}
