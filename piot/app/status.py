"""``piot status``: how tags, registries and built artifacts of every package stand to each other."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from piot.app.releasing.registry_answers import Answer, RegistryAnswers
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.effects import git
from piot.errors import InputError
from piot.model.events import Emit
from piot.model.npm.stage import StagedVersion
from piot.model.package import Package
from piot.model.release.artifact import Artifact
from piot.model.release.registry import Place
from piot.model.release.spelling import spelled
from piot.model.release.state import PackageState, judged, newest, tagged_versions, unreachable
from piot.release.artifacts import find
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
    with closing(Session(where, emit)) as session:
        answers = RegistryAnswers(session, chosen=chosen)
        with closing(answers):
            told = answers.of(session.config.packages)
            placed = [package for package in session.config.packages if package.name in told]
            built = _built(session, dist, placed)
            tags = _Tags(
                reachable=git.reachable_tags(session.root, where.environ),
                all=git.all_tags(session.root, where.environ),
            )
            return tuple(_state(answers.registries, each, told[each.name], tags, built) for each in placed)


def _built(session: Session, dist: Path | None, packages: Sequence[Package]) -> Sequence[Artifact]:
    folder = session.root / (dist or "dist")
    return [each.artifact for each in find(folder, packages)]


def _state(
    registries: Registries, package: Package, answer: Answer, tags: _Tags, built: Sequence[Artifact]
) -> PackageState:
    """A registry whose client is not there is one that cannot be reached; wrong settings are raised."""
    if isinstance(answer.error, InputError):
        raise answer.error
    mine, place = tagged_versions(package, tags.reachable), answer.place
    if place is None or answer.error is not None:
        return unreachable(package, place.name if place else "", mine, answer.silence)
    tag = newest(mine)
    wanted = None if tag is None else spelled(package.kind, mine[tag])
    files = [each for each in built if each.package == package.name and each.version == wanted]
    everywhere = tagged_versions(package, tags.all).values()
    return judged(
        package,
        place.name,
        mine,
        everywhere,
        answer.listings,
        artifacts=registries.observe(place, files),
        waiting=_waiting(registries, place, package),
    )


def _waiting(registries: Registries, place: Place, package: Package) -> tuple[StagedVersion, ...] | None:
    """Of all names of a package; None when one of them is not told."""
    told = [registries.waiting(place, name) for name in package.registry_names] if place.stage else []
    if None in told:
        return None
    return tuple(each for several in told for each in several or ())
