"""What rules over cargo share: commands in staged workspaces, on top of the dependency layer.

The layer is cargo's target directory with the third-party crates alone. It is kept under a key of its
own, whoever compiled it, and every build of the members starts from it. Members always compile: what
names them is taken out of the layer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from piot.api.cargo_scripts import HARVEST, script_of
from piot.api.cargo_stage import TARGET, CargoStage, stage
from piot.api.context import Context
from piot.api.faults import Faults
from piot.errors import near
from piot.model.action import Incremental, Input, Mount, Output, Text
from piot.model.cargo.edit import layer_lock, layer_manifest
from piot.model.cargo.facts import Crate
from piot.model.proof import Proof
from piot.model.triple import Triple

__all__ = [
    "TARGET",
    "CargoStage",
    "check_features",
    "check_library",
    "flags",
    "layered",
    "one_platform",
    "output_folder",
    "run",
    "selection",
    "stage",
]

GIBIBYTE = 1024**3


def layered(ctx: Context, staged: CargoStage, arguments: Sequence[str]) -> CargoStage:
    """``staged`` on top of its third-party crates, as ``cargo ARGUMENTS`` compiles them."""
    if staged.workspace.patched() or not staged.vendored:
        return staged  # cargo tells by times whether a crate of the repository is fresh: none may be kept
    harvest = script_of("harvest", HARVEST)
    start = ctx.start(
        "cargo",
        *arguments,
        mnemonic="third-party crates",
        name="layer",
        folder=TARGET,
        harvest=(harvest.dest, *(crate.name for crate in staged.reach)),
        inputs=(*_skeleton(ctx, staged), *staged.support, harvest),
        mounts=staged.mounts,
        environment=staged.environment,
        tools=staged.tools,
        expand=staged.expand,
    )
    return replace(staged, support=(*staged.support, harvest), start=start)


def run(
    ctx: Context,
    staged: CargoStage,
    *argv: str,
    mnemonic: str,
    outputs: Sequence[str],
    tools: Sequence[Mount] = (),
    scripts: Mapping[str, str] | None = None,
    proofs: Mapping[str, Proof] | None = None,
    incremental: Sequence[str] | None = None,
) -> tuple[Output, ...]:
    """``ctx.run`` in a staged workspace, with more ``tools`` mounted and ``scripts`` in ``.piot/shims``.

    Where a person asks for it, cargo's target directory stays from run to run, and the command has the
    ``incremental`` arguments too; None for a command that always begins anew.
    """
    added = tuple(script_of(script, text) for script, text in (scripts or {}).items())
    staged = replace(staged, support=(*staged.support, *added))
    return ctx.run(
        *argv,
        mnemonic=mnemonic,
        outputs=outputs,
        inputs=(*staged.inputs, *staged.support),
        mounts=(*staged.mounts, *tools),
        environment=staged.environment,
        tools=staged.tools,
        expand=staged.expand,
        proofs=proofs,
        memory=2 * GIBIBYTE,
        start=staged.start,
        incremental=None if incremental is None else _incremental(staged, incremental),
    )


def _incremental(staged: CargoStage, arguments: Sequence[str]) -> Incremental:
    """Of Rust's own files cargo is told by rustc; of what macros and build scripts read, it may not be.

    So every member is compiled again when other files change: without its fingerprint, which ends in 16 hex
    digits, but still incrementally.
    """
    places = (f"{TARGET}/{at}/.fingerprint" for at in ("*", "*/*"))
    return Incremental(
        keeps=(TARGET,),
        watches=(".rs",),
        forgets=tuple(f"{place}/{crate.name}-{'?' * 16}" for place in places for crate in staged.reach),
        arguments=tuple(arguments),
        environment=(("CARGO_INCREMENTAL", "1"),),
        variant=staged.profile,
    )


def selection(
    profile: str, triple: str, features: Sequence[str], no_default_features: bool
) -> tuple[str, ...]:
    """The cargo arguments that choose profile, platform and features; the same for layer and members."""
    chosen = ["--profile", profile, "--target", triple, "--offline"]
    chosen += ["--features", ",".join(features)] if features else []
    return (*chosen, *(["--no-default-features"] if no_default_features else []))


def one_platform(ctx: Context) -> Triple:
    """The triple that is asked for; ends the build for ``universal2``, which only maturin puts together."""
    triple = Triple.parse(ctx.triple)
    if len(triple.parts) > 1:
        named = " and ".join(triple.parts)
        ctx.fail(
            f"{ctx.label}: cargo builds for one platform, not for {triple}", hint=f"name {named} instead"
        )
    return triple


def flags(rustflags: Sequence[str]) -> dict[str, str]:
    """The variable that hands flags to rustc, blanks in them and all (The Cargo Book, "build.rustflags")."""
    return {"CARGO_ENCODED_RUSTFLAGS": "\x1f".join(rustflags)} if rustflags else {}


def check_features(crate: Crate, features: Sequence[str], faults: Faults) -> None:
    """Features of the crate itself; those of its dependencies (``name/feature``) are for cargo to know."""
    for feature in features:
        if "/" not in feature and feature not in crate.features:
            guess = near(feature, crate.features) or f"it has {', '.join(crate.features) or 'no features'}"
            faults.add(
                f'{faults.label} asks for the feature "{feature}", which {crate.manifest} does not have',
                guess,
            )


def check_library(crate: Crate, faults: Faults, *, loadable: bool) -> None:
    """That there is one; ``loadable`` when nobody but the manifest makes it one for other languages.

    The Rust Reference, *Linkage*.
    """
    hint = 'write crate-type = ["cdylib"] into its [lib]'
    if crate.library is None:
        faults.add(f"{faults.label} needs a library, and {crate.manifest} has none", hint)
    elif loadable and "cdylib" not in crate.library.crate_types:
        faults.add(f"{faults.label} needs a library of the type cdylib, and {crate.manifest} has none", hint)


def output_folder(profile: str) -> str:
    """The folder below ``target/<triple>`` that holds a profile's results (cargo book, "Profiles")."""
    return {"dev": "debug", "test": "debug", "bench": "release"}.get(profile, profile)


def _skeleton(ctx: Context, staged: CargoStage) -> tuple[Input, ...]:
    """The workspace as far as it matters for third-party crates: reduced manifests and the lock file."""
    workspace, reach = staged.workspace, staged.reach
    texts: dict[str, str] = {}
    for path in sorted({workspace.manifest, *(crate.manifest for crate in reach)}):
        is_root = path == workspace.manifest
        texts[path] = layer_manifest(
            ctx.text(path) or "", is_root=is_root, keep=staged.members, root=workspace.root
        )
    texts[workspace.lock_path] = layer_lock(staged.lock, tuple(crate.name for crate in reach))
    return (*(Text(dest=path, content=text.encode()) for path, text in texts.items()), *staged.settings)
