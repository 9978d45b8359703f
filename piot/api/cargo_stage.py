"""A staged workspace: the crates that a target reaches, and all that cargo needs beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from piot.api.cargo_scripts import CARGO, CARGO_FOR_PYTHON, CONFIG, RUSTC_WRAPPER
from piot.api.context import Context
from piot.errors import near
from piot.model.action import Input, Mount, Output, SourceFile, Start, Text, Unpacked
from piot.model.cargo import Crate as CrateFacts
from piot.model.cargo import Workspace
from piot.model.cargo_edit import cut_members
from piot.model.cargo_locked import unpinned
from piot.model.cargo_profile import strips
from piot.model.fetch import CargoGitFetch, CrateFetch
from piot.model.lock_text import LockPackage
from piot.model.lockfile import pruned
from piot.model.proof import BinaryProof, LibraryProof
from piot.model.toolchain import RustToolchain, SystemTool

PROFILES = ("dev", "release", "test", "bench")
"""Those that cargo has itself (The Cargo Book, *Profiles*)."""

TARGET = ".piot/target"
"""Cargo's target directory, relative to the exec root."""

SETTINGS = ("rust-toolchain.toml", "rust-toolchain", ".cargo/config.toml", ".cargo/config")
"""Files beside the workspace's manifest that cargo and rustup look at: inputs of every cargo action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CargoStage:
    """A staged workspace with all that a cargo command needs.

    ``inputs`` are the workspace itself (``lock`` and ``settings`` among them), ``support`` what stands
    beside it for cargo and the linkers. ``start`` is the dependency layer.
    """

    workspace: Workspace
    reach: tuple[CrateFacts, ...]
    rust: RustToolchain
    lock: str
    settings: tuple[SourceFile, ...]
    inputs: tuple[Input, ...]
    support: tuple[Input, ...]
    mounts: tuple[Mount, ...]
    environment: Mapping[str, str]
    programs: tuple[SystemTool, ...] = ()
    profile: str = "release"
    start: Start | None = None

    @property
    def vendored(self) -> bool:
        """Whether any third-party crate is needed."""
        return bool(_third_party(self.workspace, self.reach))

    @property
    def members(self) -> tuple[str, ...]:
        """The directories that the workspace is cut to."""
        return _members(self.workspace, self.reach)

    @property
    def expand(self) -> tuple[str, ...]:
        """The input files that the launcher expands."""
        return tuple(item.dest for item in self.support if isinstance(item, Text) and b"%{" in item.content)

    @property
    def tools(self) -> tuple[SystemTool, ...]:
        linked = (tool for linker in self.rust.linkers for tool in linker.tools)
        return tuple(dict.fromkeys((self.rust.rustc, *linked, *self.programs)))

    @property
    def program_proof(self) -> BinaryProof:
        """What a program must be that is built here."""
        return BinaryProof(triple=self.rust.target, glibc=self.rust.glibc, foreign=self.foreign)

    @property
    def library_proof(self) -> LibraryProof:
        """What a shared library must be that is built here."""
        return LibraryProof(triple=self.rust.target, glibc=self.rust.glibc, foreign=self.foreign)

    @property
    def foreign(self) -> bool:
        """Whether libraries are declared that its results may need on the machines that run them."""
        return any(tool.is_library for tool in self.programs)


def stage(
    ctx: Context,
    directory: str,
    own: Sequence[str],
    *,
    variables: Mapping[str, str] | None = None,
    tools: Sequence[str] = (),
    system: Sequence[str] = (),
    profile: str = "",
    siblings: Sequence[tuple[str, Output]] = (),
    compiles: bool = True,
    pythons: bool = False,
) -> CargoStage:
    """The crate in ``directory`` with all in-repository crates that it reaches, ready for cargo.

    ``own`` are the files that the target itself names, ``variables``, ``tools``, ``system`` and ``profile``
    what its attributes of these names say. ``siblings`` are ``.crate`` archives (folder name, output) that
    stand in the vendored source. Without ``compiles`` there is no linker; with ``pythons`` cargo is told of
    the one Python. Fails when a reachable crate is in nobody's ``paths``.
    """
    workspace, reach = ctx.workspace(directory), ctx.workspace(directory).reach(directory)
    rust = ctx.rust() if compiles else replace(ctx.rust(), linkers=())
    profile, found = _profile(ctx, workspace, profile), [ctx.system(name) for name in system]
    lock, settings = _lock(ctx, workspace, reach), _settings(ctx, workspace)
    return CargoStage(
        workspace=workspace,
        reach=reach,
        rust=rust,
        lock=lock,
        settings=settings,
        inputs=_inputs(_files(ctx, reach, own), settings, _generated(ctx, workspace, reach, lock)),
        support=(*_support(workspace, reach, pythons=pythons), *_prepared(ctx, workspace, rust, profile)),
        mounts=(_vendor(workspace, reach, siblings), *_tool_mounts(ctx, rust)),
        environment={**_environment(rust), **_search(found), **(variables or {})},
        programs=(*(ctx.program(name) for name in tools), *found),
        profile=profile,
    )


def _inputs(
    paths: Sequence[str], settings: Sequence[SourceFile], generated: Sequence[Text]
) -> tuple[Input, ...]:
    """The sources, but for what is written anew or stands there already."""
    written = {*(item.dest for item in generated), *(item.place for item in settings)}
    sources = (SourceFile(path=path) for path in paths if path not in written)
    return (*sources, *settings, *generated)


def _prepared(ctx: Context, workspace: Workspace, rust: RustToolchain, profile: str) -> tuple[Input, ...]:
    """What the linkers need, with warm caches."""
    stripped = strips(ctx.text(workspace.manifest) or "", profile)
    return tuple(item for one in rust.linkers for item in ctx.prepared(one, stripped=stripped))


def _profile(ctx: Context, workspace: Workspace, asked: str) -> str:
    """What the target asks for, unless a person asks for another than ``release``."""
    known = (*PROFILES, *workspace.profiles)
    if asked and asked not in known:
        hint = near(asked, known) or f"write [profile.{asked}] there, with inherits"
        ctx.fail(f'{ctx.label} asks for the profile "{asked}", which {workspace.manifest} lacks', hint=hint)
    return asked if asked and ctx.profile == "release" else ctx.profile


def _search(found: Sequence[SystemTool]) -> dict[str, str]:
    """Where pkg-config looks first (pkg-config(1))."""
    folders = dict.fromkeys(folder for tool in found for folder in tool.search)
    return {"PKG_CONFIG_PATH": ":".join(folders)} if folders else {}


def _files(ctx: Context, reach: Sequence[CrateFacts], own: Sequence[str]) -> list[str]:
    """All files of the crates, sorted; ends the build when somebody's manifest is not among them."""
    present = {*own, *(path for crate in reach for path in ctx.crate_files(crate.directory))}
    for crate in reach:
        if crate.manifest not in present:
            ctx.fail(
                f"{ctx.label} needs the crate {crate.name} in {crate.directory}, "
                "but no package's paths cover it",
                hint=f'add "{crate.directory}/**" to `paths` of the package that {ctx.label} belongs to',
            )
    return sorted(present)


