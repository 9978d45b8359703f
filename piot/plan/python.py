"""The Python that a project is built with, and the environment that its back end runs in."""

from __future__ import annotations

from typing import Protocol

from piot.errors import InputError, MachineError, listed
from piot.model.action import Mount, Unpacked
from piot.model.build_pins import BuildPins
from piot.model.pins import Pins
from piot.model.python.runtime import third_party
from piot.model.toolchain import Interpreter, Lack
from piot.model.triple import Triple
from piot.plan.facts import Facts


class Find(Protocol):
    """Finds an interpreter that fulfils all version specifiers; or says what each candidate lacks."""

    def __call__(self, requires: tuple[str, ...], *, headers: bool) -> Interpreter | tuple[Lack, ...]: ...


def python_for(facts: Facts, pins: Pins, directory: str) -> tuple[str, str]:
    """What the project in ``directory`` and its build requirements ask of an interpreter."""
    return facts.pyproject(directory).requires_python or "", build_of(pins, directory).python


def environment_mount(pins: Pins, directory: str, host: Triple, python: Interpreter) -> Mount:
    """The build requirements, each in a folder of its own.

    Raises MachineError when one has no file for this machine and interpreter.
    """
    environment = pins.environment(build_of(pins, directory))
    files = [(pin.name, pin.file_for(host, python=python.minor)) for pin in environment]
    entries = ((name, Unpacked(archive=file, kind="wheel")) for name, file in files)
    return Mount(name="requirements", entries=tuple(entries))


def runtime_mount(
    pins: Pins, facts: Facts, directory: str, host: Triple, python: Interpreter
) -> Mount | None:
    """What the project in ``directory`` needs when it is installed, each in a folder of its own.

    None when nothing is pinned, or nothing that this interpreter can load. Raises InputError when the project
    asks for something else than what was pinned.
    """
    from packaging.specifiers import SpecifierSet

    runtime, project = pins.runtime(directory), facts.pyprojects.get(directory)
    if runtime is None or project is None:
        return None
    if not runtime.fits(wanted := third_party(project, facts.pyprojects.values())):
        asked, then = listed(wanted) or "nothing", listed(runtime.requires)
        raise InputError(
            f"{project.name or directory} needs {asked}, but piot.lock was made for {then}",
            hint="run `piot lock` and commit piot.lock",
        )
    try:
        files = [(pin.name, pin.file_for(host, python=python.minor)) for pin in pins.environment(runtime)]
    except MachineError:
        return None
    if ".".join(map(str, python.minor)) not in SpecifierSet(runtime.python):
        return None
    entries = ((name, Unpacked(archive=file, kind="wheel")) for name, file in files)
    return Mount(name="runtime", entries=tuple(entries))


def build_of(pins: Pins, directory: str) -> BuildPins:
    """The pins of a project's build; InputError when there are none."""
    build = pins.build(directory)
    if build is None:
        raise InputError(
            f"the build requirements of {directory} are not pinned",
            hint="run `piot lock` and commit piot.lock",
        )
    return build
