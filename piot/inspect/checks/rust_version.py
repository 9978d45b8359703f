"""Whether the Rust that is pinned, and the crates that are depended on, go with ``rust-version``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from piot.inspect.cargo import inherited, reach
from piot.inspect.view import View
from piot.model.cargo.facts import Crate
from piot.model.finding import Finding
from piot.model.package import Package
from piot.model.tables import table_at

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
TOOLCHAINS = ("rust-toolchain.toml", "rust-toolchain")


def rust_versions(view: View) -> Iterator[Finding]:
    """``rust-version`` of every released crate, beside the toolchain and beside its dependencies.

    Cargo refuses to compile a crate that asks for a later Rust (The Cargo Book, *The rust-version field*).
    """
    pinned, file = _pinned(view)
    for folder, package in view.owners.items():
        crate = view.crate(folder)
        asked = _asked(view, crate) if crate else None
        if crate is None or asked is None:
            continue
        if pinned is not None and pinned < asked[: len(pinned)]:
            yield view.at(
                "PIOT_CRATES_RUST_VERSION",
                "error",
                f"it asks for Rust {_said(asked)}, but {file} pins {_said(pinned)}",
                crate.manifest,
                ("package", "rust-version"),
                package=package,
                fix=f'write one Rust into both, as channel = "{_said(asked)}" into {file}',
            )
        yield from _promised(view, package, crate, asked)


def _promised(view: View, package: Package, crate: Crate, asked: _Version) -> Iterator[Finding]:
    """What a crate depends on asks for no later Rust than the crate itself."""
    for other in reach(view, crate.directory):
        needs = _asked(view, other)
        if needs is not None and needs > asked:
            yield view.at(
                "PIOT_CRATES_RUST_VERSION",
                "warning",
                f"it promises Rust {_said(asked)}, but {other.name} asks for {_said(needs)}",
                crate.manifest,
                ("package", "rust-version"),
                package=package,
                fix=f'write rust-version = "{_said(needs)}", or lower that of {other.manifest}',
            )


_Version: TypeAlias = tuple[int, ...]
"""Two numbers or three; a channel of two is the last release of that minor version."""


def _asked(view: View, crate: Crate) -> _Version | None:
    value = inherited(view, crate, "rust-version")
    return _parsed(value) if isinstance(value, str) else None


def _pinned(view: View) -> tuple[_Version | None, str]:
    """The Rust that the checkout's root pins (The rustup book, *Overrides*), and where."""
    for file in TOOLCHAINS:
        text = view.documents.text(file)
        if text is None:
            continue
        channel = table_at(view.documents.table(file), "toolchain").get("channel", text.strip())
        return (_parsed(channel) if isinstance(channel, str) else None), file
    return None, ""


def _parsed(text: str) -> _Version | None:
    match = _VERSION.fullmatch(text)
    return tuple(int(part) for part in match.groups() if part is not None) if match else None


def _said(version: _Version) -> str:
    return ".".join(map(str, version))
