"""``piot lock``: tools and versions in, pins with the hashes of all their files out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from piot.effects.http import Http
from piot.effects.pip_config import IndexSettings, pip_settings
from piot.errors import InputError, MachineError, UsageError, listed
from piot.model.pins import PinnedFile, Pins, ToolPin, canonical
from piot.model.python.index import IndexFile
from piot.run.fetch.index import project_files

if TYPE_CHECKING:
    from packaging.version import Version


def lock(
    requests: Sequence[str],
    current: Pins,
    *,
    env: Mapping[str, str] | None = None,
    report: Callable[[str], None] = lambda _: None,
    settings: IndexSettings | None = None,
) -> Pins:
    """The pins of ``current`` with those of ``requests`` (``TOOL`` or ``TOOL==VERSION``) made anew.

    Without requests all current tools get their newest versions. Raises UsageError for a request that is
    spelled otherwise, InputError for a version that is not there, MachineError when the index fails.
    """
    wanted = [parse_request(text) for text in requests] or [(tool.name, None) for tool in current.tools]
    if not wanted:
        raise UsageError("no tool is named and none is pinned", hint="say which: `piot lock maturin`")
    index = settings or pip_settings(os.environ if env is None else env)
    http = Http(proxy=index.proxy, cainfo=index.cert)
    try:
        fresh = [_resolved(http, index, name, version, report) for name, version in wanted]
    finally:
        http.close()
    return Pins(tools=tuple(fresh)).over(current)


def parse_request(text: str) -> tuple[str, str | None]:
    """``maturin`` or ``maturin==1.2.3`` as canonical name and version; raises UsageError for others."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise _misspelt(text) from error
    specifiers = list(requirement.specifier)
    if requirement.url or requirement.extras or requirement.marker or len(specifiers) > 1:
        raise _misspelt(text)
    if not specifiers:
        return canonical(requirement.name), None
    if specifiers[0].operator != "==" or "*" in specifiers[0].version:
        raise _misspelt(text)
    return canonical(requirement.name), specifiers[0].version


def pin(project: str, version: str | None, files: Iterable[IndexFile]) -> ToolPin:
    """The pin of one version out of the files of an index: the newest final one when ``version`` is None.

    Only wheels count; yanked ones only when the version was asked for. Raises InputError when nothing is
    left, MachineError when the index does not tell a wheel's sha256.
    """
    releases = _releases(files)
    found = _newest(releases) if version is None else _release(releases, version)
    if found is None:
        asked = f"{project}=={version}" if version else project
        newest = [str(known) for known in sorted(releases, reverse=True)]
        raise InputError(
            f"the package index has no wheels of {asked}",
            hint=f"it has {listed(newest)}" if newest else None,
        )
    chosen, wheels = found
    return ToolPin(
        name=project,
        ecosystem="pypi",
        version=str(chosen),
        files=tuple(_pinned(file) for file in sorted(wheels, key=lambda file: file.filename)),
    )


_Release: TypeAlias = "tuple[Version, list[IndexFile]]"
"""A version and its wheels, of which there is one at least."""


def _newest(releases: Mapping[Version, list[IndexFile]]) -> _Release | None:
    """The last final version that was not yanked, else the last pre-release."""
    usable = {v: kept for v, all_ in releases.items() if (kept := [f for f in all_ if not f.yanked])}
    chosen = max([v for v in usable if not v.is_prerelease] or list(usable), default=None)
    return None if chosen is None else (chosen, usable[chosen])


def _release(releases: Mapping[Version, list[IndexFile]], version: str) -> _Release | None:
    """That very version, however it is spelled: 1.0 is 1.0.0."""
    from packaging.version import Version

    asked = Version(version)
    return next(((known, wheels) for known, wheels in releases.items() if known == asked), None)


def _releases(files: Iterable[IndexFile]) -> dict[Version, list[IndexFile]]:
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    releases: dict[Version, list[IndexFile]] = {}
    for file in files:
        try:
            version = parse_wheel_filename(file.filename)[1]
        except InvalidWheelFilename:
            continue  # an sdist, or a wheel from before the names were settled
        releases.setdefault(version, []).append(file)
    return releases


def _resolved(
    http: Http, index: IndexSettings, name: str, version: str | None, report: Callable[[str], None]
) -> ToolPin:
    found = pin(name, version, project_files(http, index.url, name))
    report(f"{name} {found.version}: {len(found.files)} files")
    return found


def _pinned(file: IndexFile) -> PinnedFile:
    if file.sha256 is None:
        raise MachineError(
            f"the package index does not tell the sha256 of {file.filename}",
            hint="point pip at an index that does (PIP_INDEX_URL)",
        )
    return PinnedFile(filename=file.filename, sha256=file.sha256, size=file.size)


def _misspelt(text: str) -> UsageError:
    return UsageError(f"not a tool to lock: {text!r}", hint="write TOOL or TOOL==VERSION")
