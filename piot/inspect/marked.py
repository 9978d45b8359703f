"""YAML that knows where everything stands, and workflows of GitHub Actions read from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from piot.errors import Problem, Problems

Value: TypeAlias = "str | Mapping[str, Node] | tuple[Node, ...]"
_SECRET = re.compile(r"\bsecrets(?:\.(?!GITHUB_TOKEN\b)|\[)")
DEEPEST = 50
"""Levels that no workflow has: an alias may lead back to where it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A value with line and column, from 1; all scalars are text, ``on`` and ``no`` too."""

    value: Value
    line: int
    column: int

    @property
    def text(self) -> str:
        """A scalar; empty for anything else."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def table(self) -> Mapping[str, Node]:
        """A mapping; empty for anything else."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def items(self) -> tuple[Node, ...]:
        """A sequence; empty for anything else."""
        return self.value if isinstance(self.value, tuple) else ()

    def at(self, *keys: str) -> Node | None:
        """What stands below some keys."""
        found: Node | None = self
        for key in keys:
            found = None if found is None else found.table.get(key)
        return found

    def below(self, *keys: str) -> Mapping[str, Node]:
        """The mapping that stands below some keys; empty where none does."""
        found = self.at(*keys)
        no: dict[str, Node] = {}
        return no if found is None else found.table


def parse(text: str, path: str) -> Node:
    """The document; raises Problems where it is no YAML."""
    import yaml

    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # written in C where the wheel has it
    try:
        found = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        message = f"not YAML: {getattr(error, 'problem', None) or error}"
        hint = "look at this place and right before it"
        raise Problems(
            [Problem(path=path, line=line, column=column, code="PIOT_YAML", message=message, hint=hint)]
        ) from None
    return Node(value={}, line=1, column=1) if found is None else _node(found, 0)


def _node(found: Any, depth: int) -> Node:
    mark = found.start_mark
    value: Value = ""
    if depth > DEEPEST:
        value = ""
    elif found.id == "mapping":
        value = {str(key.value): _node(inner, depth + 1) for key, inner in found.value}
    elif found.id == "sequence":
        value = tuple(_node(inner, depth + 1) for inner in found.value)
    else:
        value = str(found.value)
    return Node(value=value, line=mark.line + 1, column=mark.column + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A file of ``.github/workflows`` (GitHub's *Workflow syntax for GitHub Actions*)."""

    path: str
    text: str
    top: Node

    @property
    def triggers(self) -> Mapping[str, Node]:
        """What starts it, by event."""
        on = self.top.at("on")
        if on is None:
            return {}
        if on.text:
            return {on.text: on}
        return on.table or {each.text: each for each in on.items if each.text}

    @property
    def inputs(self) -> Mapping[str, Node]:
        """What it takes from one that calls it."""
        return self.top.below("on", "workflow_call", "inputs")

    @property
    def reads_secrets(self) -> bool:
        """Whether it uses secrets besides the token that every job has."""
        return _SECRET.search(self.text) is not None

    @property
    def jobs(self) -> Mapping[str, Node]:
        return self.top.below("jobs")

    def steps(self) -> Iterator[tuple[Node, Node]]:
        """Every step with its job."""
        for job in self.jobs.values():
            steps = job.at("steps")
            yield from ((job, step) for step in (steps.items if steps else ()))

    def uses(self) -> Iterator[Node]:
        """The actions and workflows that it names."""
        for job in self.jobs.values():
            if (called := job.at("uses")) is not None:
                yield called
        for _, step in self.steps():
            if (action := step.at("uses")) is not None:
                yield action

    def may(self, job: Node, scope: str, *, otherwise: bool = False) -> bool:
        """Whether a job may write in a scope; ``otherwise`` is what counts where nothing is said."""
        for said in (job.at("permissions"), self.top.at("permissions")):
            if said is not None:
                given = said.at(scope)
                return said.text == "write-all" or (given is not None and given.text == "write")
        return otherwise


def workflow(text: str, path: str) -> Workflow:
    """A workflow; raises Problems where it is no YAML."""
    return Workflow(path=path, text=text, top=parse(text, path))
