"""What rows follow from beside the configuration: labels of targets, and the Pythons of a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from piot.model.python.pyproject import DEFAULT_PYTHON


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildFacts:
    """Of one package.

    ``labels`` are those of its targets, by name (``wheel``, ``sdist``, ``package``, …). ``pythons`` are all
    that it is built with, the oldest first. ``separate`` are those with a wheel of their own, by triple in
    Rust's spelling; a triple without any has one wheel for all. ``pure`` says that one wheel serves every
    platform where none is declared.
    """

    labels: Mapping[str, str]
    pythons: tuple[str, ...] = (DEFAULT_PYTHON,)
    separate: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    pure: bool = True

    @property
    def newest(self) -> str:
        """The Python that a job sets up where one does it."""
        return self.pythons[-1]
