"""What the scripts of an npm package find beside its own files: third-party packages, and its siblings."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from piot.api.context import Context
from piot.api.npm_install import install
from piot.api.npm_stand_in import FOLDER, stand_in
from piot.model.action import Input, Produced, SourceFile, Text
from piot.model.npm.graph import NpmGraph
from piot.model.npm.locks import AnyLock
from piot.model.npm.package_lock import MODULES, below
from piot.model.npm.project import NpmManifest, NpmProject
from piot.model.provider import NpmPackage
from piot.model.rule import Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a package is built from beside its own files: see `pack`."""

    inputs: tuple[Input, ...] = ()
    support: tuple[Input, ...] = ()
    steps: tuple[str, ...] = ()


def prepared(
    ctx: Context, project: NpmProject, packages: Sequence[NpmPackage], *, build: bool = True
) -> Parts:
    """What the scripts of a package need: third-party packages, and those of the workspace that it uses.

    Of the workspace's own packages, those in ``packages`` are unpacked from what would be published of
    them; others are staged with their sources and built by their own script. Nothing when no script runs.
    Without ``build``, its own script ``build`` does not.
    """
    manifest = project.manifest
    root = project.members.get(project.root, manifest)
    allowed = permitted(manifest)
    if not (manifest.builds or manifest.bundles):
        return Parts(steps=tuple(allowed))
    support: list[Input] = [*stand_in(project)]
    allowed += [f'export PATH="$PATH:$PIOT_ROOT/{FOLDER}"'] if support else []
    steps = [*(_build(manifest) if build else ()), *before_publishing(manifest)]
    if not (manifest.needs() or root.needs()):
        return Parts(inputs=_settings(project), support=tuple(support), steps=(*allowed, *steps))
    installed = install(ctx, project)
    if manifest.bundles and isinstance(installed.lock, NpmGraph):
        hint = "commit a package-lock.json, and name npm in packageManager"
        ctx.fail(f"{manifest.path} has bundleDependencies, which only npm can pack", hint=hint)
    used = siblings(project, installed.lock)
    beside = _beside(ctx, used, {each.name: each for each in packages})
    links = [*_links(installed.links, used), *_outer(installed.outer, (manifest, *used))]
    return Parts(
        inputs=(*installed.inputs, *_settings(project), *beside.inputs),
        support=(*support, *beside.support),
        steps=(*allowed, *links, *_programs(project, used), *beside.steps, *steps),
    )


def _beside(ctx: Context, used: Sequence[NpmManifest], released: Mapping[str, NpmPackage]) -> Parts:
    """The packages of the workspace that a package uses, ready to be used."""
    inputs, support, steps = list[Input](), list[Input](), list[str]()
    for number, sibling in enumerate(used):
        if sibling.name in released:
            place = f".piot/npm/packages/{number}"
            support.append(Produced(output=released[sibling.name].folder, dest=place))
            steps += _unpack(place, sibling)
        else:
            files = ctx.files(Sources(globs=(f"{sibling.directory}/**",)))
            inputs += [SourceFile(path=path) for path in files]
            steps += _build(sibling)
        steps += runnable(sibling)
    return Parts(inputs=tuple(inputs), support=tuple(support), steps=tuple(steps))


def _unpack(place: str, manifest: NpmManifest) -> list[str]:
    folder = shlex.quote(manifest.directory)
    unpack = f'tar -xzf "$PIOT_ROOT/{place}"/*.tgz --strip-components 1 -C {folder}'
    return [f"mkdir -p {folder}", unpack]


def runnable(manifest: NpmManifest) -> list[str]:
    """Lines that make its programs executable, as npm does where it links them."""
    files = [posixpath.join(manifest.directory, path) for path in manifest.programs().values()]
    return (
        [f'for file in {shlex.join(files)}; do [ ! -f "$file" ] || chmod +x "$file"; done'] if files else []
    )


def permitted(manifest: NpmManifest) -> list[str]:
    """A line without which npm does nothing in a package that wants another package manager."""
    return ["export npm_config_force=true"] if manifest.managers and "npm" not in manifest.managers else []


def before_publishing(manifest: NpmManifest) -> list[str]:
    """The script ``prepublishOnly``, which npm runs before it packs what it publishes itself.

    Nobody else would run it: a ``.tgz`` is published as it is (npm docs, *scripts*). That of napi-rs would
    publish the platform packages.
    """
    script = manifest.scripts.get("prepublishOnly")
    if script is None or "napi pre" in script:
        return []
    return [f"(cd {shlex.quote(manifest.directory)} && npm run prepublishOnly)"]


def _build(manifest: NpmManifest) -> list[str]:
    folder = shlex.quote(manifest.directory)
    return [f"(cd {folder} && npm run build --if-present)"] if manifest.builds else []


def siblings(project: NpmProject, lock: AnyLock) -> tuple[NpmManifest, ...]:
    """The packages of the workspace that this one uses, dependencies first; circles are cut at their end."""
    found: dict[str, NpmManifest] = {}
    seen = {project.directory}

    def visit(directory: str) -> None:
        for name in sorted(project.members[directory].needs()):
            folder = lock.linked(below(project.root, directory), name)
            place = None if folder is None else project.place(folder)
            if place is not None and place not in seen and place in project.members:
                seen.add(place)
                visit(place)
                found[place] = project.members[place]

    visit(project.directory)
    return tuple(found.values())


def _settings(project: NpmProject) -> tuple[Input, ...]:
    """The root's manifest and npm's settings, which its scripts look at too."""
    root = project.members.get(project.root)
    manifest = () if root is None else (SourceFile(path=root.path),)
    text = Text(dest=project.place(".npmrc"), content=project.settings.encode())
    return (*manifest, *((text,) if project.settings else ()))


def _links(links: Mapping[str, str], used: Sequence[NpmManifest]) -> list[str]:
    """The links to the packages that are there."""
    there = {each.directory for each in used}
    return [_link(place, folder) for place, folder in sorted(links.items()) if folder in there]


def _outer(links: Mapping[str, str], there: Sequence[NpmManifest]) -> list[str]:
    """The links that packages which are there have in folders of their own."""
    folders = {each.directory for each in there}
    return [
        _link(place, target)
        for place, target in sorted(links.items())
        if place.partition(f"/{MODULES}")[0] in folders
    ]


def _programs(project: NpmProject, used: Sequence[NpmManifest]) -> list[str]:
    """Programs of the workspace's own packages, where scripts find them."""
    folder = project.place("node_modules/.bin")
    return [
        _link(f"{folder}/{name}", posixpath.normpath(posixpath.join(each.directory, path)))
        for each in used
        for name, path in sorted(each.programs().items())
    ]


def _link(place: str, target: str) -> str:
    folder = posixpath.dirname(place)
    return f"mkdir -p {shlex.quote(folder)} && " + shlex.join(
        ["ln", "-sfn", posixpath.relpath(target, folder), place]
    )
