"""Puts results into ``dist/``: flat where file names carry version and platform, else by triple."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from piot.app.request import BuildRequest
from piot.app.session import Session
from piot.effects import files
from piot.errors import InputError
from piot.model.action import ActionId, Output
from piot.model.digest import Digest
from piot.model.plan import BuildPlan, Configured
from piot.model.report import OutputReport
from piot.model.result import ActionResult, OutputFile
from piot.run.schedule import Outcome
from piot.run.stores.materialise import restore_outputs

MANIFEST = ".piot-manifest.json"
"""Names the files in a ``dist/`` that piot made, with their digests."""


def deliver(
    session: Session, request: BuildRequest, plan: BuildPlan, ran: Mapping[ActionId, Outcome]
) -> dict[Configured, tuple[OutputReport, ...]]:
    """Writes the outputs of every target that was built, bit for bit as they are in the store."""
    out = (session.root / (request.out or "dist")).absolute()
    ready = [
        each
        for each in plan.requested
        if all(ran[output.action].result is not None for output in each.outputs)
    ]
    if not any(each.outputs for each in ready):
        return {}
    known = _claim(out, request.out is not None)
    delivered: dict[Configured, tuple[OutputReport, ...]] = {}
    for each in ready:
        reports: list[OutputReport] = []
        for output in each.outputs:
            result = ran[output.action].result
            assert result is not None
            reports += _restore(session, result, output, out, each.target.triple)
        delivered[each.target] = tuple(reports)
        known.update({_below(out, session.root / report.path): report.sha256 for report in reports})
    _write_manifest(out, known)
    return delivered


def _claim(out: Path, explicit: bool) -> dict[str, str]:
    """The digests of an earlier run; raises InputError for a folder that piot did not make."""
    manifest = out / MANIFEST
    if files.look(manifest) is not None:
        try:
            return dict(json.loads(files.read_file(manifest))["files"])
        except (ValueError, KeyError, TypeError):
            return {}
    found = files.look(out)
    if found is not None and not explicit and (found.kind != "directory" or any(files.scan(out))):
        raise InputError(
            f"{out.name}/ was not made by piot, so nothing is written there",
            hint="move it away, or name another folder with --out",
        )
    files.make_directory(out)
    return {}


def _restore(
    session: Session, result: ActionResult, output: Output, out: Path, triple: str | None
) -> list[OutputReport]:
    """Folders deliver what is in them, flat; single files stand below their triple."""
    place = out if output.directory or triple is None else out / triple
    found = list(_files(session, result, output))
    restore_outputs(session.store, ActionResult(files=tuple(found)), lambda path: place / path, inside=out)
    return [
        OutputReport(
            path=_below(session.root, place / each.path), sha256=each.digest.hash, size=each.digest.size
        )
        for each in found
    ]


def _files(session: Session, result: ActionResult, output: Output) -> Iterator[OutputFile]:
    """The files of an output, with paths relative to where it is delivered."""
    for file in result.files:
        if file.path == output.path:
            yield replace(file, path=file.path.rpartition("/")[2])
    for directory in result.directories:
        if directory.path == output.path:
            yield from _inside(session, directory.root, "")


def _inside(session: Session, root: Digest, prefix: str) -> Iterator[OutputFile]:
    directory = session.store.directory(root)
    for node in directory.files:
        yield OutputFile(path=prefix + node.name, digest=node.digest, executable=node.executable)
    for child in directory.directories:
        yield from _inside(session, child.digest, f"{prefix}{child.name}/")


def _write_manifest(out: Path, known: Mapping[str, str]) -> None:
    """Last, so that what it names is there; files that are gone are forgotten."""
    present = {path: digest for path, digest in sorted(known.items()) if (out / path).exists()}
    files.write_atomic(out / MANIFEST, json.dumps({"schema": 1, "files": present}, indent=1).encode() + b"\n")
    if not (out / ".gitignore").exists():
        files.write_atomic(out / ".gitignore", b"*\n")


def _below(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()
