"""A build plan: what was asked for and the actions that make it, in an order they can run in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from piot.model.action import ActionId, CommandAction, Output, SourceFile
from piot.model.label import Label
from piot.model.provider import Provider
from piot.model.report import configured
from piot.model.toolchain import Lack


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """A target with its configuration.

    ``triple`` is None where the platform does not matter, ``python`` where one result serves every Python.
    """

    label: Label
    triple: str | None = None
    python: str | None = None

    def __str__(self) -> str:
        return configured(str(self.label), self.triple, self.python)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A configured target that was asked for, the outputs that it delivers, and what provides them."""

    target: Configured
    outputs: tuple[Output, ...]
    actions: tuple[ActionId, ...]
    providers: tuple[Provider, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbuildable:
    """A configured target that cannot be built here, with what each candidate lacks."""

    target: Configured
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildPlan:
    """``actions`` in an order in which every action stands behind what it needs."""

    actions: Mapping[ActionId, CommandAction]
    requested: tuple[Requested, ...]
    unbuildable: tuple[Unbuildable, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """Every file of the checkout that an action reads, sorted."""
        found = {
            item.path
            for action in self.actions.values()
            for item in action.inputs
            if isinstance(item, SourceFile)
        }
        return tuple(sorted(found))
