"""What the Python packages of a repository need of others when they are installed."""

from __future__ import annotations

from collections.abc import Iterable

from piot.model.pins import canonical
from piot.model.python.pyproject import Pyproject


def third_party(project: Pyproject, projects: Iterable[Pyproject]) -> tuple[str, ...]:
    """The requirements (PEP 508) of ``project``, and of those of ``projects`` that it needs, but for these.

    Sorted; what cannot be read as a requirement is left out, for the back end refuses it.
    """
    own = {canonical(each.name): each for each in projects if each.name}
    seen, ahead, found = {project.directory}, [project], set[str]()
    while ahead:
        for text in ahead.pop().dependencies:
            other = own.get(_name(text))
            if other is None:
                found |= {text} if _name(text) else set()
            elif other.directory not in seen:
                seen.add(other.directory)
                ahead.append(other)
    return tuple(sorted(found))


def _name(text: str) -> str:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return canonical(Requirement(text).name)
    except InvalidRequirement:
        return ""
