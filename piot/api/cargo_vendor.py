"""The third-party crates of a staged workspace: where they stand, and how cargo is told of it."""

from __future__ import annotations

from collections.abc import Sequence

from piot.model.action import Mount, Output, Text, Unpacked
from piot.model.cargo.facts import Crate, Workspace
from piot.model.cargo.lock_text import LockPackage
from piot.model.fetch import CargoGitFetch, CrateFetch

_CONFIG = """\
[source.crates-io]
replace-with = "piot"
{sources}
[source.piot]
directory = "%{{tool:vendor}}"

[net]
offline = true
"""
"""CARGO_HOME's config: every source of the lock file is the vendored one."""


def third_party(workspace: Workspace, reach: Sequence[Crate]) -> tuple[LockPackage, ...]:
    """All that the lock file has for these members; none without one."""
    lock = workspace.lock
    return () if lock is None else lock.third_party(tuple(crate.name for crate in reach))


def vendored(workspace: Workspace, reach: Sequence[Crate], siblings: Sequence[tuple[str, Output]]) -> Mount:
    """Every third-party crate that the lock file has for these members, and siblings beside them."""
    entries = [(f"{each.name}-{each.version}", _archive(each)) for each in third_party(workspace, reach)]
    entries += [(folder, Unpacked(archive=output, kind="crate")) for folder, output in siblings]
    return Mount(name="vendor", entries=tuple(sorted(entries, key=lambda entry: entry[0])))


def _archive(package: LockPackage) -> Unpacked:
    source = package.source or ""
    if package.checksum is None:
        return Unpacked(archive=CargoGitFetch.parse(package.name, source), kind="tar")
    fetch = CrateFetch(name=package.name, version=package.version, sha256=package.checksum, registry=source)
    return Unpacked(archive=fetch, kind="crate")


def config(workspace: Workspace, reach: Sequence[Crate]) -> Text:
    """Cargo's configuration: every source of the lock file is replaced by the vendored one."""
    sources = sorted({package.source or "" for package in third_party(workspace, reach)})
    text = _CONFIG.format(sources="".join(_replacement(source) for source in sources))
    return Text(dest=".piot/cargo/config.toml", content=text.encode())


def _replacement(source: str) -> str:
    """``[source]`` for one source of the lock file; crates.io's own is in the template already."""
    kind, _, address = source.partition("+")
    if kind == "git":
        place, _, query = address.partition("#")[0].partition("?")
        name, _, value = query.partition("=")
        which = f'{name} = "{value}"\n' if query else ""
        return f'[source."{source}"]\ngit = "{place}"\n{which}replace-with = "piot"\n'
    if address.endswith("/crates.io-index"):
        return ""
    registry = source if kind == "sparse" else address
    return f'[source."{source}"]\nregistry = "{registry}"\nreplace-with = "piot"\n'
