"""``piot status``: how tags, registries and built artifacts of every package stand to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from piot.app.places import places_of, subject
from piot.app.session import Session
from piot.app.where import Where
from piot.effects import git
from piot.errors import MachineError
from piot.model.artifact import Artifact
from piot.model.events import Emit
from piot.model.listing import Listing
from piot.model.package import Package
from piot.model.registry import Place
from piot.model.release_state import PackageState, judged, newest, tagged_versions, unreachable
from piot.model.spelling import spelled
from piot.release.artifacts import find
from piot.release.observe.asking import Unreadable
from piot.release.registries import Registries


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tags:
    reachable: tuple[str, ...]
    all: tuple[str, ...]


def status(
    where: Where, emit: Emit, *, chosen: str | None = None, dist: Path | None = None
) -> tuple[PackageState, ...]:
    """The state of every package, in the order of the configuration; only reads, and needs no credentials.

    ``chosen`` is another registry (``--registry``): packages of other kinds are left out then. ``dist`` is
    the folder of built files, ``dist/`` unless given.
    """
    session = Session(where, emit)
    registries = Registries(session.root, where.environ)
    try:
        placed = _placed(session, chosen)
        answers = _asked(registries, placed, offline=where.offline)
        built = _built(session, dist, [package for package, _ in placed])
        tags = _Tags(
            reachable=git.reachable_tags(session.root, where.environ),
            all=git.all_tags(session.root, where.environ),
        )
        return tuple(_state(registries, *each, tags, answers, built) for each in placed)
    finally:
        registries.close()
        session.close()


Placed = tuple[Package, "Place | Unreadable"]
Answers = Mapping[tuple[Place, str], "Listing | Unreadable | None"]


def _placed(session: Session, chosen: str | None) -> list[Placed]:
    """A registry whose client is not there is one that cannot be reached."""
    places, found = places_of(session, chosen=chosen), list[Placed]()
    for package in session.config.packages:
        try:
            place: Place | Unreadable | None = places.of(subject(session, package))
        except MachineError as error:
            place = Unreadable(error.message)
        if place is not None:
            found.append((package, place))
    return found


def _asked(registries: Registries, placed: Sequence[Placed], *, offline: bool) -> Answers:
    questions = [
        (place, name)
        for package, place in placed
        if isinstance(place, Place)
        for name in package.registry_names
    ]
    if offline:
        return dict.fromkeys(questions, Unreadable("--offline forbids to ask it"))
    return registries.listings(questions)


def _built(session: Session, dist: Path | None, packages: Sequence[Package]) -> Sequence[Artifact]:
    folder = session.root / (dist or "dist")
    return [each.artifact for each in find(folder, packages)]


def _state(
    registries: Registries,
    package: Package,
    place: Place | Unreadable,
    tags: _Tags,
    answers: Answers,
    built: Sequence[Artifact],
) -> PackageState:
    mine = tagged_versions(package, tags.reachable)
    if isinstance(place, Unreadable):
        return unreachable(package, "", mine, place.reason)
    listings = dict[str, Listing | None]()
    for name in package.registry_names:
        answer = answers[place, name]
        if isinstance(answer, Unreadable):
            return unreachable(package, place.name, mine, answer.reason)
        listings[name] = answer
    tag = newest(mine)
    wanted = None if tag is None else spelled(package.kind, mine[tag])
    files = [each for each in built if each.package == package.name and each.version == wanted]
    everywhere = tagged_versions(package, tags.all).values()
    return judged(package, place.name, mine, everywhere, listings, registries.observe(place, files))
