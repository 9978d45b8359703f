"""What the rule of release archives does: looks at what there is, plans the archive, and packs it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from piot.api.archive_layout import Item, places
from piot.api.archive_script import PACK
from piot.api.context import Context
from piot.api.faults import Faults
from piot.errors import InputError, listed, near
from piot.model.action import Input, Output, Produced, SourceFile, Text
from piot.model.label import Label
from piot.model.nodes import windows_problem
from piot.model.proof import ArchiveProof
from piot.model.provider import Archive, Executable
from piot.model.triple import Triple

__all__ = ["COMPLETIONS", "MANUALS", "Item", "Naming", "outputs", "pack", "programs", "version_of"]

FORMATS = ("tar.gz", "tar.xz", "zip")
COMPLETIONS = "complete/"
MANUALS = "doc/"
"""Folders of completions and manual pages as ripgrep's archives have them; the rest lies at the top, as in
those of ripgrep and cargo-dist."""

SCRIPT, PLAN, STAGED = ".piot/pack.py", ".piot/pack.json", "in"
OLDEST_PYTHON = ">=3.9"

_HOLE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How an archive and the folder in it are called: templates, and what there is to fill them.

    An empty value is one that is not known; ``why`` then says so, by its name, with a hint.
    """

    stem: str
    top: str
    format: str
    values: Mapping[str, str]
    why: Mapping[str, tuple[str, str]]

    def filled(self, faults: Faults) -> tuple[str, str]:
        """The names of the archive, without its ending, and of the folder."""
        stem = self._fill("stem", self.stem, self.values, faults)
        if "/" in stem or windows_problem(stem) or stem.startswith("."):
            faults.add(f'"{stem}" cannot be the name of an archive', "write letters, digits, -, _ and .")
        top = self._fill("top", self.top, {**self.values, "stem": stem}, faults)
        if top and (top in (".", "..") or "/" in top or windows_problem(top)):
            faults.add(f'"{top}" cannot be the name of a folder', 'top = "" packs without one')
        if self.format not in FORMATS:
            hint = near(self.format, FORMATS) or f"it can be {listed(FORMATS)}"
            faults.add(f'there is no format "{self.format}" for archives', hint)
        return stem, top

    def _fill(self, what: str, template: str, values: Mapping[str, str], faults: Faults) -> str:
        for name in dict.fromkeys(_HOLE.findall(template)):
            if name not in values:
                hint = near(name, values) or f"there are {listed([f'{{{each}}}' for each in values])}"
                faults.add(f'{what} = "{template}": nothing is called {{{name}}}', hint)
            elif not values[name]:
                faults.add(*self.why[name])
        return _HOLE.sub(lambda hole: values.get(hole[1]) or "x", template)


def programs(ctx: Context, labels: Sequence[Label], faults: Faults) -> dict[Label, Executable]:
    """The programs, but for those that are none, or none for this platform."""
    found: dict[Label, Executable] = {}
    for label in labels:
        try:
            program = ctx.get(label, Executable)
        except InputError as error:
            faults.add(error.message, error.hint)
            continue
        if program.triple != ctx.triple:
            faults.add(f"{label} is a program for {program.triple}, and this archive is for {ctx.triple}")
        found[label] = program
    return found


def outputs(ctx: Context, labels: Sequence[Label], folder: str, faults: Faults) -> Iterator[Item]:
    """What targets give, to be put into ``folder``."""
    for label in labels:
        found = ctx.outputs(label)
        if not found:
            faults.add(f"{label} gives no file that could be packed")
        yield from (Item(key=str(label), content=output, folder=folder) for output in found)


def version_of(ctx: Context, directory: str, found: Sequence[Executable], faults: Faults) -> str:
    """The version of the project in ``directory``, else of the programs; empty when there is not just one."""
    if not directory:
        versions = {program.version for program in found}
        return versions.pop() if len(versions) == 1 else ""
    try:
        if ctx.text(f"{directory}/package.json") is not None:
            return ctx.npm(directory).manifest.version
        project = ctx.pyproject(directory) if ctx.text(f"{directory}/pyproject.toml") is not None else None
        return (project and project.version) or ctx.crate(directory).version
    except InputError as error:
        faults.add(error.message, error.hint)
        return "x"


def pack(
    ctx: Context, items: Sequence[Item], layout: Mapping[str, str], naming: Naming, faults: Faults
) -> Archive:
    """Declares the archive and its checksum; raises Problems with all that is wrong, ``faults`` first."""
    stem, top = naming.filled(faults)
    if not items:
        faults.add("nothing would be in this archive", "name programs, srcs, completions, manuals or deps")
    found = places(items, layout, ctx.label.package, top, faults)
    faults.tell()
    file = f"{stem}.{naming.format}"
    plan = _plan(file, naming.format, items, found)
    folder, checksum = _packed(ctx, items, plan, _proof(file, ctx.triple, items, found))
    return Archive(
        name=naming.values["name"],
        version=naming.values["version"],
        triple=Triple.parse(ctx.triple).text,
        folder=folder,
        checksum=checksum,
        top=top,
        programs=tuple(place for item, place in zip(items, found, strict=True) if item.program),
    )


def _packed(ctx: Context, items: Sequence[Item], plan: str, proof: ArchiveProof) -> tuple[Output, Output]:
    python = ctx.interpreter(requires=OLDEST_PYTHON).tool
    folder, checksum = ctx.run(
        f"%{{tool:{python.name}}}",
        *("-ISB", SCRIPT, PLAN, "out", "sum"),
        mnemonic=f"pack {proof.file}",
        outputs=("out/", "sum/"),
        inputs=(
            *(_input(number, item) for number, item in enumerate(items)),
            Text(dest=SCRIPT, content=PACK.encode()),
            Text(dest=PLAN, content=plan.encode()),
        ),
        tools=(python,),
        proofs={"out": proof},
    )
    return folder, checksum


def _plan(file: str, format: str, items: Sequence[Item], found: Sequence[str]) -> str:  # noqa: A002 - its name
    entries = [
        {"from": f"{STAGED}/{number}", "to": place, "runs": item.program}
        for number, (item, place) in enumerate(zip(items, found, strict=True))
    ]
    return json.dumps({"file": file, "format": format, "entries": entries}, indent=1)


def _proof(file: str, triple: str, items: Sequence[Item], found: Sequence[str]) -> ArchiveProof:
    pairs = [*zip(items, found, strict=True)]
    return ArchiveProof(
        file=file,
        triple=triple,
        files=tuple(sorted(place for item, place in pairs if not item.is_folder)),
        folders=tuple(sorted({place for item, place in pairs if item.is_folder})),
        programs=tuple(sorted(place for item, place in pairs if item.program)),
    )


def _input(number: int, item: Item) -> Input:
    place = f"{STAGED}/{number}"
    if isinstance(item.content, Output):
        return Produced(output=item.content, dest=place)
    return SourceFile(path=item.content, dest=place)
