"""Requirements resolved by pip: what a project asks for, with all that this needs in turn, everywhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from piot.effects.peek import read_if_there, scratch_folder
from piot.errors import InputError, MachineError, PiotError
from piot.model.build_pins import BuildPins
from piot.model.pins import PinnedFile, ToolPin, canonical
from piot.run.fetch.pypi import pip

_INSTALL = (
    *("install", "--dry-run", "--ignore-installed", "--quiet"),
    *("--only-binary", ":all:", "--report", "report.json"),
)

_SYSTEMS = (
    {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"},
    {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin"},
    {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows"},
)
"""What environment markers say on the systems that the lock is to hold on (PEP 508)."""

FilesOf = Callable[[str, str], ToolPin]
"""The pin, with all files that there are, of a version of a project; raises PiotError when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Pins by name, and the Python version specifiers that all of them ask for, joined."""

    pins: tuple[ToolPin, ...]
    python: str

    def without(self, names: Collection[str]) -> Resolved:
        """All but the pins of these names."""
        return Resolved(pins=tuple(pin for pin in self.pins if pin.name not in names), python=self.python)

    def environment(self, path: str, requires: Sequence[str]) -> BuildPins:
        """The pins as an environment of the project in ``path``, which asked for ``requires``."""
        return BuildPins(
            path=path,
            requires=tuple(sorted(requires)),
            python=self.python,
            pins=tuple((pin.name, pin.version) for pin in self.pins),
        )


def resolve(
    requirements: Sequence[str],
    python: Path,
    pythons: Sequence[str],
    files_of: FilesOf,
    *,
    env: Mapping[str, str],
) -> Resolved:
    """What ``requirements`` come to for the interpreter ``python``, by pip's resolver and configuration.

    Requirements that only other systems, or other ``pythons`` (minor versions), have are pinned too, where
    that is possible: an environment holds them everywhere then, and they do no harm. Raises InputError
    with pip's words when there is no solution.
    """
    found = _reported(requirements, python, env)
    wanted = list(requirements)
    while more := sorted(set(_elsewhere(requirements, found, pythons)) - set(wanted)):
        wanted += more
        try:
            found = _reported(wanted, python, env)
        except InputError:
            break  # one of them cannot be had together with what is needed here
    pins = [_pin(item, files_of) for item in found]
    specifiers = {
        part.strip() for item in found for part in item["metadata"].get("requires_python", "").split(",")
    }
    return Resolved(
        pins=tuple(sorted(pins, key=lambda pin: pin.name)), python=",".join(sorted(specifiers - {""}))
    )


def _reported(requirements: Sequence[str], python: Path, env: Mapping[str, str]) -> list[dict[str, Any]]:
    """The items of pip's installation report (its documentation: *Installation Report*)."""
    if not requirements:
        return []
    with scratch_folder({"wanted.txt": "".join(f"{each}\n" for each in requirements).encode()}) as folder:
        done = pip(["--python", str(python), *_INSTALL, "-r", "wanted.txt"], folder=folder, env=env)
        if done.code:
            raise InputError(
                f"pip finds no wheels for {', '.join(requirements)}:\n{done.complaint}",
                hint="only wheels are taken; see `pip config list` for the index in use",
            )
        report: dict[str, list[dict[str, Any]]] = json.loads(read_if_there(folder / "report.json") or b"{}")
        return report["install"]


def _elsewhere(
    requirements: Sequence[str], found: Sequence[dict[str, Any]], pythons: Sequence[str]
) -> Iterator[str]:
    """Requirements whose markers hold on some system and Python, without the markers."""
    from packaging.requirements import Requirement

    present = {canonical(item["metadata"]["name"]) for item in found}
    texts = [(each, [""]) for each in requirements]
    for item in found:
        extras = ["", *item.get("requested_extras", ())]
        texts += [(each, extras) for each in item["metadata"].get("requires_dist", ())]
    for text, extras in texts:
        requirement = Requirement(text)
        marker, requirement.marker = requirement.marker, None
        if marker is None or canonical(requirement.name) in present:
            continue
        environments = (
            {**system, "python_version": minor, "python_full_version": f"{minor}.0", "extra": extra}
            for system, minor, extra in product(_SYSTEMS, pythons, extras)
        )
        if any(marker.evaluate(environment) for environment in environments):
            yield str(requirement)


def _pin(item: dict[str, Any], files_of: FilesOf) -> ToolPin:
    """All files of the version that pip chose; just pip's own where only another source of pip's has it."""
    name, version = canonical(item["metadata"]["name"]), item["metadata"]["version"]
    try:
        return files_of(name, version)
    except PiotError:
        info = item["download_info"]
        sha256 = info.get("archive_info", {}).get("hashes", {}).get("sha256")
        filename = info["url"].partition("#")[0].rpartition("/")[2]
        if not sha256:
            raise
        return ToolPin(
            name=name,
            ecosystem="pypi",
            version=version,
            files=(PinnedFile(filename=filename, sha256=sha256),),
        )


def read_asked(data: bytes) -> tuple[str, ...]:
    """The JSON list of a back end's own requirements; raises MachineError when it is none."""
    try:
        return tuple(str(each) for each in json.loads(data))
    except (ValueError, TypeError) as error:
        raise MachineError("the back end's requirements cannot be read") from error
