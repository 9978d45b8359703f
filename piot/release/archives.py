"""Release archives in a folder: files that have their checksum beside them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from piot.effects.peek import files_like, read_if_there
from piot.errors import InputError
from piot.model.release.forge import Asset

_ENDINGS = (".tar.gz", ".tar.xz", ".zip")
_CHECKSUM = ".sha256"


def archives(folder: Path) -> tuple[tuple[Asset, ...], ...]:
    """Every archive with its checksum, below ``folder``, by name.

    Raises InputError for an archive that is not of its checksum, and for two different ones of one name.
    """
    found: dict[str, tuple[Asset, ...]] = {}
    faults: list[str] = []
    for checksum in files_like(folder, f"**/*{_CHECKSUM}"):
        path = checksum.with_name(checksum.name.removesuffix(_CHECKSUM))
        data = read_if_there(path) if path.name.endswith(_ENDINGS) else None
        if data is None:
            continue
        pair = (_asset(path, data), _asset(checksum, said := read_if_there(checksum) or b""))
        if said.decode("utf-8", "replace").split()[:1] != [pair[0].sha256]:
            faults.append(f"{path} is not what {checksum.name} says")
        other = found.setdefault(path.name, pair)
        if other[0].sha256 != pair[0].sha256:
            faults.append(f"{other[0].path} and {path} are different files of one name")
    if faults:
        raise InputError("archives are wrong, so nothing was sent:\n  " + "\n  ".join(faults))
    return tuple(found[name] for name in sorted(found))


def _asset(path: Path, data: bytes) -> Asset:
    return Asset(name=path.name, path=path, sha256=hashlib.sha256(data).hexdigest())
