"""What rules over cargo share: staged workspaces, vendored sources, the dependency layer, the environment.

Third-party crates are compiled by an action of their own (the layer), whose target directory every
build of the members starts from. Members always compile: their fingerprints are not in the layer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from piot.api.cargo_scripts import CARGO, CONFIG, LAYER, RUSTC_WRAPPER, STUB
from piot.api.context import Context
from piot.model.action import Input, Mount, Output, Produced, SourceFile, Text, Unpacked
from piot.model.cargo import Crate as CrateFacts
from piot.model.cargo import Workspace, stub_sources
from piot.model.cargo_edit import cut_members, layer_lock, layer_manifest
from piot.model.cargo_profile import strips
from piot.model.fetch import CargoGitFetch, CrateFetch
from piot.model.lock_text import LockPackage
from piot.model.lockfile import pruned
from piot.model.proof import Proof
from piot.model.toolchain import RustToolchain, SystemTool

TARGET = ".piot/target"
"""Cargo's target directory, relative to the exec root."""

SETTINGS = ("rust-toolchain.toml", "rust-toolchain", ".cargo/config.toml", ".cargo/config")
"""Files beside the workspace's manifest that cargo and rustup look at: inputs of every cargo action."""

GIBIBYTE = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class CargoStage:
    """A staged workspace with all that a cargo command needs.

    ``inputs`` are the workspace itself, ``support`` what stands beside it for cargo and the linkers.
    """

    workspace: Workspace
    reach: tuple[CrateFacts, ...]
    rust: RustToolchain
    inputs: tuple[Input, ...]
    support: tuple[Input, ...]
    mounts: tuple[Mount, ...]
    environment: Mapping[str, str]
    programs: tuple[SystemTool, ...] = ()

    @property
    def expand(self) -> tuple[str, ...]:
        """The input files that the launcher expands."""
        return tuple(item.dest for item in self.support if isinstance(item, Text) and b"%{" in item.content)

    @property
    def tools(self) -> tuple[SystemTool, ...]:
        linked = (tool for linker in self.rust.linkers for tool in linker.tools)
        return tuple(dict.fromkeys((self.rust.rustc, *linked, *self.programs)))


def stage(
    ctx: Context,
    directory: str,
    own: Sequence[str],
    *,
    variables: Mapping[str, str] | None = None,
    tools: Sequence[str] = (),
    siblings: Sequence[tuple[str, Output]] = (),
    compiles: bool = True,
) -> CargoStage:
    """The crate in ``directory`` with all in-repository crates that it reaches, ready for cargo.

    ``own`` are the files that the target itself names, ``variables`` its declared environment, ``tools``
    the programs that its build scripts may call. The
    workspace is cut to the reachable members and the lock file to what they need, so that nothing
    else is an input. ``siblings`` are ``.crate`` archives of this repository (folder name, output)
    that stand in the vendored source. Without ``compiles`` there is no linker. Fails when a
    reachable crate is in nobody's ``paths``.
    """
    workspace = ctx.workspace(directory)
    reach = workspace.reach(directory)
    rust = ctx.rust() if compiles else replace(ctx.rust(), linkers=())
    files = sorted({*own, *(path for crate in reach for path in ctx.crate_files(crate.directory))})
    _check_covered(ctx, reach, files)
    generated = _generated(ctx, workspace, reach)
    written = {item.place if isinstance(item, SourceFile) else item.dest for item in generated}
    sources = tuple(SourceFile(path=path) for path in files if path not in written)
    stripped = strips(ctx.text(workspace.manifest) or "", ctx.profile)
    prepared = tuple(item for one in rust.linkers for item in ctx.prepared(one, stripped=stripped))
    return CargoStage(
        workspace=workspace,
        reach=reach,
        rust=rust,
        inputs=(*sources, *generated),
        support=(*_support(workspace, reach), *prepared),
        mounts=(_vendor(workspace, reach, siblings), *_tool_mounts(ctx, rust)),
        environment={**_environment(rust), **(variables or {})},
        programs=tuple(ctx.program(name) for name in tools),
    )


def layered(ctx: Context, staged: CargoStage, arguments: Sequence[str]) -> CargoStage:
    """``staged`` on top of its third-party crates, compiled as ``cargo ARGUMENTS`` would compile them."""
    if staged.workspace.patched():
        return staged  # a third-party crate may need one of those, which the layer does not compile
    alone = replace(staged, inputs=_skeleton(ctx, staged))
    (folder,) = run(
        ctx,
        alone,
        ".piot/shims/layer",
        *(crate.name for crate in staged.reach),
        "--",
        *arguments,
        mnemonic="third-party crates",
        name="layer",
        outputs=(f"{TARGET}/",),
        scripts={"layer": LAYER, "stub": STUB},
        public=False,
    )
    return replace(staged, inputs=(*staged.inputs, Produced(output=folder, dest=TARGET)))


