"""What rules over npm share: staged workspaces in which the real npm installs, builds and packs offline."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence

from piot.api.context import Context
from piot.api.npm_install import ENVIRONMENT, REPOSITORY, Installed, install, script, staged
from piot.api.npm_lift import lifting
from piot.api.npm_stage import Parts, before_publishing, permitted, prepared, runnable, siblings
from piot.model.action import Input, Output, SourceFile, Text
from piot.model.npm.project import NpmManifest, NpmProject
from piot.model.npm.release import released
from piot.model.proof import TarballProof
from piot.model.toolchain import SystemTool

__all__ = [
    "ENVIRONMENT",
    "REPOSITORY",
    "Installed",
    "Parts",
    "before_publishing",
    "check_name",
    "dumped",
    "install",
    "lifting",
    "pack",
    "permitted",
    "prepared",
    "released",
    "rewritten",
    "runnable",
    "siblings",
    "staged",
]


def pack(
    ctx: Context,
    directory: str,
    inputs: Sequence[Input],
    proof: TarballProof,
    *,
    support: Sequence[Input] = (),
    steps: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    tools: Sequence[SystemTool] = (),
    mnemonic: str = "npm pack",
    name: str = "",
) -> Output:
    """``npm pack`` in ``directory`` of a staged repository; gives the folder that holds just the ``.tgz``.

    ``inputs`` are files of the repository at their places in it, a ``package.json`` in ``directory`` among
    them; ``support`` stands beside the repository. ``steps`` are lines of shell that run in its root before.
    The scripts ``prepack``, ``prepare`` and ``postpack`` run. ``name`` tells several of one target apart.
    """
    lines = [*steps, f"cd {shlex.quote(directory)}", 'npm pack --pack-destination "$PIOT_ROOT/out"']
    (folder,) = ctx.run(
        ".piot/shims/pack",
        mnemonic=mnemonic,
        outputs=("out/",),
        inputs=(
            *_staged(inputs),
            *support,
            script("pack", ['mkdir -p "$PIOT_ROOT/out"', *lines]),
            SHELL,
        ),
        environment={**_PACKING, **(environment or {})},
        tools=(*ctx.node().tools, *tools),
        proofs={"out": proof},
        name=name,
    )
    return folder


_COUNTING = """\
#!/bin/sh
PIOT_NPM_DEPTH=$((${PIOT_NPM_DEPTH:-0} + 1))
export PIOT_NPM_DEPTH
if [ "$PIOT_NPM_DEPTH" -gt 16 ]; then
  echo "scripts of package.json call each other in a circle, at last $npm_lifecycle_event" >&2
  exit 1
fi
exec sh "$@"
"""
SHELL = Text(dest=".piot/shims/script-shell", content=_COUNTING.encode(), executable=True)
"""npm itself starts one script from the other until the memory ends."""
_PACKING = {**ENVIRONMENT, "npm_config_script_shell": f"%{{root}}/{SHELL.dest}"}


def rewritten(project: NpmProject) -> tuple[Text, ...]:
    """The package.json that is packed, where it is another than the one that stands there."""
    manifest = released(project)
    if manifest == project.manifest:
        return ()
    return (Text(dest=manifest.path, content=dumped(manifest.values).encode()),)


def check_name(ctx: Context, registered: str, manifest: NpmManifest) -> None:
    """Ends the build when package.json has another name than the registry is told."""
    if registered and registered != manifest.name:
        ctx.fail(
            f'{manifest.path} has the name "{manifest.name}", and its registered name is "{registered}"',
            hint=f'write "name": "{registered}", or correct `npm` in putitoutthere.toml',
        )


def dumped(values: Mapping[str, object]) -> str:
    """JSON as npm writes it."""
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def _staged(inputs: Sequence[Input]) -> list[Input]:
    """Each place once: what is named later counts. A ``.npmrc`` may hold credentials and is no source."""
    found = {_place(item): staged(item) for item in inputs}
    secret = {_place(item) for item in inputs if isinstance(item, SourceFile) and _is_settings(item.path)}
    return [item for place, item in found.items() if place not in secret or isinstance(item, Text)]


def _place(item: Input) -> str:
    return item.place if isinstance(item, SourceFile) else item.dest


def _is_settings(path: str) -> bool:
    return path.rpartition("/")[2] == ".npmrc"
