"""The tree that a crate was packed from, taken out of the plan that packs it."""

from __future__ import annotations

from pathlib import Path

from piot.app.building.planning import make_plan
from piot.app.building.request import BuildRequest
from piot.app.session.session import Session
from piot.effects import files
from piot.errors import MachineError
from piot.load.repository import read
from piot.model.action import CommandAction, SourceFile, Text
from piot.model.package import Package
from piot.release.publish.crates import StagedCrate


def staged_crate(session: Session, package: Package) -> StagedCrate:
    """What `piot build` would hand to ``cargo package``, but for what is piot's own.

    Raises MachineError when this machine has no cargo that could do it.
    """
    plan = make_plan(session, BuildRequest(patterns=(package.name,)))
    packing = [each for each in plan.actions.values() if each.mnemonic == "cargo package"]
    mine = [each for each in packing if _manifest(each) == _path(package)]
    if not mine:
        lacks = "; ".join(str(lack) for each in plan.unbuildable for lack in each.lacks)
        raise MachineError(f"{package.name} cannot be packed here: {lacks or 'nothing packs it'}")
    (action,) = mine
    overlay = session.repository.overlay
    tree: dict[str, tuple[bytes, bool]] = {}
    for item in action.inputs:
        match item:
            case SourceFile(path=path):
                tree[item.place] = (
                    _bytes(session.root / path, overlay.get(path)),
                    _runs(session.root / path),
                )
            case Text(dest=dest, content=content) if not dest.startswith(".piot/"):
                tree[dest] = (content, item.executable)
            case _:
                continue
    return StagedCrate(files=tree, manifest=_path(package), cargo=_cargo(action))


def _path(package: Package) -> str:
    return "Cargo.toml" if package.path == "." else f"{package.path}/Cargo.toml"


def _manifest(action: CommandAction) -> str | None:
    words = iter(action.argv)
    return next((next(words, None) for word in words if word == "--manifest-path"), None)


def _bytes(path: Path, stamped: str | None) -> bytes:
    return stamped.encode() if stamped is not None else read(path) or b""


def _runs(path: Path) -> bool:
    entry = files.look(path)
    return entry is not None and entry.executable


def _cargo(action: CommandAction) -> str:
    """The cargo that packs it: another one might pack other bytes."""
    for tool in action.tools:
        if (program := dict(tool.programs).get("cargo")) is not None:
            return program
    raise MachineError("the toolchain has no cargo", hint="see `piot toolchains`")
