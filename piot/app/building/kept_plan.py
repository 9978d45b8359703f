"""A build plan that is kept: what changed files reach is taken from it without looking at the rest.

Plain data: reading it runs nothing. Actions stay packed until somebody asks for them, since a plan of
1,000 actions with 100 files each takes as long to read as to make.
"""

from __future__ import annotations

import marshal
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from piot.model.action import ActionId, CommandAction, Input, Output, SourceFile
from piot.model.action_data import of_data, to_data
from piot.model.label import Label
from piot.model.plan import BuildPlan, Configured, Requested

FORMAT = 1
"""Raised when a plan is written otherwise."""


class Row(NamedTuple):
    """An action: what is told of it, the rows that it needs, its source files, and all else packed.

    ``paths`` have a NUL before and behind each, ``places`` likewise, or nothing where all are the paths.
    ``at`` are the positions of those of its inputs that are no source files.
    """

    id: ActionId
    label: str
    mnemonic: str
    needs: tuple[int, ...]
    paths: str
    places: str
    at: tuple[int, ...]
    rest: bytes


class KeptPlan:
    """The plan that ``pack`` was given."""

    def __init__(self, packed: Mapping[str, Any]) -> None:
        self.rows: Sequence[Row] = tuple(Row(*row) for row in packed["actions"])
        """In the order of the plan: every action stands behind what it needs."""
        self._requested: Sequence[Any] = packed["requested"]

    def reached(self, paths: Collection[str]) -> frozenset[ActionId]:
        """The actions that read one of the files, and all that are made from what those make."""
        found: set[int] = set()
        for number, row in enumerate(self.rows):
            if not found.isdisjoint(row.needs) or any(f"\0{path}\0" in row.paths for path in paths):
                found.add(number)
        return frozenset(self.rows[number].id for number in found)

    def part(self, actions: Collection[ActionId]) -> BuildPlan:
        """These actions, and what of the requested targets comes of them."""
        wanted = map(_requested, self._requested)
        return BuildPlan(
            actions={row.id: _unpacked(row) for row in self.rows if row.id in actions},
            requested=tuple(each for each in wanted if not _makers(each).isdisjoint(actions)),
        )

    def needed(self, plan: BuildPlan) -> frozenset[ActionId]:
        """What a part of the plan is made from that is no part of it."""
        every = (need for action in plan.actions.values() for need in action.needs)
        return frozenset(every).union(*map(_makers, plan.requested)) - plan.actions.keys()


def _makers(wanted: Requested) -> set[ActionId]:
    return {*wanted.actions, *(output.action for output in wanted.outputs)}


def pack(plan: BuildPlan) -> dict[str, Any]:
    """A plan as plain data; what rules said of the requested targets is left out."""
    numbers = {name: number for number, name in enumerate(plan.actions)}
    return {
        "format": FORMAT,
        "actions": tuple(tuple(_row(action, numbers)) for action in plan.actions.values()),
        "requested": tuple(_plain(each) for each in plan.requested),
    }


def _row(action: CommandAction, numbers: Mapping[ActionId, int]) -> Row:
    files = [item for item in action.inputs if isinstance(item, SourceFile)]
    others = [(at, item) for at, item in enumerate(action.inputs) if not isinstance(item, SourceFile)]
    return Row(
        id=action.id,
        label=action.label,
        mnemonic=action.mnemonic,
        needs=tuple(numbers[need] for need in action.needs),
        paths=_joined([file.path for file in files]),
        places=_joined([file.dest for file in files]) if any(file.dest for file in files) else "",
        at=tuple(at for at, _ in others),
        rest=marshal.dumps(to_data(replace(action, inputs=tuple(item for _, item in others)))),
    )


def _unpacked(row: Row) -> CommandAction:
    action: CommandAction = of_data(marshal.loads(row.rest))
    return replace(action, inputs=tuple(_inputs(row, action.inputs)))


def _inputs(row: Row, others: tuple[Input, ...]) -> Iterator[Input]:
    paths = _split(row.paths)
    files = map(SourceFile, paths, _split(row.places) if row.places else ("",) * len(paths))
    apart = dict(zip(row.at, others, strict=True))
    for at in range(len(paths) + len(others)):
        yield apart[at] if at in apart else next(files)


def _joined(texts: Sequence[str]) -> str:
    return "".join(f"\0{text}" for text in texts) + "\0"


def _split(text: str) -> list[str]:
    return text.split("\0")[1:-1]


def _plain(each: Requested) -> tuple[Any, ...]:
    label = each.target.label
    return (
        (label.package, label.name, label.cell),
        *(each.target.triple, each.target.python),
        tuple((output.action, output.path, output.directory) for output in each.outputs),
        each.actions,
    )


def _requested(data: Any) -> Requested:
    label, triple, python, outputs, actions = data
    return Requested(
        target=Configured(label=Label(*label), triple=triple, python=python),
        outputs=tuple(
            Output(action=action, path=path, directory=directory) for action, path, directory in outputs
        ),
        actions=actions,
    )
