"""Actions as plain data and back, so that a plan can be kept between runs."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, cast

from piot.model import action, fetch, proof
from piot.model.toolchain import SystemTool

Data = Any
"""Text, bytes, numbers, truth values, None, and tuples of these: what `marshal` takes."""

_KINDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        *(action.CommandAction, action.Incremental, action.Start, action.Mount, action.Unpacked),
        *(action.Output, action.Produced, action.Fetched, action.Text),
        *(fetch.CrateFetch, fetch.CargoGitFetch, fetch.PypiFetch, fetch.NpmFetch),
        *(proof.WheelProof, proof.SdistProof, proof.CrateProof, proof.BinaryProof, proof.LibraryProof),
        *(proof.TarballProof, proof.ArchiveProof),
        SystemTool,
    )
}
"""All that actions are made of, by name."""

_FIELDS = {name: tuple(each.name for each in fields(kind) if each.init) for name, kind in _KINDS.items()}
_FILE = action.SourceFile.__name__


def to_data(value: object) -> Data:
    """An action, or a part of one: a word for the kind, and what makes one of that kind.

    Raises KeyError for anything that actions are not made of.
    """
    if isinstance(value, action.SourceFile):
        return (_FILE, value.path, value.dest)
    if isinstance(value, tuple):
        return ("", *map(to_data, cast("tuple[object, ...]", value)))
    if value is None or isinstance(value, str | bytes | int):
        return value
    kind = type(value).__name__
    return (kind, *(to_data(getattr(value, name)) for name in _FIELDS[kind]))


def of_data(data: Data) -> Any:
    """What ``to_data`` was given."""
    if not isinstance(data, tuple):
        return data
    whole = cast("Any", data)
    kind: str = whole[0]
    if kind == _FILE:
        return action.SourceFile(*whole[1:])
    values = map(of_data, whole[1:])
    return tuple(values) if not kind else _KINDS[kind](**dict(zip(_FIELDS[kind], values, strict=True)))
