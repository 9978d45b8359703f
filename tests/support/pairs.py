"""Two checkouts to which the same happens, of which one is built as if nothing were ever kept."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from piot.app.build import build
from piot.app.building.repeat import Repeat
from piot.app.building.request import BuildRequest
from piot.app.session.where import Where
from piot.errors import PiotError
from piot.model.report import BuildReport
from tests.support.checkout import Checkout
from tests.support.twins import Does

KEPT = ("repeat", "plans", "files", "file-names", "build-files", "index", "index-parts")
"""What `.piot` has of earlier builds, but for what explains them."""


@dataclass(kw_only=True)
class Pair:
    """``short`` is built as a command does it, ``long`` as if nothing were kept."""

    short: Checkout
    long: Checkout

    def each(self, *steps: Does) -> None:
        for step in steps:
            for name in ("short", "long"):
                found = step(getattr(self, name))
                if isinstance(found, Checkout):
                    setattr(self, name, found)

    def agree(self, what: str, **options: Any) -> None:
        """Builds both; the results must be the same."""
        short = told(self.short, options)
        for name in KEPT:
            place = self.long.root / ".piot" / name
            shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
        assert short == told(self.long, options), what

    def tell(self, story: Sequence[Does], **options: Any) -> None:
        """Builds twice, so that all is kept, and after every step."""
        for number in range(2):
            self.agree(f"build {number}", **options)
        for number, step in enumerate(story):
            self.each(step)
            self.agree(f"step {number}", **options)


def told(it: Checkout, options: dict[str, Any]) -> object:
    """The results of a build as a command does it, and all files."""
    options = {"sandbox": "dir", "keep_going": True, "patterns": ("//:all",), **options}
    if "out" in options:
        options["out"] = it.root / options["out"]
    request = BuildRequest(**options)
    place = Where(directory=it.root, environ=it.environ)
    try:
        repeat = Repeat(request, place)
        report = repeat.answer() or build(request, place, lambda _: None, repeat)
    except PiotError as error:
        return type(error), files(it)
    return results(report), files(it)


def results(report: BuildReport) -> object:
    return report.ok, [(str(each), each.status, each.key, each.outputs) for each in report.targets]


def files(it: Checkout) -> dict[str, object]:
    """All that stands in the checkout."""
    own = {".git", ".piot", "store", "probes"}
    found = [path for path in it.root.rglob("*") if not own.intersection(path.parts)]
    return {
        str(path.relative_to(it.root)): path.readlink()
        if path.is_symlink()
        else (path.read_bytes(), path.stat().st_mode & 0o777)
        for path in found
        if path.is_symlink() or path.is_file()
    }
