"""What a Linux binary may ask of the system: auditwheel's policies, glibc's versions, search paths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from piot.errors import listed
from piot.run.verify.elf import Elf
from piot.run.verify.tags import PlatformTag

_GLIBC = re.compile(r"GLIBC_(\d+)\.(\d+)(?:\.\d+)?")
# Symbol versions without a number that mark a feature of the loader, and the glibc that has it.
_FEATURES = {"GLIBC_ABI_DT_RELR": (2, 36)}
_LOADER = re.compile(r"ld-linux.*|ld64\.so\.[12]")
# musl's loader answers to libc.so (as zig and Rust link) and to Alpine's name (ldso/dynlink.c).
_MUSL_ARCH = {"i686": "x86", "armv7l": "armv7"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What every system of a platform tag has.

    ``libraries`` by soname; ``versions`` the symbol versions by prefix (``GLIBCXX``: ``3.4.19``);
    ``private`` symbols, by soname, that those libraries show but do not promise.
    """

    libraries: frozenset[str]
    versions: Mapping[str, frozenset[str]]
    private: Mapping[str, frozenset[str]]


@cache
def policy_of(family: str, version: tuple[int, int], arch: str) -> Policy | None:
    """auditwheel's newest policy that is not newer than the tag; None where the platform has none."""
    import json
    from importlib import resources

    text = resources.files("auditwheel").joinpath(f"policy/{family}-policy.json").read_text(encoding="utf-8")
    rows = [row for row in json.loads(text) if arch in row["symbol_versions"]]
    fitting = [(_version(row["name"]), row) for row in rows if _version(row["name"]) <= version]
    if not fitting:
        return None
    _, row = max(fitting, key=lambda pair: pair[0])
    libraries = set(row["lib_whitelist"])
    if family == "musllinux":
        libraries.add(f"libc.musl-{_MUSL_ARCH.get(arch, arch)}.so.1")
    return Policy(
        libraries=frozenset(libraries),
        versions={name: frozenset(known) for name, known in row["symbol_versions"][arch].items()},
        private={name: frozenset(symbols) for name, symbols in row["blacklist"].items()},
    )


def _version(name: str) -> tuple[int, int]:
    _, major, minor = name.split("_")
    return int(major), int(minor)


def policy_findings(where: str, elf: Elf, tag: PlatformTag, inside: frozenset[str]) -> Iterator[str]:
    """What ``elf`` asks for beyond the policy of its manylinux or musllinux ``tag`` (PEP 600, PEP 656).

    ``inside`` are the names of the libraries that the wheel brings itself.
    """
    policy = policy_of(tag.family, tag.version or (0, 0), tag.arch)
    if policy is None:
        yield f"No policy exists for {tag}, so {where} cannot be proven to run there."
        return
    if names := strangers(elf, policy, inside):
        yield f"{where} needs {listed(names)}, which {tag} does not promise and the wheel does not bring."
    for name in sorted(policy.private.keys() & {*elf.needed} - inside):
        if used := sorted(policy.private[name] & elf.undefined):
            yield f"{where} uses {listed(used)}, private to {name} or absent where {tag} begins."
    yield from _version_findings(where, elf, tag, policy)


def strangers(elf: Elf, policy: Policy, inside: frozenset[str] = frozenset()) -> list[str]:
    """The libraries that ``elf`` needs and neither the policy's systems nor ``inside`` have."""
    return sorted({name for name in elf.needed if not _LOADER.fullmatch(name)} - policy.libraries - inside)


def _version_findings(where: str, elf: Elf, tag: PlatformTag, policy: Policy) -> Iterator[str]:
    for (library, version), symbols in sorted(elf.versions.items()):
        prefix, _, number = version.partition("_")
        known = policy.versions.get(prefix)
        if prefix != "GLIBC" and known is not None and number not in known:
            yield f"{where} needs {version} of {library}{_for(symbols)}, which {tag} does not promise."
    if tag.family == "manylinux" and tag.version:
        yield from glibc_findings(where, elf, tag.version, str(tag))


def glibc_findings(where: str, elf: Elf, floor: tuple[int, int], claim: str) -> Iterator[str]:
    """The highest glibc version asked for, when ``claim`` allows only ``floor``; private ones always."""
    asked = [(_glibc(version), version, library) for library, version in elf.versions if _is_glibc(version)]
    highest = max(asked, default=None)
    if highest is not None and highest[0] > floor:
        _, version, library = highest
        symbols = elf.versions[library, version]
        allowed = f"{claim} allows at most GLIBC_{floor[0]}.{floor[1]}"
        yield f"{where} needs {version} of {library}{_for(symbols)}, {allowed}."


def _is_glibc(version: str) -> bool:
    return version.startswith("GLIBC_")


def _glibc(version: str) -> tuple[int, int]:
    """The glibc that has a version; GLIBC_PRIVATE and unknown features are newer than any."""
    found = _GLIBC.fullmatch(version)
    return (int(found[1]), int(found[2])) if found else _FEATURES.get(version, (999, 0))


def _for(symbols: tuple[str, ...]) -> str:
    return f" (for {listed(symbols, limit=4)})" if symbols else ""


def path_findings(where: str, elf: Elf) -> Iterator[str]:
    """Search paths (DT_RPATH, DT_RUNPATH) that are not relative to the file itself."""
    foreign = [path for path in elf.paths if not path.startswith(("$ORIGIN", "${ORIGIN}"))]
    if foreign:
        yield f"{where} searches libraries in {listed(foreign)}, expected only paths below $ORIGIN."
