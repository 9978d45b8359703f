"""The ids by which git knows contents: its own for what it has hashed, computed for what it has not."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from piot.effects import plumbing
from piot.model.history import EXECUTABLE, FILE, SYMLINK

BlobId = str
"""Mode and id of a file as one text: ``100644 e69de29…``."""

_STAGED = ("ls-files", "-s", "-z")
_SHA256_LENGTH = 64


def in_index(root: Path, environ: Mapping[str, str]) -> dict[str, BlobId]:
    """What git's index has, by path below ``root``; nothing where git keeps none.

    Records are ``<mode> <object> <stage>\\t<path>`` (git-ls-files(1)); of a conflict the last one counts.
    """
    written = plumbing.output(root, _STAGED, environ) if plumbing.repository(root) else None
    records = os.fsdecode(written or b"").split("\0")[:-1]
    end = records[0].index("\t") if records else 0  # of all of them: ids are as long, a stage is one digit
    return {record[end + 1 :]: record[: end - 2] for record in records}


def of_files(root: Path, paths: Iterable[str], *, like: BlobId = "") -> dict[str, BlobId]:
    """The ids that files have or would have in git, by reading them; what is no file or link is left out.

    ``like`` is an id of the repository, whose length says which hash it uses. Filters (``autocrlf``) are
    not applied: where they are used, a file that is the same for git may have another id here.
    """
    long = len(like.rpartition(" ")[2]) == _SHA256_LENGTH
    found: dict[str, BlobId] = {}
    for path in paths:
        place = os.path.join(root, path)  # noqa: PTH118 - may be thousands
        try:
            mode = os.lstat(place).st_mode
            if stat.S_ISLNK(mode):
                found[path] = f"{SYMLINK} {blob_id(os.fsencode(os.readlink(place)), long=long)}"  # noqa: PTH115
            elif stat.S_ISREG(mode):
                data = Path(place).read_bytes()
                shown = EXECUTABLE if mode & stat.S_IXUSR else FILE
                found[path] = f"{shown} {blob_id(data, long=long)}"
        except OSError:
            continue
    return found


def blob_id(data: bytes, *, long: bool = False) -> str:
    """The hex id of a blob with these bytes (git's *Git Objects*): SHA-1, or SHA-256 when ``long``."""
    from hashlib import sha1, sha256  # loads OpenSSL, and git has hashed most contents already

    hasher = sha256 if long else sha1
    return hasher(b"blob %d\0" % len(data) + data).hexdigest()
