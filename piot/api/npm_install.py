"""Third-party packages of a workspace of npm, installed from the files that its lock file pins alone.

Everything of the repository stands below ``repo/``, so that npm, which packs all that it is not told to
leave out, never sees what piot puts beside it.
"""

from __future__ import annotations

import json
import posixpath
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from piot.api import npm_patch
from piot.api.context import Context
from piot.api.npm_lay import SCRIPT, plan_text
from piot.model.action import Fetched, Input, Output, Produced, SourceFile, Text
from piot.model.fetch import NpmFetch
from piot.model.npm.closure import closure_of
from piot.model.npm.graph import NpmGraph
from piot.model.npm.layout import NpmLayout, lay_out
from piot.model.npm.locks import AnyLock, read_lock
from piot.model.npm.package_lock import NOWHERE, NpmLock, below
from piot.model.npm.project import NpmProject, manifest_path
from piot.model.rule import Sources
from piot.model.triple import Triple

REPOSITORY = "repo"
"""Where the repository's files stand in the exec root."""

CACHE = ".piot/npm/cache"

ENVIRONMENT = {
    "npm_config_audit": "false",
    "npm_config_cache": f"%{{root}}/{CACHE}",
    "npm_config_fund": "false",
    "npm_config_globalconfig": "%{root}/.piot/npm/globalconfig",
    "npm_config_logs_max": "0",
    "npm_config_offline": "true",
    "npm_config_progress": "false",
    "npm_config_registry": f"{NOWHERE}/",
    "npm_config_update_notifier": "false",
    "npm_config_userconfig": "%{root}/.piot/npm/userconfig",
}
"""npm without network, and without the cache and settings of the person who runs it (npm docs, *config*)."""

HEAD = """\
#!/bin/sh
set -e
umask 022
cd "$PIOT_ROOT/repo"
"""
"""npm keeps the modes of files, so that what scripts make must not depend on the caller's umask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """The ``node_modules`` of a workspace, at their places in the repository.

    ``links`` are links to packages of the workspace, folder by place, which no folder can hold, and ``outer``
    those of its packages to what stands in the root's ``node_modules``.
    """

    lock: AnyLock
    inputs: tuple[Input, ...]
    links: Mapping[str, str]
    outer: Mapping[str, str]


def install(ctx: Context, project: NpmProject) -> Installed:
    """Packages from pinned files alone, as the lock file has them; their scripts do not run.

    All packages of a workspace share the result: it depends on what they ask for and on the lock file,
    not on their own files and versions. Raises Problems when nothing can be installed from the lock file.
    """
    lock = read_lock(project, Triple.parse(ctx.host))
    return _clean(ctx, project, lock) if isinstance(lock, NpmLock) else _laid_out(ctx, project, lock)


def _clean(ctx: Context, project: NpmProject, lock: NpmLock) -> Installed:
    """By ``npm ci``, which finds everything in a cache made for it."""
    links = {project.place(place): project.place(folder) for place, folder in lock.links.items()}
    folders = [project.place(folder) for folder in lock.folders]
    lines = [f"mkdir -p {shlex.join(folders)}", f"cd {shlex.quote(project.root)}", "npm ci --ignore-scripts"]
    lines += [f'cd "$PIOT_ROOT/{REPOSITORY}"', f"rm -f {shlex.join(links)}"] if links else []
    outputs = [f"{REPOSITORY}/{folder}/" for folder in folders]
    made = ctx.run(
        ".piot/shims/install",
        mnemonic="npm ci",
        name="install",
        outputs=outputs,
        inputs=(*_skeleton(project, lock), *_cache(lock), script("install", lines)),
        environment=ENVIRONMENT,
        tools=ctx.node().tools,
    )
    inputs = tuple(Produced(output=each, dest=folder) for each, folder in zip(made, folders, strict=True))
    return Installed(lock=lock, inputs=inputs, links=links, outer={})


def _laid_out(ctx: Context, project: NpmProject, graph: NpmGraph) -> Installed:
    """At places that piot chooses, since npm reads no other tool's lock file."""
    layout, place = lay_out(graph), project.place
    folder = place("node_modules")
    made = unpack(ctx, graph, layout, "install", f"{REPOSITORY}/{project.root}")
    return Installed(
        lock=graph,
        inputs=(Produced(output=made, dest=folder),),
        links={place(at): place(to) for at, to in layout.workspace.items()},
        outer={place(at): place(to) for at, to in layout.outer.items()},
    )


