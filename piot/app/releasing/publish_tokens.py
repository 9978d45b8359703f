"""Whether all that is to be sent can be, as far as tokens go: known before anything is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from piot.errors import MachineError, PiotError
from piot.model.release.steps import Upload
from piot.release.uploads import Uploads

_HINT = "nothing was sent; see docs/how-to/publish.md"


def refuse_without_tokens(uploads: Uploads, waiting: Sequence[Upload]) -> None:
    """Everything has a token, or can ask for one, or nothing is sent."""
    if lacking := dict.fromkeys(line for step in waiting if (line := uploads.lacking(step)) is not None):
        raise MachineError("\n".join(lacking), hint=_HINT)


def rehearse(uploads: Uploads, waiting: Sequence[Upload], say: Callable[[str], None]) -> None:
    """The same for a dry run, and asks the registries for tokens where that changes nothing; they are ended.

    In a job that has an identity, what would keep it from publishing is an error. Anywhere else, where nobody
    may ever publish, a token that is not there is only said.
    """
    for line in dict.fromkeys(line for step in waiting if (line := _missing(uploads, step)) is not None):
        say(line)
    known = [step for step in waiting if uploads.tokens.available(uploads.places[step.package])]
    refused = dict.fromkeys(line for step in known if (line := uploads.lacking(step)) is not None)
    troubles = [*refused, *(() if refused else _asked(uploads, known, say))]
    if troubles:
        raise MachineError("\n".join(troubles), hint="nothing was sent, and nothing would be")


def _missing(uploads: Uploads, step: Upload) -> str | None:
    return None if uploads.tokens.available(uploads.places[step.package]) else uploads.lacking(step)


def _asked(uploads: Uploads, waiting: Sequence[Upload], say: Callable[[str], None]) -> Iterator[str]:
    """What the registries have against this job; asked once for each, of npm once for each package."""
    asked: set[tuple[str, str]] = set()
    for step in waiting:
        place = uploads.places[step.package]
        key = (place.name, step.artifact.registry_name if place.kind == "npm" else "")
        if key in asked:
            continue
        asked.add(key)
        new = any(other.first for other in waiting if uploads.places[other.package] == place)
        what = f"{place.name}, for {key[1]}," if key[1] else place.name
        try:
            if uploads.rehearse(step, new=new):
                say(f"{what} trusts this job")
        except PiotError as error:
            yield str(error).replace("\n\nhint: ", "\n")
