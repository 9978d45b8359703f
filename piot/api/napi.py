"""What rules over napi-rs share: its command line tool, pinned by the package's own lock file.

https://napi.rs/docs/cli/build, of version 3.
"""

from __future__ import annotations

from dataclasses import dataclass

from piot.api.context import Context
from piot.api.npm_install import unpack
from piot.model.action import Fetched, Mount, Text, Unpacked
from piot.model.npm.closure import NpmClosure, closure_of
from piot.model.npm.layout import lay_out
from piot.model.npm.locks import how_to_pin, read_lock
from piot.model.npm.napi import CLI, BuildOptions, arguments, options
from piot.model.npm.package_lock import MODULES, NpmLock, below
from piot.model.npm.project import NpmManifest
from piot.model.tables import as_table
from piot.model.triple import Triple

__all__ = ["BuildOptions", "NapiCli", "NapiSettings", "cli", "is_built_by", "settings"]

PROGRAM = "dist/cli.js"
"""What Node.js runs, in a package of version 3."""

UNPACK = """\
#!/bin/sh
set -e
umask 022
mkdir out
for archive in .piot/npm/packages/*.tgz; do
  IFS= read -r place < "${archive%.tgz}"
  mkdir -p "out/$place"
  tar -xzf "$archive" -C "out/$place" --strip-components 1
done
"""
"""As npm lays packages out: what is in the archive's one folder, whatever that is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NapiSettings:
    """What package.json says of its addon; the loader calls platform packages ``loader_family``."""

    binary_name: str
    loader_family: str
    options: BuildOptions

    def file(self, triple: Triple) -> str:
        """What napi-rs calls the addon for a platform."""
        return f"{self.binary_name}.{triple.napi}.node"


@dataclass(frozen=True, slots=True, kw_only=True)
class NapiCli:
    """The tool, mounted; ``script`` is what Node.js runs."""

    mount: Mount
    script: str


def settings(manifest: NpmManifest) -> NapiSettings:
    """Those of one package.json, with the defaults of the tool."""
    napi = as_table(manifest.values.get("napi"))
    return NapiSettings(
        binary_name=str(napi.get("name") or napi.get("binaryName") or "index"),
        loader_family=f"{napi.get('packageName') or manifest.name}-{{triple}}",
        options=options([*manifest.scripts.values()]),
    )


def cli(ctx: Context, directory: str) -> NapiCli:
    """The tool that the nearest lock file pins, unpacked; ends the build when there is none."""
    project = ctx.npm(directory)
    if project.lock is None and not project.rivals:
        ctx.fail(f"no lock file for {directory} pins {CLI}", hint=how_to_pin(project, CLI))
    lock = read_lock(project, Triple.parse(ctx.host))
    importer = below(project.root, directory)
    if isinstance(lock, NpmLock):
        return _placed(ctx, closure_of(CLI, lock, importer))
    graph = lock.only(importer, CLI)
    key = graph.importers[""].packages[CLI]
    _check_version(ctx, graph.packages[key].fetch.version)
    layout = lay_out(graph)
    folder = unpack(ctx, graph, layout, "napi-cli", "out")
    mount = Mount(name="napi", entries=(("", Unpacked(archive=folder, kind="tree")),))
    place = layout.places[key].removeprefix(MODULES)
    return NapiCli(mount=mount, script=f"%{{tool:napi}}/{place}/{PROGRAM}")


def _placed(ctx: Context, closure: NpmClosure) -> NapiCli:
    """The tool where npm itself would have it."""
    _check_version(ctx, closure.version)
    files: list[Fetched | Text] = []
    for index, (place, fetch) in enumerate(closure.packages):
        files.append(Fetched(archive=fetch, dest=f".piot/npm/packages/{index}.tgz"))
        files.append(Text(dest=f".piot/npm/packages/{index}", content=f"{place}\n".encode()))
    script = Text(dest=".piot/shims/unpack", content=UNPACK.encode(), executable=True)
    (folder,) = ctx.run(
        script.dest, mnemonic=f"{CLI}", outputs=("out/",), inputs=(script, *files), name="napi-cli"
    )
    mount = Mount(name="napi", entries=(("", Unpacked(archive=folder, kind="tree")),))
    program = closure.programs.get("napi", PROGRAM)
    return NapiCli(mount=mount, script=f"%{{tool:napi}}/{closure.place}/{program}")


def _check_version(ctx: Context, version: str) -> None:
    if version.partition(".")[0] != "3":
        ctx.fail(f"{CLI} {version} is pinned, and version 3 is needed", hint=f"update {CLI}")


def is_built_by(manifest: NpmManifest) -> bool:
    """Whether the script ``build`` is what makes the addon, which piot does itself."""
    return arguments(manifest.scripts.get("build", "")) is not None