def unpack(ctx: Context, graph: NpmGraph, layout: NpmLayout, name: str, root: str) -> Output:
    """The ``node_modules`` that has the packages of ``graph``, below ``root`` of the exec root."""
    folder = posixpath.normpath(f"{root}/node_modules")
    shim = (
        f"#!/bin/sh\nset -e\numask 022\nmkdir -p {shlex.quote(folder)}\ncd {shlex.quote(root)}\n"
        'exec node "$PIOT_ROOT/.piot/npm/install.cjs" "$PIOT_ROOT/.piot/npm/packages/plan.json"\n'
    )
    texts = {"install.cjs": SCRIPT, "packages/plan.json": plan_text(graph, layout, Triple.parse(ctx.host))}
    patches = _patches(ctx, graph)
    texts |= {"patch.cjs": npm_patch.SCRIPT} if patches else {}
    (made,) = ctx.run(
        ".piot/shims/install",
        mnemonic=f"install {posixpath.basename(graph.path)}",
        name=name,
        outputs=(f"{folder}/",),
        inputs=(
            Text(dest=".piot/shims/install", content=shim.encode(), executable=True),
            *(Text(dest=f".piot/npm/{path}", content=text.encode()) for path, text in texts.items()),
            *(
                Fetched(archive=each.fetch, dest=f".piot/npm/packages/{number}.tgz")
                for number, each in enumerate(graph.packages.values())
            ),
            *patches,
        ),
        tools=ctx.node().tools,
    )
    return made


def _patches(ctx: Context, graph: NpmGraph) -> list[SourceFile]:
    """The patches of packages, each beside its archive; ends the build where one is missing."""
    found = [(number, each.patch) for number, each in enumerate(graph.packages.values()) if each.patch]
    for _, path in found:
        if not ctx.files(Sources(globs=(path,))):
            ctx.fail(f"{graph.path} names the patch {path}, which is not there", hint="commit it")
    return [SourceFile(path=path, dest=f".piot/npm/packages/{number}.patch") for number, path in found]


def staged(item: Input) -> Input:
    """An input at its place in the staged repository."""
    match item:
        case SourceFile():
            return SourceFile(path=item.path, dest=f"{REPOSITORY}/{item.place}")
        case Text() | Produced() | Fetched():
            return replace(item, dest=f"{REPOSITORY}/{item.dest}")


def third_party(ctx: Context, project: NpmProject, names: Collection[str]) -> tuple[NpmFetch, ...]:
    """The packages that those of the workspace called ``names`` need when they run, as they are pinned."""
    asked = [
        (below(project.root, member.directory), name)
        for member in project.members.values()
        if member.name in names
        for name in member.needs("dependencies", "peerDependencies")
        if name not in names
    ]
    if not asked:
        return ()
    lock = read_lock(project, Triple.parse(ctx.host))
    wanted = [(importer, name) for importer, name in asked if lock.linked(importer, name) is None]
    found = {each for importer, name in wanted for each in _closure(lock, importer, name, ctx.host)}
    return tuple(sorted(found, key=lambda each: (each.name, each.version)))


def _closure(lock: AnyLock, importer: str, name: str, host: str) -> Iterable[NpmFetch]:
    if isinstance(lock, NpmLock):
        return (each for _, each in closure_of(name, lock, importer).packages)
    return (each.fetch for each in lock.only(importer, name).on(Triple.parse(host)).packages.values())


def _skeleton(project: NpmProject, lock: NpmLock) -> list[Input]:
    """Reduced manifests, the lock file and npm's settings: all that decides what is installed."""
    found = {
        manifest_path(directory): json.dumps(
            lock.skeleton(below(project.root, directory), manifest.skeleton), indent=1
        )
        for directory, manifest in sorted(project.members.items())
    }
    found[lock.path] = lock.staged()
    if project.settings:
        found[project.place(".npmrc")] = project.settings
    return [staged(Text(dest=path, content=text.encode())) for path, text in found.items()]


def _cache(lock: NpmLock) -> list[Input]:
    """What is fetched, where npm looks for it by its hash."""
    places = {f"{CACHE}/_cacache/{each.content_path}": each for each in lock.fetches}
    return [Fetched(archive=each, dest=place) for place, each in places.items()]


def script(name: str, lines: Sequence[str]) -> Text:
    """A program that runs lines of shell in the staged repository, up to the first that fails."""
    text = HEAD + "".join(f"{line}\n" for line in lines)
    return Text(dest=f".piot/shims/{name}", content=text.encode(), executable=True)
