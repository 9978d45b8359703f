"""Why one thing is made again when another changes: the shortest way between them, with reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

from piot.model.catalog import Catalog
from piot.query.changes import ORDER, naming, uses
from piot.query.values import Arguments, Asked, owners, texts

Kind: TypeAlias = Literal["uses", "follows", "made of", "defined in"]
"""How a target needs something: its result, only that it is released before, a file, its definition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``number`` needs ``to``, a target or a file, and ``reason`` says where that follows from."""

    number: int
    kind: Kind
    to: int | str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The steps from one target to another or to a file; empty when neither needs the other."""

    steps: tuple[Step, ...]
    end: int | None = None
    """Where it ends without a step: both are the same target."""

    @property
    def targets(self) -> frozenset[int]:
        """All targets on it."""
        ends = [each for step in self.steps for each in (step.number, step.to) if isinstance(each, int)]
        return frozenset(ends if self.end is None else (*ends, self.end))


def way(asked: Asked, arguments: Arguments) -> Way:
    """``why(x, y)``: how x comes to need y, a target or a file.

    Results that go into each other count first; where there are none, also what is only released before.
    """
    start, catalog = asked.targets(arguments[0]), asked.catalog
    file = asked.file(arguments[1])
    if file is None:
        ends, last = asked.targets(arguments[1]), None
    else:
        ends = owners(catalog, frozenset((file,))) | _defined(catalog, file)
        last = file
    found = _shortest(catalog, start, ends, lambda user, dep: uses(catalog, user, dep))
    found = found or _shortest(catalog, start, ends, lambda _user, _dep: True)
    if not found:
        return Way(steps=())
    steps = [_step(catalog, user, dep) for user, dep in pairwise(found)]
    if last is not None:
        steps.append(_of_file(catalog, found[-1], last))
    return Way(steps=tuple(steps), end=None if steps else found[-1])


def _defined(catalog: Catalog, file: str) -> frozenset[int]:
    return frozenset(number for number, row in enumerate(catalog.rows()) if file in row[4])


def _shortest(
    catalog: Catalog, start: frozenset[int], ends: frozenset[int], counts: Callable[[int, int], bool]
) -> tuple[int, ...]:
    """The targets on a way with the fewest steps over edges that count; of several, the lowest numbers."""
    before: dict[int, int | None] = dict.fromkeys(sorted(start))
    edge = list(before)
    while edge:
        if there := ends.intersection(edge):
            return tuple(_back(before, min(there)))[::-1]
        following: list[int] = []
        for number in edge:
            for dep in catalog.forward[number]:
                if dep not in before and counts(number, dep):
                    before[dep] = number
                    following.append(dep)
        edge = following
    return ()


def _back(before: dict[int, int | None], number: int) -> Iterator[int]:
    at: int | None = number
    while at is not None:
        yield at
        at = before[at]


def _step(catalog: Catalog, user: int, dep: int) -> Step:
    names = naming(catalog, user, catalog.labels[dep])
    used = uses(catalog, user, dep)
    shown = [name for name in names if name != ORDER or not used] or names
    return Step(
        number=user,
        kind="uses" if used else "follows",
        to=dep,
        reason=f"{' and '.join(shown)} at {_place(catalog, user)}",
    )


def _of_file(catalog: Catalog, number: int, file: str) -> Step:
    detail = catalog.detail(number)
    place = _place(catalog, number)
    if file not in detail.inputs:
        return Step(number=number, kind="defined in", to=file, reason=place)
    names = [name for name, data in detail.attrs.items() if any(_fits(file, text) for text in texts(data))]
    if catalog.packages[number]:  # where the configuration calls them so
        names = ["paths" if name == "srcs" else name for name in names]
    reason = f"{' and '.join(names)} at {place}" if names else "cargo reads it, for a crate that is compiled"
    return Step(number=number, kind="made of", to=file, reason=reason)


def _fits(file: str, pattern: str) -> bool:
    """Whether a text of an attribute is the file, or a pattern that takes it in."""
    if file == pattern:
        return True
    if not any(mark in pattern for mark in "*?["):
        return False
    from piot.errors import InputError
    from piot.model.globs import Globs

    try:
        return Globs.parse((pattern,)).matches(file)
    except InputError:
        return False


def _place(catalog: Catalog, number: int) -> str:
    return catalog.detail(number).location.partition(" (in ")[0]
