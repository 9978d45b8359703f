"""What rules over maturin share: the programs inside a wheel, and what ties a wheel to Pythons."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from piot.api.context import Context
from piot.api.faults import Faults
from piot.model.action import Output, Produced
from piot.model.cargo.facts import Crate
from piot.model.label import Label
from piot.model.provider import Executable
from piot.model.python.pyproject import Maturin, Pyproject, python_tag
from piot.model.rule import StringMap

__all__ = ["Abi", "abi_of", "bundled"]

PYO3 = {"PYO3_BUILD_EXTENSION_MODULE": "1", "PYO3_NO_PYTHON": "1"}
"""As maturin sets them for an abi3 extension without an interpreter, so that the layer fits."""


def bundled(
    ctx: Context,
    project: Pyproject,
    crate: Crate,
    labels: Sequence[Label],
    stage_to: str,
    faults: Faults,
) -> tuple[tuple[Output, ...], tuple[Produced, ...]]:
    """The programs, and where maturin takes them from; notes why the wheel would not have them.

    Without a command of ``[project.scripts]`` nobody could start them: a wheel puts nothing on PATH but that.
    """
    manifest = posixpath.normpath(posixpath.join(project.directory, "pyproject.toml"))
    if labels and not project.scripts:
        faults.add(
            f"{ctx.label} ships a program, but {manifest} has no command that starts it",
            "add an entry point to [project.scripts] (how-to/ship-a-program.md)",
        )
    programs = tuple(ctx.get(label, Executable).file for label in labels)
    staged = [posixpath.normpath(posixpath.join(stage_to, posixpath.basename(e.path))) for e in programs]
    settings = project.maturin or Maturin()
    for place in staged:
        if not settings.ships(place, crate.name):
            pattern = posixpath.join(posixpath.dirname(place), "*") if "/" in place else place
            faults.add(
                f"{ctx.label} ships {place}, which {manifest} keeps out of the wheel",
                f'add include = ["{pattern}"] to [tool.maturin]',
            )
    return programs, tuple(
        Produced(output=program, dest=posixpath.normpath(posixpath.join(project.directory, place)))
        for program, place in zip(programs, staged, strict=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Abi:
    """What ties a wheel to Pythons: tags that it must have, and what maturin and pyo3 are told."""

    abi3: tuple[int, int] | None = None
    tag: str | None = None
    options: tuple[str, ...] = ()
    variables: Mapping[str, str] = StringMap()
    module: bool = True


def abi_of(ctx: Context, crate: Crate, settings: Maturin) -> Abi:
    """By the bindings, as maturin finds them: pyo3 where the crate depends on it, else its programs."""
    abi3 = crate.abi3(settings.features, defaults=not settings.no_default_features)
    if abi3 is not None:
        return Abi(abi3=abi3 if any(abi3) else None, variables=PYO3)
    if settings.bindings == "bin" or (settings.bindings is None and not crate.pyo3 and crate.binaries):
        return Abi(tag="py3", module=False)
    if not crate.pyo3:
        ctx.fail(f"{ctx.label}: piot builds extensions over pyo3, and programs; {crate.manifest} has neither")
    if not ctx.python:
        ctx.fail(
            f"{ctx.label} needs a wheel for every Python, and names none",
            hint=f'add python_versions, or a feature such as "abi3-py39" to pyo3 in {crate.manifest}',
        )
    name = ctx.python if ctx.python.startswith("pypy") else f"python{ctx.python}"
    variables = {"PYO3_BUILD_EXTENSION_MODULE": "1", "WHEEL_PYTHON": ctx.python}  # a layer for each
    return Abi(tag=python_tag(ctx.python), options=("--interpreter", name), variables=variables)
