"""Whether crates.io takes a crate of this size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from piot.inspect.checks.crates import released
from piot.inspect.checks.globs import ignoring
from piot.inspect.view import View
from piot.model.cargo.facts import Crate
from piot.model.finding import Finding
from piot.model.tables import table_at, texts

MOST = 10 * 1024 * 1024
"""Bytes of a ``.crate`` that crates.io takes (The Cargo Book, *Publishing on crates.io*)."""


def sizes(view: View) -> Iterator[Finding]:
    """Crates that are too large packed; nothing is packed that is small enough as it is."""
    for package, _, crate in released(view):
        files = _packed(view, crate)
        if view.sizes(files) <= MOST or (size := view.packed(files)) <= MOST:
            continue
        yield view.at(
            "PIOT_CRATES_PACKAGE_TOO_LARGE",
            "error",
            f"its .crate has some {size / 1024 / 1024:.1f} MiB, and crates.io takes 10 MiB",
            crate.manifest,
            ("package",),
            package=package,
            fix='leave files out with exclude = ["…"], or name those that belong to it with include',
        )


def _packed(view: View, crate: Crate) -> Sequence[str]:
    """The files that cargo packs: those of the folder, but for other crates in it and what is left out."""
    prefix = "" if crate.directory == "." else f"{crate.directory}/"
    below = view.below(crate.directory)
    others = tuple(
        path.removesuffix("Cargo.toml")
        for path in below
        if path.endswith("/Cargo.toml") and path != crate.manifest
    )
    own = [path for path in below if not path.startswith(others)] if others else below
    package = table_at(view.documents.table(crate.manifest), "package")
    include, exclude = texts(package.get("include")), texts(package.get("exclude"))
    if include:
        kept = ignoring(include)
        return [path for path in own if path == crate.manifest or kept(path.removeprefix(prefix))]
    if exclude:
        out = ignoring(exclude)
        return [path for path in own if not out(path.removeprefix(prefix))]
    return own
