"""Integrities of npm packages that their lock file does not tell: those of Yarn 2 and later (decision 42)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from piot.app.session.session import Session
from piot.model.events import Note
from piot.model.npm.hashes import NpmHashes
from piot.model.npm.yarn_entries import yarn_entries
from piot.model.npm.yarn_lock import unpinned
from piot.model.package import NpmSettings, Package
from piot.model.pins import Pins
from piot.run.fetch.npm_index import NpmIndex


def pinned_npm(session: Session, packages: Sequence[Package]) -> Iterator[Pins]:
    """The pins of every lock file that ``packages`` are built from and that lacks them.

    What is pinned already stays: a registry gives the number of a version once. Raises InputError with all
    that the registry tells no integrity of.
    """
    done = set[str]()
    for package in packages:
        if not isinstance(package.settings, NpmSettings):
            continue
        project = session.repository.npm(package.path)
        lock, text = project.lock, project.lock_text
        if lock is None or text is None or lock in done or not lock.endswith("yarn.lock"):
            continue
        done.add(lock)
        if wanted := unpinned(yarn_entries(text, lock)):
            yield Pins(npm=(_hashes(session, lock, wanted, project.hashes),))


def _hashes(
    session: Session, lock: str, wanted: Sequence[tuple[str, str]], known: Mapping[tuple[str, str], str]
) -> NpmHashes:
    folder = (session.root / lock).parent
    new = [each for each in wanted if each not in known]
    session.emit(Note(text=f"asking the registry for {len(new)} of {len(wanted)} packages of {lock}"))
    found = NpmIndex(folder, env=session.where.environ).integrities(new) if new else {}
    pins = {**known, **found}
    return NpmHashes(path=lock, packages=tuple((*each, pins[each]) for each in wanted))
