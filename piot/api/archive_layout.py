"""Where everything goes in a release archive, worked out before anything is packed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from piot.api.faults import Faults
from piot.errors import InputError, near
from piot.model.action import Output
from piot.model.label import Label
from piot.model.nodes import check_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something to pack: a file of the repository, by its path, or an output of a target.

    ``key`` is what a layout calls it, the path or the label; ``folder`` where it goes unless told otherwise.
    ``suffix`` is what its name must end with.
    """

    key: str
    content: str | Output
    folder: str = ""
    program: bool = False
    suffix: str = ""

    @property
    def is_folder(self) -> bool:
        return isinstance(self.content, Output) and self.content.directory

    @property
    def name(self) -> str:
        path = self.content.path if isinstance(self.content, Output) else self.content
        return posixpath.basename(path)


def places(
    items: Sequence[Item], layout: Mapping[str, str], package: str, top: str, faults: Faults
) -> tuple[str, ...]:
    """The place of every item, in their order; those of folders end in ``/``, "" is the archive itself.

    ``layout`` is as a BUILD file in the folder ``package`` has it: a file, a folder (``docs/``) or a label to
    a folder (``doc/``, ``./`` for the top) or the new name of a file.
    """
    chosen = dict(_chosen(items, layout, package, faults))
    found = [_place(item, chosen, faults) for item in items]
    for message in _clashes(items, found):
        faults.add(message, 'say where one of them goes: layout = {"…": "…"}')
    return tuple(posixpath.join(top, place) for place in found)


def _chosen(
    items: Sequence[Item], layout: Mapping[str, str], package: str, faults: Faults
) -> Iterator[tuple[str, str]]:
    """The layout by the keys of items, and by folders that end in ``/``."""
    known = {item.key for item in items}
    for written, place in layout.items():
        try:
            candidates = _keys(written, package)
        except InputError as error:
            faults.add(f"layout: {error.message}", error.hint)
            continue
        key = next((each for each in candidates if each in known or _is_above(each, known)), None)
        if key is not None:
            yield key, place
        else:
            hint = near(candidates[0], known) or "name it in srcs, programs, completions, manuals or deps too"
            faults.add(f'layout names "{written}", which is not among what it is made of', hint)


def _is_above(key: str, known: Iterable[str]) -> bool:
    return key.endswith("/") and any(each.startswith(key) for each in known)


def _keys(written: str, package: str) -> tuple[str, ...]:
    """What a key of the layout may mean: a target or a file, where it is written as a label."""
    if written.startswith((":", "//")):
        label = Label.parse(written, package=package)
        return str(label), label.path
    path = posixpath.normpath(posixpath.join(package, written))
    return (f"{path}/" if written.endswith("/") else path,)


def _place(item: Item, chosen: Mapping[str, str], faults: Faults) -> str:
    above = max((key for key in chosen if key[-1] == "/" and item.key.startswith(key)), key=len, default=None)
    if item.key in chosen:
        wanted = chosen[item.key]
    elif above is not None:
        wanted = posixpath.join(chosen[above], item.key.removeprefix(above))
    else:
        wanted = item.folder
    if item.is_folder:
        wanted = wanted or "./"
    elif not wanted or wanted.endswith("/"):
        wanted += item.name
    elif not wanted.endswith(item.suffix):
        wanted += item.suffix
    return _inside(wanted, item, faults)


def _inside(wanted: str, item: Item, faults: Faults) -> str:
    """Without ``.`` and doubled slashes; a fault when it leads out."""
    plain = posixpath.normpath(wanted)
    if plain == "." and item.is_folder:
        return ""
    try:
        check_path(plain)
    except InputError:
        faults.add(f'layout puts {item.key} at "{wanted}", which is not inside the archive')
    return f"{plain}/" if item.is_folder else plain


def _clashes(items: Iterable[Item], found: Iterable[str]) -> Iterator[str]:
    """Places that are wanted twice, and files where a folder is wanted; macOS and Windows ignore case."""
    files = [(item, place) for item, place in zip(items, found, strict=True) if not item.is_folder]
    taken: dict[str, tuple[Item, str]] = {}
    for item, place in files:
        other, first = taken.setdefault(place.casefold(), (item, place))
        if other is not item:
            also = "" if place == first else f" ({first} and {place} are one file where case does not count)"
            yield f"{other.key} and {item.key} would both be {place}{also}"
    for item, place in files:
        for above in _above(place.casefold()):
            if above in taken:
                other, first = taken[above]
                yield f"{other.key} would be {first}, where {item.key} needs a folder"


def _above(place: str) -> Iterator[str]:
    return (place[:end] for end, letter in enumerate(place) if letter == "/")
