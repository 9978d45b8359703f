"""``piot doctor``."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable, Iterator

from piot.app.doctor import doctor
from piot.cli.cache import FINDINGS
from piot.cli.findings import findings_json, summary
from piot.cli.invocation import Invocation
from piot.cli.progress import progress_on
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.effects.clock import stopwatch
from piot.model.diagnosis import Diagnosis, Fact, Topic
from piot.model.finding import Finding

WIDTH = 80
"""Columns of the text: it is read in logs and pasted into issues."""
_NAMES = 32
"""The longest name that values are aligned behind."""


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Prints what was found, by topic; 7 when something would stop a build or a release."""
    flags = invocation.globals
    with progress_on(terminal, stopwatch, quiet=flags.quiet, verbose=flags.verbose) as progress:
        found = doctor(where(invocation), progress.emit)
    if flags.json:
        write_data(sys.stdout, json.dumps(diagnosis_json(found)) + "\n")
    else:
        write_data(sys.stdout, diagnosis_text(found))
    return 0 if found.ok else FINDINGS


def diagnosis_text(found: Diagnosis) -> str:
    """A block per topic, facts first, then the count of findings."""
    blocks = ["".join(f"{line}\n" for line in _topic(topic)) for topic in found.topics]
    return "\n".join([*blocks, f"{summary(found.findings) or 'nothing is wrong'}\n"])


def _topic(topic: Topic) -> Iterator[str]:
    yield topic.name
    width = min(max((len(fact.name) for fact in topic.facts), default=0), _NAMES)
    for fact in topic.facts:
        yield from _fact(fact, width)
    if not topic.facts and not topic.findings:
        yield "  nothing is needed"
    for finding in topic.findings:
        yield from _finding(finding)


def _fact(fact: Fact, width: int) -> Iterable[str]:
    """The value wrapped beside its name, or below a name that is too long."""
    if len(fact.name) > width:
        return (f"  {fact.name}", *_wrapped(fact.value, " " * (width + 4)))
    lead = f"  {fact.name:<{width}}  "
    lines = _wrapped(fact.value, " " * len(lead))
    return (lead + lines[0].lstrip(), *lines[1:])


def _finding(finding: Finding) -> Iterable[str]:
    about = "".join(f"{each}: " for each in (finding.place, finding.package) if each)
    yield from _wrapped(f"{finding.severity}: {about}{finding.message} [{finding.code}]", "    ", first="  ")
    if finding.fix:
        yield from _wrapped(f"hint: {finding.fix}", "          ", first="    ")


def _wrapped(text: str, indent: str, *, first: str | None = None) -> list[str]:
    """Lines of at most ``WIDTH`` columns; a path or command is never cut in two."""
    return textwrap.wrap(
        " ".join(text.split()),
        WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [indent]


def diagnosis_json(found: Diagnosis) -> dict[str, object]:
    """The object of ``doctor --json``."""
    return {"schema": 1, "ok": found.ok, "topics": [_topic_json(topic) for topic in found.topics]}


def _topic_json(topic: Topic) -> dict[str, object]:
    return {
        "name": topic.name,
        "facts": [{"name": fact.name, "value": fact.value} for fact in topic.facts],
        "findings": findings_json(topic.findings),
    }
