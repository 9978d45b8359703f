"""A staged workspace: the crates that a target reaches, and all that cargo needs beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from piot.api import cargo_checkout, cargo_vendor
from piot.api.cargo_scripts import CARGO, CARGO_FOR_PYTHON, RUSTC_WRAPPER, script_of
from piot.api.context import Context
from piot.errors import near
from piot.model.action import Input, Mount, Output, SourceFile, Start, Text
from piot.model.cargo.facts import Crate, Workspace
from piot.model.cargo.profile import strips
from piot.model.proof import BinaryProof, LibraryProof
from piot.model.toolchain import RustToolchain, SystemTool

PROFILES = ("dev", "release", "test", "bench")
"""Those that cargo has itself (The Cargo Book, *Profiles*)."""

TARGET = ".piot/target"
"""Cargo's target directory, relative to the exec root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CargoStage:
    """A staged workspace with all that a cargo command needs.

    ``inputs`` are the workspace itself (``lock`` and ``settings`` among them), ``support`` what stands
    beside it for cargo and the linkers. ``start`` is the dependency layer.
    """

    workspace: Workspace
    reach: tuple[Crate, ...]
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
        return bool(cargo_vendor.third_party(self.workspace, self.reach))

    @property
    def members(self) -> tuple[str, ...]:
        """The directories that the workspace is cut to."""
        return cargo_checkout.members(self.workspace, self.reach)

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
    profile: str | None = None,
    siblings: Sequence[tuple[str, Output]] = (),
    compiles: bool = True,
    pythons: bool = False,
) -> CargoStage:
    """The crate in ``directory`` with all in-repository crates that it reaches, ready for cargo.

    ``own`` are the files that the target itself names, ``variables``, ``tools``, ``system`` and ``profile``
    what its attributes of these names say; no ``profile`` where cargo itself
    chooses one. ``siblings`` are ``.crate`` archives (folder name, output) that
    stand in the vendored source. Without ``compiles`` there is no linker; with ``pythons`` cargo is told of
    the one Python. Fails when a reachable crate is in nobody's ``paths``.
    """
    workspace, reach = ctx.workspace(directory), ctx.workspace(directory).reach(directory)
    rust = ctx.rust() if compiles else replace(ctx.rust(), linkers=())
    profile, found = _profile(ctx, workspace, profile), [ctx.system(name) for name in system]
    sources = cargo_checkout.sources(ctx, workspace, reach, own)
    return CargoStage(
        workspace=workspace,
        reach=reach,
        rust=rust,
        lock=sources.lock,
        settings=sources.settings,
        inputs=sources.inputs,
        support=(*_support(workspace, reach, pythons=pythons), *_prepared(ctx, workspace, rust, profile)),
        mounts=(cargo_vendor.vendored(workspace, reach, siblings), *_tool_mounts(ctx, rust)),
        environment={**_environment(rust), **_search(found), **(variables or {})},
        programs=(*(ctx.program(name) for name in tools), *found),
        profile=profile,
    )


def _prepared(ctx: Context, workspace: Workspace, rust: RustToolchain, profile: str) -> tuple[Input, ...]:
    """What the linkers need, with warm caches."""
    stripped = strips(ctx.text(workspace.manifest) or "", profile)
    return tuple(item for one in rust.linkers for item in ctx.prepared(one, stripped=stripped))


def _profile(ctx: Context, workspace: Workspace, asked: str | None) -> str:
    """What the target asks for, unless a person asks for another than ``release``."""
    if asked is None:
        return ctx.profile
    known = (*PROFILES, *workspace.profiles)
    chosen = asked if asked and ctx.profile == "release" else ctx.profile
    for name, who in ((asked, f"{ctx.label} asks"), (chosen, f"--profile asks {ctx.label}")):
        if name and name not in known:
            hint = near(name, known) or f"write [profile.{name}] there, with inherits"
            ctx.fail(f'{who} for the profile "{name}", which {workspace.manifest} lacks', hint=hint)
    return chosen


def _search(found: Sequence[SystemTool]) -> dict[str, str]:
    """Where pkg-config looks first (pkg-config(1))."""
    folders = dict.fromkeys(folder for tool in found for folder in tool.search)
    return {"PKG_CONFIG_PATH": ":".join(folders)} if folders else {}


def _tool_mounts(ctx: Context, rust: RustToolchain) -> tuple[Mount, ...]:
    names = dict.fromkeys(name for linker in rust.linkers for name in linker.fetched)
    return tuple(ctx.tool(name) for name in names)


def _support(workspace: Workspace, reach: Sequence[Crate], *, pythons: bool) -> tuple[Text, ...]:
    """The wrappers that stand beside cargo, and its configuration."""
    return (
        cargo_vendor.config(workspace, reach),
        script_of("cargo", CARGO_FOR_PYTHON if pythons else CARGO),
        script_of("rustc-wrapper", RUSTC_WRAPPER),
    )


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
