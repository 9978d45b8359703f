"""The names of a checkout that command lines can hold: labels, packages, triples, profiles, rules.

For completion: quick, and nothing of the checkout runs but its BUILD files.
"""

from __future__ import annotations

from collections.abc import Iterator

from piot.app.where import Where
from piot.load import repository
from piot.load.repository import Repository
from piot.model.label import Label
from piot.model.platforms import PLATFORMS
from piot.model.provider import Executable, Wheel
from piot.model.pyproject import KNOWN_PYTHONS

Named = tuple[str, str]
"""A name and what it is."""

PROFILES = ("dev", "release", "test", "bench")
"""Cargo's own (The Cargo Book, "Profiles")."""

PROVIDES = {"program": Executable.__name__, "wheel": Wheel.__name__}


def patterns(word: str, where: Where, kind: str = "pattern") -> Iterator[Named]:
    """The patterns that begin like ``word``: full labels, and as it is begun also relative ones.

    ``kind`` leaves out the targets that are no ``program``, ``wheel`` or ``test``.
    """
    sign = "-" if word.startswith("-") else ""
    begun = word.removeprefix("-")
    if not begun.startswith(("/", ":")):
        yield from ((f"{sign}{name}", about) for name, about in packages(where))
    relative = not begun.startswith("/") and (":" in begun or "/" in begun)
    for label, about in _labels(where, kind):
        shown = _relative(label, _here(where)) if relative else str(label)
        if shown is not None:
            yield f"{sign}{shown}", about
    folder = begun.rstrip(".")
    if kind != "program" and folder.startswith("//") and folder.endswith("/"):
        yield f"{sign}{folder}...", "all targets below"


def packages(where: Where) -> Iterator[Named]:
    """Names of packages and their kinds."""
    _, config, _ = repository.open_repository(where.directory, where.environ, where.config)
    yield from ((package.name, f"{package.kind} package") for package in config.packages)


def triples(where: Where) -> Iterator[Named]:
    """The two words, and the triples that packages declare, or all there are where none does."""
    yield "host", "this machine"
    yield "all", "every triple that is declared"
    _, config, _ = repository.open_repository(where.directory, where.environ, where.config)
    declared = {spec.triple.text for package in config.packages for spec in package.targets}
    yield from ((name, "") for name in sorted(declared or PLATFORMS))


def profiles(where: Where) -> Iterator[Named]:
    """Cargo's own profiles, and those of the root manifests."""
    own = {name for workspace in _read(where).workspaces for name in workspace.profiles}
    yield from ((name, "") for name in dict.fromkeys((*PROFILES, *sorted(own))))


def pythons() -> Iterator[Named]:
    """The Pythons that piot knows."""
    yield from ((name, "") for name in KNOWN_PYTHONS)


def rules(where: Where) -> Iterator[Named]:
    """The rules that BUILD files can use."""
    from piot.app.rules import rules as known

    yield from ((schema.name, schema.doc.split("\n")[0]) for schema in known(where))


def _labels(where: Where, kind: str) -> Iterator[tuple[Label, str]]:
    graph = repository.load_graph(_read(where))
    wanted = PROVIDES.get(kind)
    for target in graph.targets:
        schema = graph.schema(target.label)
        if (wanted is None or wanted in schema.provides) and (kind != "test" or schema.test):
            yield target.label, schema.name


def _read(where: Where) -> Repository:
    opened = repository.open_repository(where.directory, where.environ, where.config)
    return repository.read_repository(*opened)


def _here(where: Where) -> str:
    reader, _, _ = repository.open_repository(where.directory, where.environ, where.config)
    return where.below(reader.root)


def _relative(label: Label, folder: str) -> str | None:
    """The label as one can write it in ``folder``; None when it is not below."""
    if label.package == folder:
        return f":{label.name}"
    inside = label.package.removeprefix(f"{folder}/") if folder else label.package
    return f"{inside}:{label.name}" if inside != label.package or not folder else None
