"""The names of a checkout that command lines can hold: labels, packages, triples, profiles, rules.

For completion: quick, and nothing of the checkout runs but its BUILD files.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from piot.app.catalogs.catalog import read_catalog
from piot.app.session.where import Where
from piot.effects.git import find_root
from piot.model.platforms import PLATFORMS
from piot.model.python.pyproject import KNOWN_PYTHONS
from piot.model.rule import publishes

Named = tuple[str, str]
"""A name and what it is."""

PROFILES = ("dev", "release", "test", "bench")
"""Cargo's own (The Cargo Book, "Profiles")."""

ROLES = {"program": "Executable", "wheel": "Wheel", "test": "test"}
"""What a target must give (``model.provider``) or be."""


def patterns(word: str, where: Where, kind: str = "pattern") -> Iterator[Named]:
    """The patterns that begin like ``word``: full labels, and as it is begun also relative ones.

    ``kind`` leaves out the targets that are no ``program``, ``wheel`` or ``test``.
    """
    sign = "-" if word.startswith("-") else ""
    begun = word.removeprefix("-")
    if not begun.startswith(("/", ":")):
        yield from ((f"{sign}{name}", about) for name, about in packages(where))
    root = find_root(where.directory)
    relative = not begun.startswith("/") and (":" in begun or "/" in begun)
    for label, about in _labels(root, where, kind):
        shown = _relative(label, where.below(root)) if relative else label
        if shown is not None:
            yield f"{sign}{shown}", about
    folder = begun.rstrip(".")
    if kind != "program" and folder.startswith("//") and folder.endswith("/"):
        yield f"{sign}{folder}...", "all targets below"


def packages(where: Where) -> Iterator[Named]:
    """Names of packages and their kinds."""
    from piot.load import repository

    _, config, _ = repository.open_repository(where.directory, where.environ, where.config)
    yield from ((package.name, f"{package.kind} package") for package in config.packages)


def triples(where: Where) -> Iterator[Named]:
    """The two words, and the triples that packages declare, or all there are where none does."""
    from piot.load import repository

    yield "host", "this machine"
    yield "all", "every triple that is declared"
    _, config, _ = repository.open_repository(where.directory, where.environ, where.config)
    declared = {spec.triple.text for package in config.packages for spec in package.targets}
    yield from ((name, "") for name in sorted(declared or PLATFORMS))


def profiles(where: Where) -> Iterator[Named]:
    """Cargo's own profiles, and those of the root manifests."""
    from piot.load import repository

    read = repository.read_repository(
        *repository.open_repository(where.directory, where.environ, where.config)
    )
    own = {name for workspace in read.workspaces for name in workspace.profiles}
    yield from ((name, "") for name in dict.fromkeys((*PROFILES, *sorted(own))))


def pythons() -> Iterator[Named]:
    """The Pythons that piot knows."""
    yield from ((name, "") for name in KNOWN_PYTHONS)


def rules(where: Where) -> Iterator[Named]:
    """The rules that BUILD files can use."""
    from piot.app.rules import rules as known

    yield from ((schema.name, schema.doc.split("\n")[0]) for schema in known(where))


def _labels(root: Path, where: Where, kind: str) -> Iterator[Named]:
    catalog = read_catalog(root, where)
    wanted = ROLES.get(kind)
    for label, rule, roles in zip(catalog.labels, catalog.kinds, catalog.roles, strict=True):
        if wanted in roles or (wanted is None and not publishes(rule)):
            yield label, rule


def _relative(label: str, folder: str) -> str | None:
    """The label as one can write it in ``folder``; None when it is not below."""
    package, _, name = label.removeprefix("//").partition(":")
    if package == folder:
        return f":{name}"
    inside = package.removeprefix(f"{folder}/") if folder else package
    return f"{inside}:{name}" if inside != package or not folder else None
