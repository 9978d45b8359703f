"""What is known of a running build from its events: the state behind every display."""

from __future__ import annotations

from dataclasses import dataclass, field

from piot.cli.words import clean
from piot.model import events
from piot.model.events import Event


@dataclass(slots=True, kw_only=True)
class Doing:
    """Something that goes on: since when, when last told in plain lines, the last line it printed."""

    title: str
    since: float
    told: float
    waits_for: str = ""
    last: str = ""


@dataclass(slots=True, kw_only=True)
class Board:
    """Counts, and what runs, waits and is fetched, each in the order of its beginning."""

    total: int = 0
    done: int = 0
    running: dict[str, Doing] = field(default_factory=dict[str, Doing])
    waiting: dict[str, Doing] = field(default_factory=dict[str, Doing])
    fetching: dict[str, events.Fetch] = field(default_factory=dict[str, "events.Fetch"])
    fetched: int = 0
    fetched_bytes: int = 0

    @property
    def busy(self) -> bool:
        """Whether anything goes on that takes time."""
        return bool(self.running or self.waiting or self.fetching)

    def going_on(self) -> list[Doing]:
        """What runs, then what waits."""
        return [*self.running.values(), *self.waiting.values()]

    def title(self, event: Event) -> str:
        """What an event's action is called, by itself or by the event that started it."""
        if not isinstance(event, events.ActionStarted | events.ActionFinished):
            return ""
        before = self.running.get(event.id) or self.waiting.get(event.id)
        return before.title if before and not event.label else title_of(event)

    def apply(self, event: Event, now: float) -> None:
        """Takes an event into account; ``now`` are seconds of any steady clock."""
        match event:
            case events.BuildStarted():
                self.total, self.done = event.total, 0
            case events.ActionStarted():
                self._starts(event, now)
            case events.ActionOutput():
                self._printed(event)
            case events.ActionFinished():
                self.waiting.pop(event.id, None)
                self.running.pop(event.id, None)
                self.done += 1
            case events.Waiting():
                self._waits(event, now)
            case events.FetchStarted() | events.FetchProgress() | events.FetchFinished():
                self._fetch(event)
            case events.Note() | events.Warning():
                pass

    def _starts(self, event: events.ActionStarted, now: float) -> None:
        title = self.title(event)
        self.waiting.pop(event.id, None)
        self.running[event.id] = Doing(title=title, since=now, told=now)

    def _printed(self, event: events.ActionOutput) -> None:
        lines = clean(event.text, color=False).split("\n")
        said = [" ".join(line.split()) for line in lines if line.strip()]
        if said and event.id in self.running:
            self.running[event.id].last = said[-1]

    def _waits(self, event: events.Waiting, now: float) -> None:
        before = self.waiting.get(event.id) or self.running.get(event.id)
        title = before.title if before else title_of(event)
        since = before.since if before else now
        self.running.pop(event.id, None)
        self.waiting[event.id] = Doing(title=title, since=since, told=now, waits_for=event.for_what)

    def _fetch(self, event: events.Fetch) -> None:
        if not isinstance(event, events.FetchFinished):
            self.fetching[event.name] = event
            return
        self.fetching.pop(event.name, None)
        if event.total is None or event.bytes >= event.total:
            self.fetched += 1
            self.fetched_bytes += event.bytes


def title_of(event: events.ActionStarted | events.ActionFinished | events.Waiting) -> str:
    """Label and description as one line; the id when there is neither."""
    label = f"{event.label}{_python(event.id)}" if event.label else ""
    words = (event.description,) if event.label in event.description else (label, event.description)
    return " ".join(clean(" ".join(words), color=False).split()) or event.id


def _python(name: str) -> str:
    """Which Python an action is for, where there is one for each; as in ``//:wheel@python=3.12``."""
    configuration = name.partition("#")[0].rpartition("@")[2]
    python = next((part for part in configuration.split(",") if part.startswith("python=")), "")
    return f"@{python}" if python else ""
