"""Entry points of a wheel: they can be read, and lead to modules that are in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

# PyPA entry points specification, "Data model": module, attribute path, and extras of older files.
_REFERENCE = re.compile(r"(?P<module>\w+(?:\.\w+)*)\s*(?::\s*[\w.]+)?\s*(?:\[.*\])?")
_SUFFIX = re.compile(r"(?:/__init__)?\.(?:py|pyc|pyd|so|[\w.-]+\.(?:so|pyd))")


def entry_point_findings(folder: str, members: Mapping[str, bytes]) -> Iterator[str]:
    """What is wrong with ``entry_points.txt`` in the ``.dist-info`` folder, one sentence each.

    A reference may lead into another distribution, which is not looked at: only those are, whose top
    module is in this wheel, and all of a wheel that needs no other.
    """
    import configparser

    where = f"{folder}/entry_points.txt"
    if where not in members:
        return
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # as the specification says: names keep their case
    try:
        parser.read_string(members[where].decode("utf-8"))
    except (configparser.Error, UnicodeDecodeError) as error:
        yield f"{where} cannot be read: {' '.join(str(error).split())}."
        return
    alone = b"\nRequires-Dist:" not in members[f"{folder}/METADATA"]
    for group in parser.sections():
        for name, reference in parser.items(group):
            yield from _reference_findings(f"{name} in [{group}] of {where}", reference, members, alone=alone)


def _reference_findings(
    what: str, reference: str, members: Mapping[str, bytes], *, alone: bool
) -> Iterator[str]:
    found = _REFERENCE.fullmatch(reference.strip())
    if found is None:
        yield f"{what} is {reference!r}, expected MODULE:NAME."
        return
    module = found["module"]
    if (alone or _has(module.partition(".")[0], members)) and not _has(module, members):
        yield f"{what} leads to {module}, which is not in the wheel."


def _has(module: str, members: Mapping[str, bytes]) -> bool:
    """Whether a module, a package or a part of a namespace is in the wheel, in its root or by its schemes."""
    path = module.replace(".", "/")
    for member in members:
        top, _, rest = member.partition("/")
        place = rest.partition("/")[2] if top.endswith(".data") else member
        if place.startswith(f"{path}/") or (
            place.startswith(path) and _SUFFIX.fullmatch(place, len(path)) is not None
        ):
            return True
    return False