def run(
    ctx: Context,
    staged: CargoStage,
    *argv: str,
    mnemonic: str,
    outputs: Sequence[str],
    name: str = "",
    tools: Sequence[Mount] = (),
    scripts: Mapping[str, str] | None = None,
    proofs: Mapping[str, Proof] | None = None,
    public: bool = True,
) -> tuple[Output, ...]:
    """``ctx.run`` in a staged workspace, with more ``tools`` mounted and ``scripts`` in ``.piot/shims``."""
    added = tuple(_script(script, text) for script, text in (scripts or {}).items())
    staged = replace(staged, support=(*staged.support, *added))
    return ctx.run(
        *argv,
        mnemonic=mnemonic,
        name=name,
        outputs=outputs,
        inputs=(*staged.inputs, *staged.support),
        mounts=(*staged.mounts, *tools),
        environment=staged.environment,
        tools=staged.tools,
        expand=staged.expand,
        proofs=proofs,
        memory=2 * GIBIBYTE,
        public=public,
    )


def selection(
    profile: str, triple: str, features: Sequence[str], no_default_features: bool
) -> tuple[str, ...]:
    """The cargo arguments that choose profile, platform and features; the same for layer and members."""
    chosen = ["--profile", profile, "--target", triple, "--offline"]
    chosen += ["--features", ",".join(features)] if features else []
    return (*chosen, *(["--no-default-features"] if no_default_features else []))


def output_folder(profile: str) -> str:
    """The folder below ``target/<triple>`` that holds a profile's results (cargo book, "Profiles")."""
    return {"dev": "debug", "test": "debug", "bench": "release"}.get(profile, profile)


def _check_covered(ctx: Context, reach: Sequence[CrateFacts], files: Sequence[str]) -> None:
    present = set(files)
    for crate in reach:
        if crate.manifest not in present:
            ctx.fail(
                f"{ctx.label} needs the crate {crate.name} in {crate.directory}, "
                "but no package's paths cover it",
                hint=f'add "{crate.directory}/**" to `paths` of the package that {ctx.label} belongs to',
            )


def _generated(ctx: Context, workspace: Workspace, reach: Sequence[CrateFacts]) -> tuple[Input, ...]:
    """The root manifest cut to the reachable members, the pruned lock file, cargo's and rustup's settings."""
    manifest = ctx.text(workspace.manifest)
    found: list[Input] = [SourceFile(path=path) for path in _settings(ctx, workspace)]
    if manifest is not None:
        text = cut_members(manifest, _members(workspace, reach), root=workspace.root)
        found.append(Text(dest=workspace.manifest, content=text.encode()))
    found.append(Text(dest=workspace.lock_path, content=_lock(ctx, workspace, reach).encode()))
    return tuple(found)


def _skeleton(ctx: Context, staged: CargoStage) -> tuple[Input, ...]:
    """The workspace as far as it matters for third-party crates: reduced manifests and empty sources."""
    workspace, reach = staged.workspace, staged.reach
    keep = _members(workspace, reach)
    texts: dict[str, str] = {}
    for path in sorted({workspace.manifest, *(crate.manifest for crate in reach)}):
        is_root = path == workspace.manifest
        texts[path] = layer_manifest(ctx.text(path) or "", is_root=is_root, keep=keep, root=workspace.root)
    lock = _lock(ctx, workspace, reach)
    texts[workspace.lock_path] = layer_lock(lock, tuple(crate.name for crate in reach))
    for crate in reach:
        texts |= dict(stub_sources(crate))
    settings = (SourceFile(path=path) for path in _settings(ctx, workspace))
    return (*(Text(dest=path, content=text.encode()) for path, text in texts.items()), *settings)


def _settings(ctx: Context, workspace: Workspace) -> list[str]:
    """The settings of cargo and rustup in the workspace's folder and in those above it."""
    folders = [""]
    for part in () if workspace.root == "." else workspace.root.split("/"):
        folders.append(f"{folders[-1]}{part}/")
    paths = [f"{folder}{name}" for folder in folders for name in SETTINGS]
    return [path for path in paths if ctx.text(path) is not None]


def _lock(ctx: Context, workspace: Workspace, reach: Sequence[CrateFacts]) -> str:
    text = workspace.lock_text
    if text is None:
        ctx.fail(
            f"no {workspace.lock_path}",
            hint=f"run `cargo generate-lockfile` in {workspace.root} and keep the file",
        )
    return pruned(text, tuple(crate.name for crate in reach), workspace.patches)


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


def _support(workspace: Workspace, reach: Sequence[CrateFacts]) -> tuple[Text, ...]:
    """The wrappers that stand beside cargo, and its configuration."""
    sources = sorted({package.source or "" for package in _third_party(workspace, reach)})
    config = CONFIG.format(sources="".join(_replacement(source) for source in sources))
    return (
        Text(dest=".piot/cargo/config.toml", content=config.encode()),
        _script("cargo", CARGO),
        _script("rustc-wrapper", RUSTC_WRAPPER),
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


def _script(name: str, text: str) -> Text:
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
