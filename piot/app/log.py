"""``piot log``: what an earlier build of this checkout did."""

from __future__ import annotations

from piot.app.session.where import Where
from piot.effects.git import find_root
from piot.errors import InputError, listed
from piot.model.build_record import BuildRecord
from piot.run.builds import Builds


def log(where: Where, number: int | None) -> tuple[int, BuildRecord]:
    """The build of that number, or the last one; raises InputError when it is not remembered."""
    builds = Builds(find_root(where.directory) / ".piot" / "builds")
    found = builds.last() if number is None else None
    record = builds.read(number) if number is not None else None
    if number is not None and record is not None:
        return number, record
    if found is not None:
        return found
    known = builds.numbers()
    if number is None or not known:
        raise InputError("no build of this checkout is remembered", hint="run piot build first")
    some = [str(each) for each in reversed(known)]
    raise InputError(f"build {number} is not remembered", hint=f"these are: {listed(some)}")


def logs(where: Where) -> tuple[tuple[int, BuildRecord], ...]:
    """All that are remembered, the last one first."""
    builds = Builds(find_root(where.directory) / ".piot" / "builds")
    found = ((number, builds.read(number)) for number in reversed(builds.numbers()))
    return tuple((number, record) for number, record in found if record is not None)