def _generated(
    ctx: Context, workspace: Workspace, reach: Sequence[CrateFacts], lock: str
) -> tuple[Text, ...]:
    """The root manifest cut to the reachable members, and the pruned lock file."""
    manifest = ctx.text(workspace.manifest)
    found = [Text(dest=workspace.lock_path, content=lock.encode())]
    if manifest is not None:
        text = cut_members(manifest, _members(workspace, reach), root=workspace.root)
        found.append(Text(dest=workspace.manifest, content=text.encode()))
    return tuple(found)


def _settings(ctx: Context, workspace: Workspace) -> tuple[SourceFile, ...]:
    """The settings of cargo and rustup in the workspace's folder and in those above it."""
    folders = [""]
    for part in () if workspace.root == "." else workspace.root.split("/"):
        folders.append(f"{folders[-1]}{part}/")
    paths = [f"{folder}{name}" for folder in folders for name in SETTINGS]
    return tuple(SourceFile(path=path) for path in paths if ctx.text(path) is not None)


def _lock(ctx: Context, workspace: Workspace, reach: Sequence[CrateFacts]) -> str:
    text = workspace.lock_text
    if text is None:
        place = "" if workspace.root == "." else f" in {workspace.root}"
        ctx.fail(
            f"no {workspace.lock_path}",
            hint=f"run `cargo generate-lockfile`{place} and keep the file",
        )
    _refuse_stale(ctx, workspace, reach)
    names = tuple(crate.name for crate in reach)
    return pruned(text, names, workspace.patches, lock=workspace.lock)


