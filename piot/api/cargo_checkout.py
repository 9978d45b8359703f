"""What of the checkout stands in a staged workspace: sources, settings, the cut manifest, the pruned lock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from piot.api.context import Context
from piot.model.action import Input, SourceFile, Text
from piot.model.cargo.edit import cut_members
from piot.model.cargo.facts import SETTINGS, Crate, Workspace
from piot.model.cargo.locked import unpinned
from piot.model.cargo.lockfile import pruned


class Sources(NamedTuple):
    """``lock`` is the text of the pruned lock file; it and ``settings`` are among the ``inputs``."""

    lock: str
    settings: tuple[SourceFile, ...]
    inputs: tuple[Input, ...]


def sources(ctx: Context, workspace: Workspace, reach: Sequence[Crate], own: Sequence[str]) -> Sources:
    """What cargo needs of the checkout for the crates of ``reach``; ``own`` are further files.

    Fails when the lock file is absent or stale, and when one of the crates is in nobody's ``paths``.
    """
    lock, settings = _lock(ctx, workspace, reach), _settings(ctx, workspace)
    generated = _generated(ctx, workspace, reach, lock)
    written = {*(item.dest for item in generated), *(item.place for item in settings)}
    found = (SourceFile(path=path) for path in _files(ctx, reach, own) if path not in written)
    return Sources(lock, settings, (*found, *settings, *generated))


def members(workspace: Workspace, reach: Sequence[Crate]) -> tuple[str, ...]:
    """The directories that the workspace is cut to."""
    return tuple(crate.directory for crate in reach if crate.directory in workspace.members)


def _settings(ctx: Context, workspace: Workspace) -> tuple[SourceFile, ...]:
    """The settings of cargo and rustup in the workspace's folder and in those above it."""
    folders = [""]
    for part in () if workspace.root == "." else workspace.root.split("/"):
        folders.append(f"{folders[-1]}{part}/")
    paths = [f"{folder}{name}" for folder in folders for name in SETTINGS]
    return tuple(SourceFile(path=path) for path in paths if ctx.text(path) is not None)


def _lock(ctx: Context, workspace: Workspace, reach: Sequence[Crate]) -> str:
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


def _refuse_stale(ctx: Context, workspace: Workspace, reach: Sequence[Crate]) -> None:
    """Ends the build when the lock does not pin what a member asks for: cargo is not called with --locked."""
    root, found = ctx.text(workspace.manifest) or "", list[str]()
    for crate in reach:
        if workspace.lock is not None and crate.directory in workspace.members:
            lacking = unpinned(crate.name, ctx.text(crate.manifest) or "", root, workspace.lock)
            found += [f"{crate.manifest} asks for {each}" for each in lacking]
    if found:
        hint = "run `cargo update --workspace`, and commit the file"
        ctx.fail(f"{workspace.lock_path} is out of date: {'; '.join(found)}", hint=hint)


def _files(ctx: Context, reach: Sequence[Crate], own: Sequence[str]) -> list[str]:
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


def _generated(ctx: Context, workspace: Workspace, reach: Sequence[Crate], lock: str) -> tuple[Text, ...]:
    """The root manifest cut to the reachable members, and the pruned lock file."""
    manifest = ctx.text(workspace.manifest)
    found = [Text(dest=workspace.lock_path, content=lock.encode())]
    if manifest is not None:
        text = cut_members(manifest, members(workspace, reach), root=workspace.root)
        found.append(Text(dest=workspace.manifest, content=text.encode()))
    return tuple(found)
