"""``--bump``: what a person wants to release by hand.

core                    the next patch of core
core@minor,@my/js@2.0.0 a step, a version
minor                   no names: what would be released anyway, by this step
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from piot.errors import InputError, UsageError, listed, near
from piot.model.release.bump import WORDS, Word
from piot.model.semver import Semver


@dataclass(frozen=True, slots=True, kw_only=True)
class BumpSpec:
    """``packages`` are the packages to release with a step or version each, ``every`` is for all planned.

    ``by`` is where that was said, as people call it.
    """

    packages: tuple[tuple[str, Word | Semver], ...] = ()
    every: Word | Semver | None = None
    by: str = "--bump"

    def of(self, name: str) -> Word | Semver | None:
        """What is wanted of a package that is named."""
        return dict(self.packages).get(name)


def parse_bump(text: str, names: Sequence[str]) -> BumpSpec:
    """The specification in ``text`` for packages called ``names``; raises UsageError.

    White space around commas and behind ``@`` means nothing. A text of white space only asks for nothing.
    """
    if not text.strip():
        return BumpSpec()
    if text.strip() not in names and (every := _wanted_or_none(text.strip())):
        return BumpSpec(every=every)
    found: dict[str, Word | Semver] = {}
    for entry in text.split(","):
        name, wanted = _entry(entry.strip(), text, names)
        if name in found:
            raise UsageError(f'--bump names "{name}" twice', hint="keep one of them")
        found[name] = wanted
    return BumpSpec(packages=tuple(found.items()))


def _entry(entry: str, text: str, names: Sequence[str]) -> tuple[str, Word | Semver]:
    if not entry:
        raise UsageError(f'--bump "{text}" has an empty entry', hint="write name, name@minor or name@1.2.3")
    name, wanted = entry, "patch"
    if entry not in names and (at := entry.rfind("@")) > 0:
        name, wanted = entry[:at], entry[at + 1 :].strip()
    if name not in names:
        hint = near(name, names) or f"the packages are {listed(names)}"
        raise UsageError(f'--bump: no package is called "{name}"', hint=hint)
    return name, _wanted(wanted, name)


def _wanted(text: str, name: str) -> Word | Semver:
    found = _wanted_or_none(text)
    if found is None:
        what = (
            f'"{text}" is neither {", ".join(WORDS)} nor a version' if text else "nothing stands behind the @"
        )
        hint = near(text.lower(), WORDS) or f"write {name}@minor or {name}@1.2.3"
        raise UsageError(f"--bump {name}: {what}", hint=hint)
    return found


def _wanted_or_none(text: str) -> Word | Semver | None:
    for word in WORDS:
        if text == word:
            return word
    try:
        version = Semver.parse(text)
    except InputError:
        return None
    return None if version.build else version
