"""Evaluated BUILD files as plain data and back, so that they can be kept between runs."""

from __future__ import annotations

from typing import Any

from piot.load.build_files import BuildFile
from piot.model.digest import Digest
from piot.model.label import Label
from piot.model.rule import Plain, Source, Sources, StringMap, Triples
from piot.model.select import Select, SelectList, Value
from piot.model.target import Target

Data = tuple[Any, ...]
"""Text, numbers, truth values, and tuples of these: what `marshal` writes and reads in no time."""


def to_data(found: BuildFile) -> Data:
    """All of it but the rules, which are known by their keys."""
    return (
        found.package,
        tuple(_target(each) for each in found.targets),
        tuple((path, digest.hash, digest.size) for path, digest in found.files),
        (found.listing.hash, found.listing.size),
        found.sources,
    )


def of_data(data: Data) -> BuildFile:
    """What ``to_data`` was given, without the rules."""
    package, targets, files, listing, sources = data
    return BuildFile(
        package=package,
        targets=tuple(
            Target(
                label=Label(package, name),
                rule=rule,
                attrs=tuple((attr, _value(*value)) for attr, value in attrs),
                location=location,
            )
            for name, rule, attrs, location in targets
        ),
        rules=(),
        files=tuple((path, Digest(digest, size)) for path, digest, size in files),
        listing=Digest(*listing),
        sources=sources,
    )


def _target(target: Target) -> Data:
    attrs = tuple((name, _packed(value)) for name, value in target.attrs)
    return (target.label.name, target.rule, attrs, target.location)


def _packed(value: Value) -> Data:
    """A word for the kind, and what makes one of that kind."""
    match value:
        case Select():
            return "select", tuple((name, _packed(branch)) for name, branch in value.branches)
        case SelectList():
            branches = tuple((name, _packed(branch)) for name, branch in value.branches)
            return "select_list", _packed(value.base), branches
        case StringMap():
            return "map", value.entries
        case Label():
            return "label", value.package, value.name, value.cell
        case Source():
            return "source", value.path
        case Sources():
            return "sources", value.files, value.globs
        case Triples():
            return "triples", value.names
        case tuple() if any(isinstance(item, Label) for item in value):
            return "labels", tuple(_packed(item)[1:] for item in value)
        case _:
            return "plain", value


def _value(kind: str, *data: Any) -> Value:
    match kind:
        case "select":
            return Select(branches=_branches(data[0]))
        case "select_list":
            return SelectList(base=_plain(*data[0]), branches=_branches(data[1]))
        case _:
            return _plain(kind, *data)


def _branches(data: Data) -> tuple[tuple[str, Plain], ...]:
    return tuple((name, _plain(*branch)) for name, branch in data)


def _plain(kind: str, *data: Any) -> Plain:
    match kind:
        case "map":
            return StringMap(data[0])
        case "label":
            return Label(*data)
        case "source":
            return Source(data[0])
        case "sources":
            return Sources(files=data[0], globs=data[1])
        case "triples":
            return Triples(data[0])
        case "labels":
            return tuple(Label(*item) for item in data[0])
        case _:
            plain: Plain = data[0]
            return plain
