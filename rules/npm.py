"""Packages of npm, packed by npm itself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from piot.api import Context, Label, NpmPackage, SourceFile, Sources, StringMap, TarballProof, npm, rule


@dataclass(frozen=True)
class NpmPackageFiles:
    """A ``.tgz``, as ``npm pack`` makes it and a registry of npm takes it.

    directory: folder of package.json, relative to the repository root; the BUILD file's own when left out
    srcs: files that it is made of
    depends_on: targets that are released before it
    env: environment of its scripts
    """

    directory: str = ""
    srcs: Sources = Sources()
    depends_on: tuple[Label, ...] = ()
    env: Mapping[str, str] = StringMap()


@rule
def npm_package(ctx: Context, attrs: NpmPackageFiles) -> tuple[NpmPackage]:
    directory = attrs.directory or ctx.label.package or "."
    manifest = _manifest(ctx, directory)
    name, version = manifest["name"], manifest["version"]
    folder = npm.pack(
        ctx,
        directory,
        [SourceFile(path=path) for path in ctx.files(attrs.srcs)],
        TarballProof(name=name, version=version),
        environment=attrs.env,
    )
    return (NpmPackage(name=name, version=version, folder=folder),)


def _manifest(ctx: Context, directory: str) -> dict[str, Any]:
    path = "package.json" if directory == "." else f"{directory}/package.json"
    text = ctx.text(path)
    if text is None:
        ctx.fail(f"no {path}")
    manifest: dict[str, Any] = json.loads(text)
    return manifest