def _refuse_stale(ctx: Context, workspace: Workspace, reach: Sequence[CrateFacts]) -> None:
    """Ends the build when the lock does not pin what a member asks for: cargo is not called with --locked."""
    root, found = ctx.text(workspace.manifest) or "", list[str]()
    for crate in reach:
        if workspace.lock is not None and crate.directory in workspace.members:
            lacking = unpinned(crate.name, ctx.text(crate.manifest) or "", root, workspace.lock)
            found += [f"{crate.manifest} asks for {each}" for each in lacking]
    if found:
        hint = "run `cargo update --workspace`, and commit the file"
        ctx.fail(f"{workspace.lock_path} is out of date: {'; '.join(found)}", hint=hint)


def _vendor(
    workspace: Workspace, reach: Sequence[CrateFacts], siblings: Sequence[tuple[str, Output]]
) -> Mount:
    """Every third-party crate that the lock file has for these members, and siblings beside them."""
    entries = [(f"{each.name}-{each.version}", _archive(each)) for each in _third_party(workspace, reach)]
    entries += [(folder, Unpacked(archive=output, kind="crate")) for folder, output in siblings]
    return Mount(name="vendor", entries=tuple(sorted(entries, key=lambda entry: entry[0])))


def _third_party(workspace: Workspace, reach: Sequence[CrateFacts]) -> tuple[LockPackage, ...]:
    lock = workspace.lock
    return () if lock is None else lock.third_party(tuple(crate.name for crate in reach))


def _archive(package: LockPackage) -> Unpacked:
    source = package.source or ""
    if package.checksum is None:
        return Unpacked(archive=CargoGitFetch.parse(package.name, source), kind="tar")
    fetch = CrateFetch(name=package.name, version=package.version, sha256=package.checksum, registry=source)
    return Unpacked(archive=fetch, kind="crate")


def _tool_mounts(ctx: Context, rust: RustToolchain) -> tuple[Mount, ...]:
    names = dict.fromkeys(name for linker in rust.linkers for name in linker.fetched)
    return tuple(ctx.tool(name) for name in names)


def _support(workspace: Workspace, reach: Sequence[CrateFacts], *, pythons: bool) -> tuple[Text, ...]:
    """The wrappers that stand beside cargo, and its configuration."""
    sources = sorted({package.source or "" for package in _third_party(workspace, reach)})
    config = CONFIG.format(sources="".join(_replacement(source) for source in sources))
    return (
        Text(dest=".piot/cargo/config.toml", content=config.encode()),
        script_of("cargo", CARGO_FOR_PYTHON if pythons else CARGO),
        script_of("rustc-wrapper", RUSTC_WRAPPER),
    )


def _replacement(source: str) -> str:
    """``[source]`` for one source of the lock file; crates.io's own is in the template already."""
    kind, _, address = source.partition("+")
    if kind == "git":
        place, _, query = address.partition("#")[0].partition("?")
        name, _, value = query.partition("=")
        which = f'{name} = "{value}"\n' if query else ""
        return f'[source."{source}"]\ngit = "{place}"\n{which}replace-with = "piot"\n'
    if address.endswith("/crates.io-index"):
        return ""
    registry = source if kind == "sparse" else address
    return f'[source."{source}"]\nregistry = "{registry}"\nreplace-with = "piot"\n'


def script_of(name: str, text: str) -> Text:
    """A program of piot's own that a command can call."""
    return Text(dest=f".piot/shims/{name}", content=text.encode(), executable=True)


def _members(workspace: Workspace, reach: Sequence[CrateFacts]) -> tuple[str, ...]:
    return tuple(crate.directory for crate in reach if crate.directory in workspace.members)


def _environment(rust: RustToolchain) -> dict[str, str]:
    environment = {
        "CARGO_HOME": "%{root}/.piot/cargo",
        "CARGO_INCREMENTAL": "0",
        "CARGO_TARGET_DIR": f"%{{root}}/{TARGET}",
        "CARGO_TERM_COLOR": "always",
        "RUSTC": "%{tool:rustc}",
        "RUSTC_WRAPPER": "%{root}/.piot/shims/rustc-wrapper",
    }
    for linker in rust.linkers:
        environment.update(linker.environment)
    return environment
