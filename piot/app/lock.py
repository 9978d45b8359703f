"""``piot lock``: pins tools and packages that no lock file of an ecosystem pins, and says what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from piot.app.locking.lock_builds import BuildLock
from piot.app.locking.lock_npm import pinned_npm
from piot.app.locking.lock_runtimes import RuntimeLock
from piot.app.locking.resolving import Resolver
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.effects import files
from piot.errors import MachineError
from piot.model.build_pins import BuildPins
from piot.model.events import Emit, Note
from piot.model.npm.hashes import NpmHashes
from piot.model.package import NpmSettings, Package, PypiSettings
from piot.model.pins import LOCK, Pins
from piot.model.pins_text import write_lock
from piot.model.settings import Config
from piot.run.lock import lock as resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A pin that is not what it was; ``old`` is None for what was not pinned, ``new`` for what no longer is.

    The pins of a build or a lock file are called ``NAME (PATH)``, those of a smoke test
    ``NAME (PATH, to try it)``.
    """

    name: str
    old: str | None
    new: str | None


def lock(requests: Sequence[str], where: Where, emit: Emit) -> tuple[Change, ...]:
    """Writes the pins of ``requests``, which are tools, or packages of the configuration for Python or npm.

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
        fresh = Pins(tools=fresh.tools)  # projects that are gone are not carried on
    again = {package.path for package in packages}
    fresh = replace(fresh, runtimes=tuple(each for each in fresh.runtimes if each.path not in again))
    for pins in (*_environments(session, packages), *pinned_npm(session, packages)):
        fresh = pins.over(fresh)
    files.write_atomic(session.root / LOCK, write_lock(fresh).encode())
    return tuple(_changes(before, fresh))


def _environments(session: Session, packages: Sequence[Package]) -> Iterator[Pins]:
    """What each package is built with, where its back end needs something, and what it is tried with."""
    resolver = Resolver(session)
    builds, runtimes = BuildLock(session, resolver), RuntimeLock(session, resolver)
    for package in packages:
        if isinstance(package.settings, PypiSettings):
            if package.settings.build != "maturin":
                yield builds.pinned(package)
            yield runtimes.pinned(package)


def _split(session: Session, requests: Sequence[str]) -> tuple[list[Package], list[str]]:
    """The packages that are pinned, and the tools; a package of the same name goes first."""
    known = {package.name: package for package in _pinned_packages(session.config)}
    packages = [known[each] for each in requests if each in known] if requests else list(known.values())
    return packages, [each for each in requests if each not in known]


def _pinned_packages(config: Config) -> Iterator[Package]:
    kinds = PypiSettings, NpmSettings
    return (package for package in config.packages if isinstance(package.settings, kinds))


def _changes(old: Pins, new: Pins) -> Iterator[Change]:
    """By name; a new version, or the same one with other files."""
    pinned = {tool.name: tool for tool in old.tools}
    for tool in new.tools:
        was = pinned.get(tool.name)
        if was != tool:
            yield Change(name=tool.name, old=was.version if was else None, new=tool.version)
    yield from _of_environments(old.builds, new.builds, "")
    yield from _of_environments(old.runtimes, new.runtimes, ", to try it")
    yield from _of_npm(old.npm, new.npm)


def _of_environments(old: Sequence[BuildPins], new: Sequence[BuildPins], what: str) -> Iterator[Change]:
    earlier = {each.path: dict(each.pins) for each in old}
    for environment in new:
        pins, were = dict(environment.pins), earlier.get(environment.path, {})
        for name in sorted(pins.keys() | were.keys()):
            if pins.get(name) != were.get(name):
                called = f"{name} ({environment.path}{what})"
                yield Change(name=called, old=were.get(name), new=pins.get(name))


def _of_npm(old: Sequence[NpmHashes], new: Sequence[NpmHashes]) -> Iterator[Change]:
    """One version of a package may stand beside another: both are told with its name."""
    earlier = {each.path: each.by_version for each in old}
    for each in new:
        pins, were = each.by_version, earlier.get(each.path, {})
        for name, version in sorted(pins.keys() | were.keys()):
            if pins.get((name, version)) != were.get((name, version)):
                was, now = (version if (name, version) in rows else None for rows in (were, pins))
                yield Change(name=f"{name} ({each.path})", old=was, new=now)
