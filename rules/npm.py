"""Packages of npm, built by their own scripts and packed by npm itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from piot.api import (
    Context,
    Label,
    NpmPackage,
    SourceFile,
    Sources,
    StringMap,
    TarballProof,
    npm,
    rule,
)


@dataclass(frozen=True)
class NpmPackageFiles:
    """A ``.tgz``, as ``npm pack`` makes it and a registry of npm takes it.

    Before, what the lock file pins is installed, and ``npm run build`` runs.

    directory: folder of package.json, relative to the repository root; the BUILD file's own when left out
    srcs: files that it is made of
    npm: registered name; the one in package.json when left out
    packages: the ``:package`` targets of the workspace's packages that it uses, whether published yet or not
    depends_on: targets that are released before it
    env: environment of its scripts
    tools: programs of this machine that its scripts may call, such as make
    """

    directory: str = ""
    srcs: Sources = Sources()
    npm: str = ""
    packages: tuple[Label, ...] = ()
    depends_on: tuple[Label, ...] = ()
    env: Mapping[str, str] = StringMap()
    tools: tuple[str, ...] = ()


@rule
def npm_package(ctx: Context, attrs: NpmPackageFiles) -> tuple[NpmPackage]:
    directory = attrs.directory or ctx.label.directory
    project = ctx.npm(directory)
    manifest = project.manifest
    npm.check_name(ctx, attrs.npm, manifest)
    parts = npm.prepared(ctx, project, [ctx.get(label, NpmPackage) for label in attrs.packages])
    lift, lines = npm.lifting(project)
    folder = npm.pack(
        ctx,
        directory,
        [*(SourceFile(path=path) for path in ctx.files(attrs.srcs)), *parts.inputs, *npm.rewritten(project)],
        TarballProof(name=manifest.name, version=manifest.version),
        support=(*parts.support, *lift),
        steps=(*parts.steps, *npm.runnable(manifest), *lines),
        environment={"TARGET": "noarch", "BUILD": "", **attrs.env},
        tools=[ctx.program(name) for name in attrs.tools],
        mnemonic="npm run build, npm pack" if manifest.builds else "npm pack",
    )
    return (NpmPackage(name=manifest.name, version=manifest.version, folder=folder),)
