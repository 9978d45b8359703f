"""``Cargo.lock`` as text: its packages, spelled as cargo spells them.

The rules are those of ``cargo::core::resolver::encode``: from format 2 on a dependency is a name, with its
version when the lock has several, with its source when it has several of one version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

LockId: TypeAlias = tuple[str, str, str | None]
"""Name, version and source (None for a crate of the repository)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockPackage:
    """One locked crate; ``checksum`` is the SHA-256 of its ``.crate``, None for paths and git sources."""

    name: str
    version: str
    source: str | None = None
    checksum: str | None = None
    replace: str | None = None
    dependencies: tuple[LockId, ...] = ()

    @property
    def id(self) -> LockId:
        return self.name, self.version, self.source


def bare(source: str | None) -> str | None:
    """A source as dependencies name it: without the exact git revision."""
    return source.partition("#")[0] if source else None


def render(form: int, packages: Sequence[LockPackage], unused: Sequence[LockPackage], original: str) -> str:
    """The lock as cargo writes it, below the first lines and with the line ends of ``original``."""
    head = original.replace("\r\n", "\n").partition("[[package]]")[0]
    names = Counter(name for name, _ in {(one.name, one.version) for one in packages})
    versions = Counter((one.name, one.version) for one in packages)

    def spelled(one: LockId) -> tuple[str, str, str]:
        full = form == 1
        version = one[1] if full or names[one[0]] > 1 or versions[one[:2]] > 1 else ""
        source = bare(one[2]) if full or versions[one[:2]] > 1 else None
        return one[0], version, f"({source})" if source else ""

    blocks = [_block("[[package]]", one, sorted(map(spelled, one.dependencies)), form) for one in packages]
    blocks += [_block("[[patch.unused]]", one, [], form) for one in unused]
    if form == 1:
        blocks.append(_metadata(packages))
    text = head + "\n".join(block for block in blocks if block)
    return text.replace("\n", "\r\n") if "\r\n" in original else text


def _block(header: str, one: LockPackage, wanted: Sequence[tuple[str, str, str]], form: int) -> str:
    lines = [header, f'name = "{one.name}"', f'version = "{one.version}"']
    lines += [f'source = "{one.source}"'] if one.source else []
    lines += [f'checksum = "{one.checksum}"'] if one.checksum and form > 1 else []
    if wanted:
        lines += ["dependencies = [", *(f' "{" ".join(filter(None, parts))}",' for parts in wanted), "]"]
    lines += [f'replace = "{one.replace}"'] if one.replace else []
    return "\n".join(lines) + "\n"


def _metadata(packages: Sequence[LockPackage]) -> str:
    rows = [
        f'"checksum {one.name} {one.version} ({bare(one.source)})" = "{one.checksum or "<none>"}"\n'
        for one in packages
        if one.source
    ]
    return "[metadata]\n" + "".join(rows) if rows else ""
