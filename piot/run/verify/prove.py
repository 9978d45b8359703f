"""Proves the outputs of an action where they were made: what was declared, and no path of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from piot.effects import files
from piot.model.proof import Proof, Proven
from piot.run.verify.leaks import Leak
from piot.run.verify.verify import leaks, notes, verify


def prove(root: Path, proofs: Sequence[tuple[str, Proof]], forbidden: Sequence[str]) -> Proven:
    """What the files show; a proof of a folder is one of the only file in it."""
    findings: list[str] = []
    found: list[str] = []
    said: list[str] = []
    for path, proof in proofs:
        file = _only(root / path)
        if file is None:
            findings.append(f"{path} should hold just one file")
            continue
        findings += verify(file, proof)
        found += [_said(file.name, leak) for leak in leaks(file, forbidden)]
        said += notes(file, proof) if not findings else ()
    return Proven(findings=tuple(findings), leaks=tuple(found), notes=tuple(said))


def _said(name: str, leak: Leak) -> str:
    where = f"{leak.member} in {name}" if leak.member else name
    return f"{where} names a place of this machine: {leak.text}"


def _only(path: Path) -> Path | None:
    entry = files.look(path)
    if entry is None or entry.kind != "directory":
        return path
    inside = list(files.scan(path))
    return path / inside[0].path if len(inside) == 1 else None
