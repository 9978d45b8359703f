"""``piot lock``: pins tools and build requirements in ``piot.lock`` and says what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from piot.app.lock_builds import BuildLock, plain_packages
from piot.app.session import LOCK, Session
from piot.app.where import Where
from piot.effects import files
from piot.errors import MachineError
from piot.model.events import Emit, Note
from piot.model.package import Package
from piot.model.pins import Pins, write_lock
from piot.run.lock import lock as resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A pin that is not what it was; ``old`` is None for what was not pinned, ``new`` for what no longer is.

    The pins of a build are called ``NAME (PATH)``.
    """

    name: str
    old: str | None
    new: str | None


def lock(requests: Sequence[str], where: Where, emit: Emit) -> tuple[Change, ...]:
    """Writes the pins of ``requests``, which are tools or Python packages of the configuration.

    Without any, all pins of the file, or those of piot itself, are made anew, and those of all packages.
    """
    session = Session(where, emit)
    own, before = session.own_pins, session.pins
    if where.offline:
        raise MachineError("pinning tools needs the package index, which --offline forbids")
    packages, tools = _split(session, requests)
    fresh = own if own is not None else Pins() if requests else session.default_pins
    if tools or not requests:
        fresh = resolve(tools, fresh, env=where.environ, report=lambda line: emit(Note(text=f"found {line}")))
    if not requests:
        fresh = Pins(tools=fresh.tools)  # builds of projects that are gone are not carried on
    builds = BuildLock(session)
    for package in packages:
        fresh = builds.pinned(package).over(fresh)
    files.write_atomic(session.root / LOCK, write_lock(fresh).encode())
    return tuple(_changes(before, fresh))


def _split(session: Session, requests: Sequence[str]) -> tuple[list[Package], list[str]]:
    """The packages whose builds are pinned, and the tools; a package of the same name goes first."""
    plain = {package.name: package for package in plain_packages(session.config)}
    packages = [plain[each] for each in requests if each in plain] if requests else list(plain.values())
    return packages, [each for each in requests if each not in plain]


def _changes(old: Pins, new: Pins) -> Iterator[Change]:
    """By name; a new version, or the same one with other files."""
    pinned = {tool.name: tool for tool in old.tools}
    for tool in new.tools:
        was = pinned.get(tool.name)
        if was != tool:
            yield Change(name=tool.name, old=was.version if was else None, new=tool.version)
    for build in new.builds:
        before = old.build(build.path)
        pins, were = dict(build.pins), dict(before.pins) if before else {}
        for name in sorted(pins.keys() | were.keys()):
            if pins.get(name) != were.get(name):
                yield Change(name=f"{name} ({build.path})", old=were.get(name), new=pins.get(name))
