"""Puts results into ``dist/``: flat where file names carry version and platform, else by triple."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from piot.app.building.placed import IGNORE, MANIFEST
from piot.app.building.request import BuildRequest
from piot.app.session.site import Site
from piot.effects import files
from piot.effects.locks import FileLock
from piot.errors import InputError
from piot.model.action import ActionId
from piot.model.digest import Digest
from piot.model.plan import BuildPlan, Configured, Requested
from piot.model.report import OutputReport
from piot.model.result import ActionResult, OutputFile, OutputSymlink
from piot.run.outcome import Outcome
from piot.run.stores.materialise import restore_outputs

Placed = Mapping[str, ActionResult]
"""What lies below ``dist/``, by the target that it is of."""


def deliver(
    site: Site,
    request: BuildRequest,
    plan: BuildPlan,
    ran: Mapping[ActionId, Outcome],
    others: Placed | None = None,
) -> dict[Configured, tuple[OutputReport, ...]]:
    """Writes the outputs of every target that was built, bit for bit as they are in the store.

    ``others`` are there already, of targets outside of the plan; the order is that of all targets.

    Raises InputError, before anything is written, when two targets have different files of one name, and
    Missing when the store has lost a file.
    """
    out = _place(site, request)
    placed = {
        each.target: _placed(site, each, ran)
        for each in plan.requested
        if all(ran[output.action].result is not None for output in each.outputs)
    }
    new = {str(each.target): placed.get(each.target, ActionResult()) for each in plan.requested}
    all_placed = {**(others or {}), **new}
    if not any(result.files or result.symlinks for result in all_placed.values()):
        return {}
    _refuse_clashes(all_placed)
    with FileLock(site.state / "delivery.lock", what=f"writes {out.name}/"):
        known = claim(site, request)
        made = {file.path: file.digest.hash for result in all_placed.values() for file in result.files}
        if not known:  # or a run that is killed leaves a folder that is nobody's
            _write_manifest(out, known)
        for result in placed.values():
            restore_outputs(site.store, result, lambda path: out / path, inside=out)
        _write_manifest(out, {**_present(out, known.keys() - made.keys(), known), **made})
    return {target: tuple(_reports(site, out, result)) for target, result in placed.items()}


def brings_links(site: Site, plan: BuildPlan, ran: Mapping[ActionId, Outcome]) -> bool:
    """Whether symbolic links are delivered, which no report and no manifest names."""
    done = (each for each in plan.requested if all(ran[output.action].result for output in each.outputs))
    return any(_placed(site, each, ran).symlinks for each in done)


def claim(site: Site, request: BuildRequest) -> dict[str, str]:
    """The digests of an earlier run; raises InputError for a folder that piot did not make."""
    out = _place(site, request)
    if files.look(out / MANIFEST) is not None:
        return delivered(out)
    found = files.look(out)
    foreign = found is not None and (found.kind != "directory" or any(files.scan(out)))
    if foreign and request.out is None:
        raise InputError(
            f"{out.name}/ was not made by piot, so nothing is written there",
            hint="move it away, or name another folder with --out",
        )
    return {}


def delivered(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file that piot put into a folder, by path; empty where there is no manifest."""
    manifest = folder / MANIFEST
    if files.look(manifest) is None:
        return {}
    try:
        return dict(json.loads(files.read_file(manifest))["files"])
    except (ValueError, KeyError, TypeError):
        return {}


def _place(site: Site, request: BuildRequest) -> Path:
    return (site.root / (request.out or "dist")).absolute()


def _placed(site: Site, wanted: Requested, ran: Mapping[ActionId, Outcome]) -> ActionResult:
    """Files and links with paths below ``dist/``: folders deliver what is in them, files stand by triple."""
    found: list[OutputFile] = []
    links: list[OutputSymlink] = []
    for output in wanted.outputs:
        result = ran[output.action].result
        assert result is not None
        folder = "" if output.directory or wanted.target.triple is None else f"{wanted.target.triple}/"
        for file in result.files:
            if file.path == output.path:
                found.append(replace(file, path=folder + file.path.rpartition("/")[2]))
        for directory in result.directories:
            if directory.path == output.path:
                _add(site, directory.root, folder, found, links)
    return ActionResult(files=tuple(found), symlinks=tuple(links))


def _add(site: Site, root: Digest, prefix: str, found: list[OutputFile], links: list[OutputSymlink]) -> None:
    directory = site.store.directory(root)
    found += [
        OutputFile(path=prefix + node.name, digest=node.digest, executable=node.executable)
        for node in directory.files
    ]
    links += [OutputSymlink(path=prefix + node.name, target=node.target) for node in directory.symlinks]
    for child in directory.directories:
        _add(site, child.digest, f"{prefix}{child.name}/", found, links)


def _refuse_clashes(placed: Placed) -> None:
    """One path can hold one thing, and no folder where a file stands."""
    owners: dict[str, tuple[str, OutputFile | OutputSymlink]] = {}
    clashes: dict[str, str] = {}
    every: list[tuple[str, OutputFile | OutputSymlink]] = []
    for target, each in placed.items():
        every += [(target, one) for one in each.files]
        every += [(target, one) for one in each.symlinks]
    for target, one in every:
        owner, other = owners.setdefault(one.path, (target, one))
        if other != one:
            clashes[one.path] = f"{one.path}: from {owner} and from {target}"
    for target, one in every:
        above = one.path.rpartition("/")[0]
        while above:
            if above in owners:
                clashes[one.path] = f"{one.path}: from {target}, and {above} from {owners[above][0]}"
            above = above.rpartition("/")[0]
    if clashes:
        raise InputError(
            "different files would get the same place:\n  " + "\n  ".join(clashes.values()),
            hint="rename one of them, or build the targets one by one into folders of their own (--out)",
        )


def _reports(site: Site, out: Path, result: ActionResult) -> Iterator[OutputReport]:
    for file in result.files:
        path = _below(site.root, out / file.path)
        yield OutputReport(path=path, sha256=file.digest.hash, size=file.digest.size)


def _present(out: Path, paths: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """Files that are gone are forgotten."""
    return {path: known[path] for path in paths if (out / path).exists()}


def _write_manifest(out: Path, known: Mapping[str, str]) -> None:
    manifest = {"schema": 1, "files": dict(sorted(known.items()))}
    files.write_atomic(out / MANIFEST, json.dumps(manifest, indent=1).encode() + b"\n")
    if not (out / IGNORE).exists():
        files.write_atomic(out / IGNORE, b"*\n")


def _below(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()
