"""What `doctor` found out, by topic: facts, and findings with the way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from piot.model.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that is so. ``value`` is for reading, and never a secret."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What there is to say about one part of the world."""

    name: str
    facts: tuple[Fact, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All topics, in the order in which they are read."""

    topics: tuple[Topic, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of all topics."""
        return tuple(finding for topic in self.topics for finding in topic.findings)

    @property
    def ok(self) -> bool:
        """Whether nothing was found that would stop a build or a release."""
        return all(finding.severity != "error" for finding in self.findings)


def facts(rows: Iterable[tuple[str, str]]) -> tuple[Fact, ...]:
    """Rows of (name, value); those without a value are left out."""
    return tuple(Fact(name=name, value=value) for name, value in rows if value)
