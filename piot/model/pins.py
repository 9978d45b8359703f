"""What ``piot.lock`` pins: which file of a tool is taken on which machine, and environments made of pins."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from piot.errors import InputError, MachineError, listed, near
from piot.model.build_pins import BuildPins
from piot.model.fetch import PypiFetch
from piot.model.npm.hashes import NpmHashes
from piot.model.python.wheel_tags import fit

if TYPE_CHECKING:
    from piot.model.triple import Triple

_Placed = TypeVar("_Placed", BuildPins, NpmHashes)

LOCK = "piot.lock"
"""Where the pins of a repository stand, at its root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedFile:
    """One wheel by its name and hash; ``size`` in bytes, None when the index does not tell."""

    filename: str
    sha256: str
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolPin:
    """One version of a tool and all of its files; ``ecosystem`` is ``pypi``."""

    name: str
    ecosystem: str
    version: str
    files: tuple[PinnedFile, ...]

    def file_for(
        self,
        host: Triple,
        *,
        system: tuple[int, int] | None = None,
        python: tuple[int, int] = (3, 11),
    ) -> PypiFetch:
        """The best file for a machine, by the order of wheel tags (PEP 425, PEP 600, PEP 656).

        ``system`` is its glibc, musl or macOS version, taken for new enough when None; ``python`` the
        version that runs the tool. Raises MachineError when no file fits.
        """
        ranked = ((fit(file.filename, host, system, python), file) for file in self.files)
        fitting = [(rank, file.filename, file) for rank, file in ranked if rank is not None]
        if not fitting:
            raise MachineError(
                f"{self.name} {self.version} has no pinned file for {host}",
                hint=f"it has {listed([file.filename for file in self.files])}",
            )
        file = min(fitting)[2]
        return PypiFetch(
            project=self.name,
            version=self.version,
            filename=file.filename,
            sha256=file.sha256,
            size=file.size,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """Tools by name, each once, sorted.

    ``requirements`` are what the environments, ``builds`` and ``runtimes``, are made of, by name and version.
    ``npm`` are the integrities that lock files of npm packages lack.
    """

    tools: tuple[ToolPin, ...] = ()
    requirements: tuple[ToolPin, ...] = ()
    builds: tuple[BuildPins, ...] = ()
    runtimes: tuple[BuildPins, ...] = ()
    npm: tuple[NpmHashes, ...] = ()

    def tool(self, name: str) -> ToolPin:
        """The pin of a tool; raises InputError, with the nearest name, when there is none."""
        for tool in self.tools:
            if tool.name == canonical(name):
                return tool
        known = [tool.name for tool in self.tools]
        raise InputError(
            f"the tool {name} is not pinned",
            hint=near(name, known) or f"run `piot lock {name}` and commit piot.lock",
        )

    def over(self, defaults: Pins) -> Pins:
        """These pins, and the defaults for tools and environments that are not among them."""
        chosen = {tool.name: tool for tool in (*defaults.tools, *self.tools)}
        builds = _over(self.builds, defaults.builds)
        runtimes = _over(self.runtimes, defaults.runtimes)
        used = {pin for each in (*builds, *runtimes) for pin in each.pins}
        known = {(each.name, each.version): each for each in (*defaults.requirements, *self.requirements)}
        return Pins(
            tools=tuple(chosen[name] for name in sorted(chosen)),
            requirements=tuple(known[pin] for pin in sorted(known.keys() & used)),
            builds=builds,
            runtimes=runtimes,
            npm=_over(self.npm, defaults.npm),
        )

    def build(self, path: str) -> BuildPins | None:
        """The environment of the project in the folder ``path``; None when nothing is pinned for it."""
        return next((build for build in self.builds if build.path == path), None)

    def runtime(self, path: str) -> BuildPins | None:
        """What the project in the folder ``path`` needs when it is installed; None when nothing is pinned."""
        return next((each for each in self.runtimes if each.path == path), None)

    def hashes(self, path: str) -> dict[tuple[str, str], str]:
        """Integrity by name and version of what the lock file at ``path`` does not pin itself."""
        found = next((each for each in self.npm if each.path == path), None)
        return {} if found is None else found.by_version

    def environment(self, build: BuildPins) -> tuple[ToolPin, ...]:
        """The pins of an environment with their files."""
        known = {(each.name, each.version): each for each in self.requirements}
        return tuple(known[pin] for pin in build.pins)


def _over(own: Iterable[_Placed], defaults: Iterable[_Placed]) -> tuple[_Placed, ...]:
    found: dict[str, _Placed] = {each.path: each for each in defaults}
    found |= {each.path: each for each in own}
    return tuple(found[path] for path in sorted(found))


def canonical(name: str) -> str:
    """The one spelling of a project's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
