"""What the registries of a checkout's packages have: asked side by side, each name once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from piot.app.releasing.past_facts import Versions
from piot.app.releasing.places import places_of, subject
from piot.app.session.session import Session
from piot.errors import InputError, MachineError, PiotError
from piot.model.package import Package
from piot.model.release.listing import Listing
from piot.model.release.registry import Place
from piot.release.observe.asking import Unreadable
from piot.release.places import Places, Subject
from piot.release.registries import BRIEF, LONG, Question, Registries


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Of one package. ``listings`` are by the names that it is published under; None: the registry has no
    such name. With ``error`` nothing is known; ``place`` is None when not even the registry is.
    """

    place: Place | None
    listings: Mapping[str, Listing | None]
    error: PiotError | None = None

    @property
    def silence(self) -> str:
        """What the registry did instead of telling; nothing when it told."""
        if isinstance(self.error, Unreadable):
            return self.error.reason
        return "" if self.error is None else self.error.message


Answers: TypeAlias = Mapping[str, Answer]
"""By package; one that goes nowhere, by ``--registry``, has none."""


class RegistryAnswers:
    """Asks registries what they have of packages; ``brief`` where that is good to know, and not needed.

    ``chosen`` is another registry (``--registry``). With ``--offline`` nobody is asked.
    """

    def __init__(self, session: Session, *, chosen: str | None = None, brief: bool = False) -> None:
        self._session = session
        self._places = places_of(session, chosen=chosen)
        patience = BRIEF if brief else LONG
        self.registries = Registries(session.root, session.where.environ, patience=patience)
        self._known: dict[str, Answer] = {}

    def versions(self, packages: Sequence[Package]) -> dict[str, Versions]:
        """Those that the registry of each has, as they are spelled there; none with ``--offline``."""
        if self._session.where.offline:
            return {}
        answers = self.of(packages)
        return {each.name: _versions(each, answers[each.name]) for each in packages}

    def of(self, packages: Sequence[Package]) -> Answers:
        """The answers about these packages, and about those that were asked for before."""
        return self.beside(packages)()

    def beside(self, packages: Sequence[Package]) -> Callable[[], Answers]:
        """The same: begins to ask, and gives a function that waits for the answers."""
        from concurrent.futures import ThreadPoolExecutor

        unknown = [each for each in packages if each.name not in self._known]
        if not unknown:
            return lambda: self._known
        subjects = [subject(self._session, each) for each in unknown]
        pool = ThreadPoolExecutor(1)
        asked = pool.submit(self._ask, unknown, subjects)
        pool.shutdown(wait=False)

        def waited() -> Answers:
            self._known |= asked.result()
            return self._known

        return waited

    def close(self) -> None:
        """Close the connections."""
        self.registries.close()

    def _ask(self, packages: Sequence[Package], subjects: Sequence[Subject]) -> dict[str, Answer]:
        placed = _placed(self._places, subjects)
        questions = [
            (place, name)
            for package in packages
            if isinstance(place := placed[package.name], Place)
            for name in package.registry_names
        ]
        told = self._told(questions)
        return {
            each.name: _answer(each, place, told)
            for each in packages
            if (place := placed[each.name]) is not None
        }

    def _told(self, questions: Sequence[Question]) -> Mapping[Question, Listing | Unreadable | None]:
        if self._session.where.offline:
            return dict.fromkeys(questions, Unreadable("--offline forbids to ask it"))
        return self.registries.listings(questions)


Placed: TypeAlias = "Place | PiotError | None"


def _placed(places: Places, subjects: Sequence[Subject]) -> dict[str, Placed]:
    """Clients of different kinds are asked side by side where their registries are."""
    from concurrent.futures import ThreadPoolExecutor

    def of(kind: str) -> dict[str, Placed]:
        return {each.package: _place(places, each) for each in subjects if each.kind == kind}

    kinds = dict.fromkeys(each.kind for each in subjects)
    with ThreadPoolExecutor() as pool:
        return {name: place for found in pool.map(of, kinds) for name, place in found.items()}


def _place(places: Places, wanted: Subject) -> Placed:
    try:
        return places.of(wanted)
    except (InputError, MachineError) as error:
        return error


def _answer(
    package: Package, place: Place | PiotError, told: Mapping[Question, Listing | Unreadable | None]
) -> Answer:
    if isinstance(place, PiotError):
        return Answer(place=None, listings={}, error=place)
    listings = dict[str, Listing | None]()
    for name in package.registry_names:
        listing = told[place, name]
        if isinstance(listing, Unreadable):
            return Answer(place=place, listings={}, error=listing)
        listings[name] = listing
    return Answer(place=place, listings=listings)


def _versions(package: Package, answer: Answer) -> Versions:
    if answer.error is not None:
        return answer.error
    listing = answer.listings[package.registry_name]
    return () if listing is None else listing.versions
