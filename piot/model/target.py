"""Targets and the graph they form, walked as lists of integers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from piot.errors import InputError, UsageError, near
from piot.model.label import Label, PackageName, Pattern
from piot.model.nearness import near_label, refuse_only_negative
from piot.model.rule import Plain, RuleSchema, publishes
from piot.model.select import Value, plain_parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A node of the graph: label, rule and the attributes that were given, as (name, value), sorted.

    ``rule`` is a key of ``TargetGraph.rules``. ``location`` is where it was written: ``path:line``, or
    ``path:line (in macro at path:line)``. ``package`` is the name in putitoutthere.toml, if any.
    """

    label: Label
    rule: str
    attrs: tuple[tuple[str, Value], ...] = ()
    package: str | None = None
    location: str = field(default="", compare=False)

    def get(self, name: str) -> Value | None:
        """The attribute as given; None when it was not."""
        return next((value for key, value in self.attrs if key == name), None)

    @property
    def directory(self) -> str:
        """The folder of the project that it is made from: its attribute of that name, else its own folder."""
        given = self.get("directory")
        return given if isinstance(given, str) and given else self.label.directory

    @property
    def deps(self) -> tuple[Label, ...]:
        """Every label in the attributes, in all branches of ``select()``, sorted."""
        return tuple(sorted(set(_labels(self.attrs))))


def _labels(attrs: Sequence[tuple[str, Value]]) -> Iterator[Label]:
    for _, value in attrs:
        for part in plain_parts(value):
            if isinstance(part, Label):
                yield part
            elif isinstance(part, tuple):
                yield from (item for item in part if isinstance(item, Label))


Adjacency = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGraph:
    """All targets, sorted by label, and the schemas of their rules. Made by ``TargetGraph.of``."""

    targets: tuple[Target, ...]
    rules: Mapping[str, RuleSchema]
    index: Mapping[Label, int] = field(compare=False, repr=False)
    forward: Adjacency = field(compare=False, repr=False)
    backward: Adjacency = field(compare=False, repr=False)

    @classmethod
    def of(cls, targets: Iterable[Target], rules: Mapping[str, RuleSchema]) -> TargetGraph:
        """Join targets with distinct labels; dependencies that no target has are left out."""
        ordered = tuple(sorted(targets, key=lambda target: target.label))
        index = {target.label: number for number, target in enumerate(ordered)}
        forward = tuple(tuple(index[dep] for dep in target.deps if dep in index) for target in ordered)
        backward: list[list[int]] = [[] for _ in ordered]
        for number, deps in enumerate(forward):
            for dep in deps:
                backward[dep].append(number)
        return cls(
            targets=ordered,
            rules=rules,
            index=index,
            forward=forward,
            backward=tuple(tuple(users) for users in backward),
        )

    def __contains__(self, label: Label) -> bool:
        return label in self.index

    def __getitem__(self, label: Label) -> Target:
        """The target of ``label``; raises InputError with a near match."""
        if label not in self.index:
            raise InputError(f"no target {label}", hint=self.near(label))
        return self.targets[self.index[label]]

    def schema(self, label: Label) -> RuleSchema:
        return self.rules[self[label].rule]

    def value(self, label: Label, name: str) -> Value | Plain | None:
        """An attribute as given, else its default; None when it has neither."""
        given = self[label].get(name)
        attr = self.schema(label).attr(name)
        return given if given is not None or attr is None else attr.default

    def closure(self, labels: Iterable[Label]) -> tuple[Label, ...]:
        """The labels and everything that they depend on, sorted."""
        waiting = [self._number(label) for label in labels]
        seen = set(waiting)
        while waiting:
            fresh = [number for number in self.forward[waiting.pop()] if number not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
        return self._labels(sorted(seen))

    def cycle(self) -> tuple[Label, ...] | None:
        """One cycle as a path that ends where it began, or None."""
        found = _cycle(self.forward)
        return self._labels(found) if found else None

    def select(self, patterns: Sequence[Pattern | PackageName]) -> tuple[Target, ...]:
        """Targets that some pattern chooses and no negative one takes away, sorted.

        Publish nodes are chosen by their label only. Raises UsageError for a pattern without a target, and
        where all take away.
        """
        refuse_only_negative(patterns)
        chosen: set[int] = set()
        for pattern in patterns:
            matching = {number for number in range(len(self.targets)) if self._chooses(pattern, number)}
            if not matching:
                raise UsageError(f"no target matches {pattern}", hint=self._near_pattern(pattern))
            chosen = chosen - matching if pattern.negative else chosen | matching
        return tuple(self.targets[number] for number in sorted(chosen))

    def near(self, label: Label) -> str | None:
        """A hint with the nearest label, see ``near_label``."""
        sent = {str(target.label) for target in self.targets if publishes(target.rule)}
        return near_label(str(label), [str(target.label) for target in self.targets], sent)

    def _near_pattern(self, pattern: Pattern | PackageName) -> str | None:
        if isinstance(pattern, PackageName):
            return near(pattern.name, sorted({target.package for target in self.targets if target.package}))
        if pattern.name:
            return self.near(Label(pattern.package, pattern.name))
        folders = {f"//{target.label.package}" for target in self.targets if target.label.package}
        return near(f"//{pattern.package}", sorted(folders))

    def _chooses(self, pattern: Pattern | PackageName, number: int) -> bool:
        target = self.targets[number]
        exact = isinstance(pattern, Pattern) and pattern.name is not None
        return pattern.matches(target.label, target.package) and (exact or not publishes(target.rule))

    def _number(self, label: Label) -> int:
        return self.index[self[label].label]

    def _labels(self, numbers: Iterable[int]) -> tuple[Label, ...]:
        return tuple(self.targets[number].label for number in numbers)


def _cycle(edges: Adjacency) -> list[int] | None:
    """Depth first without recursion, so that long chains are no deeper than short ones."""
    done = [False] * len(edges)
    for start in range(len(edges)):
        path, ahead, on_path = [start], [iter(edges[start])], {start}
        while ahead and not done[start]:
            following = next(ahead[-1], None)
            if following is None:
                ahead.pop()
                left = path.pop()
                on_path.discard(left)
                done[left] = True
            elif following in on_path:
                return [*path[path.index(following) :], following]
            elif not done[following]:
                path.append(following)
                ahead.append(iter(edges[following]))
                on_path.add(following)
    return None
