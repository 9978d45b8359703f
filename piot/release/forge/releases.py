"""Releases on GitHub: a draft before the tag, its files, and published when the tag is there.

A release may be immutable from the moment when it is published (*Immutable releases*), so all files go to
the draft. Every try begins with reading what is there: an answer that was lost does no harm.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar, cast
from urllib.parse import quote

from piot.effects.http import NoAnswer
from piot.effects.peek import read_if_there
from piot.errors import InputError, MachineError
from piot.model.release.forge import MARK, Asset, Held, HeldAsset, Wanted, run_of
from piot.release.forge.client import GitHub, Missing
from piot.release.publish.deliver import LONGEST_WAIT, TRIES
from piot.release.publish.refusal import Refused
from piot.release.steps import There

_T = TypeVar("_T")
_PAUSES = (1.0, 5.0, 15.0)
_PAGE = 100
"""The most that the API gives at once."""


class OtherFiles(InputError):
    """A release has other bytes under our names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """Those of one repository; ``say`` gets a line for whoever watches."""

    github: GitHub
    sleep: Callable[[float], None]
    say: Callable[[str], None]

    def draft(self, wanted: Wanted) -> None:
        """Sees to it that a release of the tag has all files, as a draft where it is new.

        Raises InputError when it has other bytes under one of the names, or takes no more; Refused or
        MachineError when GitHub does not do it.
        """
        self._patiently(lambda: self._filled(wanted))

    def publish(self, wanted: Wanted) -> str | There:
        """The same, and published when piot made it; the tag must be pushed. Gives what is worth telling."""
        return self._patiently(lambda: self._published(wanted))

    def publish_left(self, tag: str) -> str | There:
        """Publishes the draft of a run that died after its tag: all its files are there."""
        return self._patiently(lambda: self._publish(self._held(tag)))

    def run(self, tag: str) -> str | None:
        """The CI run that first set out to publish a tag's files, and has them."""
        held = self._patiently(lambda: self._held(tag))
        return held.run if held is not None else None

    def keep(self, wanted: Wanted, *, begun: bool) -> None:
        """Keeps files in a draft that nobody publishes, for a later run that cannot build them again.

        Others under their names go away, unless some of them were ``begun`` to be published: then OtherFiles.
        """
        self._patiently(lambda: self._keep(wanted, begun=begun))

    def drop(self, tag: str) -> None:
        """Removes a draft that was kept; nobody but those who may write has ever seen it."""
        self._patiently(lambda: self._drop(tag))

    def has(self, tag: str) -> bool:
        """Whether there is a release of the tag, or a draft."""
        return self._patiently(lambda: self._held(tag)) is not None

    def left(self) -> tuple[str, ...]:
        """The tags of drafts that piot made and whose tag is there: their run died before it was done."""
        return tuple(tag for tag in sorted(self.drafts()) if self._patiently(partial(self._seen, tag)))

    def drafts(self) -> frozenset[str]:
        """The tags of all drafts that piot made."""
        return self._patiently(lambda: frozenset(e.tag for e in self._all() if e.draft and e.ours))

    def _patiently(self, act: Callable[[], _T]) -> _T:
        for number in range(TRIES):
            try:
                return act()
            except (Refused, NoAnswer) as error:
                passing = isinstance(error, NoAnswer) or error.passing
                wait = None if isinstance(error, NoAnswer) else error.wait
                if not passing or number == TRIES - 1 or (wait or 0.0) > LONGEST_WAIT:
                    raise
                pause = _PAUSES[number] if wait is None else wait + 1.0
                self.say(f"waiting {pause:.0f} s: {error.message.splitlines()[0]}")
                self.sleep(pause)
        raise AssertionError("the last try ends in the loop")

    def _published(self, wanted: Wanted) -> str | There:
        if not self._seen(wanted.tag):  # a release without it would make it, on any commit
            raise Refused(f"GitHub does not show the tag {wanted.tag} yet", passing=True)
        held, sent = self._filled(wanted)
        said = self._publish(held)
        return "" if sent and isinstance(said, There) and held.ours else said

    def _publish(self, held: Held | None) -> str | There:
        if held is None or not held.draft:
            ours = held is None or held.ours
            return There() if ours else "another tool made it: archives are added, the rest is kept"
        if not held.ours:
            return "another tool made the draft: archives are added, and it publishes it"
        self.github.change("PATCH", f"releases/{held.id}", {"draft": False, "make_latest": "legacy"})
        return ""

    def _keep(self, wanted: Wanted, *, begun: bool) -> None:
        try:
            self._filled(wanted)
        except OtherFiles:
            if begun:
                raise
            self._drop(wanted.tag)
            self._filled(wanted)

    def _drop(self, tag: str) -> None:
        held = self._held(tag)
        if held is not None and held.draft and held.ours:
            self.github.delete(f"releases/{held.id}")

    def _filled(self, wanted: Wanted) -> tuple[Held, int]:
        """The release with all files, and how many were sent."""
        held = self._held(wanted.tag) or self._made(wanted)
        lacking = self._lacking(held, wanted)
        if lacking and held.immutable:
            raise InputError(
                f"the release {held.tag} is immutable and lacks {', '.join(each.name for each in lacking)}",
                hint="release another version, and let piot make its release: it publishes it with all files",
            )
        for asset in lacking:
            self._send(held, asset)
        return held, len(lacking)

    def _lacking(self, held: Held, wanted: Wanted) -> list[Asset]:
        """What is to be sent; raises InputError for all that is there with other bytes."""
        there = {each.name: each for each in held.assets}
        lacking = [each for each in wanted.assets if each.name not in there or not there[each.name].whole]
        others = [
            f"{each.name}: ours {each.sha256}, there {digest}"
            for each in wanted.assets
            if each not in lacking and (digest := self._digest(there[each.name])) != each.sha256
        ]
        if others:
            raise OtherFiles(
                f"the release {held.tag} has other files under these names:\n  " + "\n  ".join(others),
                hint="piot replaces no file: take those of the run that made them (--artifacts)",
            )
        return lacking

    def _digest(self, held: HeldAsset) -> str:
        if held.sha256 is not None:
            return held.sha256
        return hashlib.sha256(self.github.download(f"releases/assets/{held.id}")).hexdigest()

    def _send(self, held: Held, asset: Asset) -> None:
        broken = next((each for each in held.assets if each.name == asset.name), None)
        if broken is not None:  # an upload that broke off keeps the name, and can only be removed
            self.github.delete(f"releases/assets/{broken.id}")
        data = read_if_there(asset.path) or b""
        if hashlib.sha256(data).hexdigest() != asset.sha256:
            raise InputError(f"{asset.path} was changed while piot was at work")
        made = _asset(self.github.send_file(f"{held.upload}?name={quote(asset.name, safe='')}", data))
        if made.name != asset.name:
            raise InputError(f"GitHub calls {asset.name} {made.name}: give the archive a plainer name")

    def _made(self, wanted: Wanted) -> Held:
        values = {"tag_name": wanted.tag, "name": wanted.tag, "body": wanted.body, "draft": True}
        return _held(self.github.change("POST", "releases", {**values, "prerelease": wanted.prerelease}))

    def _held(self, tag: str) -> Held | None:
        """A published release is found by its tag, a draft only in the list; ours before another's."""
        try:
            said = self.github.get(f"releases/tags/{quote(tag)}")
        except Missing:
            found = sorted(
                (each for each in self._all() if each.tag == tag), key=lambda each: (not each.ours, each.id)
            )
            return self._with_assets(found[0]) if found else None
        return self._with_assets(_held(said))

    def _with_assets(self, held: Held) -> Held:
        assets = tuple(_asset(row) for row in self._pages(f"releases/{held.id}/assets"))
        return replace(held, assets=assets)

    def _seen(self, tag: str) -> bool:
        try:
            self.github.get(f"git/ref/tags/{quote(tag)}")
        except Missing:
            return False
        return True

    def _all(self) -> list[Held]:
        return [_held(row) for row in self._pages("releases")]

    def _pages(self, path: str) -> Iterator[object]:
        number = 1
        while True:
            rows = cast("list[object]", self.github.get(f"{path}?per_page={_PAGE}&page={number}"))
            yield from rows
            if len(rows) < _PAGE:
                return
            number += 1


def _held(said: object) -> Held:
    try:
        row = cast("Mapping[str, object]", said)
        body = str(row.get("body") or "")
        return Held(
            id=int(str(row["id"])),
            tag=str(row["tag_name"]),
            draft=bool(row["draft"]),
            immutable=bool(row.get("immutable")),
            ours=MARK in body,
            run=run_of(body),
            upload=str(row["upload_url"]).partition("{")[0],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MachineError("GitHub answered something else than a release") from error


def _asset(said: object) -> HeldAsset:
    try:
        row = cast("Mapping[str, object]", said)
        kind, _, digest = str(row.get("digest") or "").partition(":")
        return HeldAsset(
            id=int(str(row["id"])),
            name=str(row["name"]),
            sha256=digest if kind == "sha256" else None,
            whole=row.get("state", "uploaded") == "uploaded",
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MachineError("GitHub answered something else than an asset") from error
