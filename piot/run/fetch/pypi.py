"""Pinned wheels, through pip: its indexes, proxies, certificates and keyrings are the user's own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from piot.effects.peek import files_like, read_if_there, scratch_folder
from piot.effects.pip_config import pip
from piot.errors import MachineError
from piot.model.fetch import PypiFetch
from piot.model.python.wheel_tags import tags_of

_DOWNLOAD = [
    "download",
    "--no-deps",
    "--only-binary",
    ":all:",
    "--require-hashes",
    "--ignore-requires-python",
]


def download(spec: PypiFetch, *, env: Mapping[str, str]) -> bytes:
    """The wheel with the pinned hash; raises MachineError when pip cannot get it."""
    pinned = f"{spec.project}=={spec.version} --hash=sha256:{spec.sha256}\n"
    with scratch_folder({"pinned.txt": pinned.encode()}) as folder:
        argv = [*_DOWNLOAD, *pip_target(spec.filename), "--dest", "wheels", "-r", "pinned.txt"]
        done = pip(argv, folder=folder, env=env)
        for path in files_like(folder, "wheels/*.whl"):
            data = read_if_there(path) or b""
            if hashlib.sha256(data).hexdigest() == spec.sha256:
                return data
    raise MachineError(
        f"pip could not get {spec}:\n{done.complaint}",
        hint="see `pip config list` for the index in use; `piot lock` pins files that it has",
    )


def pip_target(filename: str) -> tuple[str, ...]:
    """The options that make pip take a wheel of this name, whatever machine pip runs on.

    Raises InputError when the name is not that of a wheel (PEP 427).
    """
    tags = sorted(tags_of(filename), key=str)
    tag = tags[-1]
    implementation, version = tag.interpreter[:2], tag.interpreter[2:]
    if implementation == "py" and version in ("2", "3"):
        # Any version of that Python will do; a number alone would mean its .0.
        version = f"{version}.7"
    platforms = [text for name in sorted({tag.platform for tag in tags}) for text in ("--platform", name)]
    chosen = ("--implementation", implementation, "--python-version", version, "--abi", tag.abi)
    return (*platforms, *chosen)
