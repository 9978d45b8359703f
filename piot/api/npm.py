"""What rules over npm share: staged folders in which the real npm packs, without network.

Everything of the repository stands below ``repo/``, so that npm, which packs all that it is not told to
leave out, never sees what piot puts beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from piot.api.context import Context
from piot.model.action import Fetched, Input, Mount, Output, Produced, SourceFile, Text
from piot.model.proof import TarballProof

__all__ = ["ENVIRONMENT", "REPOSITORY", "below", "pack"]

REPOSITORY = "repo"
"""Where the repository's files stand in the exec root."""

ENVIRONMENT = {
    "npm_config_audit": "false",
    "npm_config_cache": "%{root}/.piot/npm/cache",
    "npm_config_fund": "false",
    "npm_config_globalconfig": "%{root}/.piot/npm/globalconfig",
    "npm_config_logs_max": "0",
    "npm_config_offline": "true",
    "npm_config_progress": "false",
    "npm_config_update_notifier": "false",
    "npm_config_userconfig": "%{root}/.piot/npm/userconfig",
}
"""npm without network, and without the cache and settings of the person who runs it (npm docs, *config*)."""

PACK = """\
#!/bin/sh
set -e
umask 022
mkdir -p "$PIOT_ROOT/out"
cd "$PIOT_ROOT/$1"
npm pack --pack-destination "$PIOT_ROOT/out"
"""
"""npm keeps the modes of files, so that what scripts make must not depend on the caller's umask."""


def pack(
    ctx: Context,
    directory: str,
    inputs: Sequence[Input],
    proof: TarballProof,
    *,
    environment: Mapping[str, str] | None = None,
    mounts: Sequence[Mount] = (),
    name: str = "",
) -> Output:
    """``npm pack`` in ``directory`` of a staged repository; gives the folder that holds just the ``.tgz``.

    ``inputs`` are the files of the repository at their places in it, a ``package.json`` in ``directory``
    among them. Its scripts (``prepack``, ``prepare``, ``postpack``) run. ``name`` tells several of one
    target apart.
    """
    script = Text(dest=".piot/shims/pack", content=PACK.encode(), executable=True)
    (folder,) = ctx.run(
        script.dest,
        f"{REPOSITORY}/{directory}",
        mnemonic="npm pack",
        outputs=("out/",),
        inputs=(*(below(REPOSITORY, each) for each in inputs), script),
        environment={**ENVIRONMENT, **(environment or {})},
        mounts=mounts,
        tools=ctx.node().tools,
        proofs={"out": proof},
        name=name,
    )
    return folder


def below(folder: str, item: Input) -> Input:
    """The same input, staged in a folder."""
    match item:
        case SourceFile():
            return replace(item, dest=f"{folder}/{item.place}")
        case Text() | Produced() | Fetched():
            return replace(item, dest=f"{folder}/{item.dest}")
