"""A release plan as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from piot.app.plan import Planned
from piot.cli.findings import findings_json
from piot.cli.matrix_view import matrix_text, rebuilt_json, rebuilt_text
from piot.cli.observed import observed_json, observed_text
from piot.cli.words import shown
from piot.model.release.plan import PlannedPackage, Reason
from piot.model.release.registry_state import RegistryState

MOST_FILES = 10
"""Files of a reason that are shown; ``-v`` shows all."""


def plan_text(found: Planned, *, verbose: bool = False) -> str:
    """A block per package, in the order of releases: what, in which version, and why; then who builds it."""
    plan = found.plan
    names = {package.name for package in plan.packages}
    most = None if verbose else MOST_FILES
    blocks = [_block(each, names, found.registries.get(each.name), most) for each in plan.packages]
    blocks += ["nothing to release\n"] if not blocks else []
    blocks += [_shown_lines(text) for text in (matrix_text(found.rows), rebuilt_text(found.rebuilt)) if text]
    return "\n".join(blocks)


def _shown_lines(text: str) -> str:
    return "".join(f"{shown(line)}\n" for line in text.splitlines())


def _block(package: PlannedPackage, planned: set[str], state: RegistryState | None, most: int | None) -> str:
    before = f"{package.previous} -> " if package.previous else ""
    lines = [f"{package.name} {before}{package.version} ({package.bump})"]
    for reason in package.reasons:
        lines.append(f"    {reason.text}")
        if reason.of not in planned:
            lines += _files(reason, most)
    lines += _registry(state, most) if state is not None and state.place else []
    return "".join(f"{shown(line)}\n" for line in lines)


def _registry(state: RegistryState, most: int | None) -> Iterator[str]:
    """What is there; file by file where they differ, and always with ``-v`` (no ``most``)."""
    silent = state.state == "unreachable"  # a finding says why
    yield f"    {state.place}: {state.state}" + (f" ({state.detail})" if state.detail and not silent else "")
    if most is None or len({each.state for each in state.artifacts}) > 1:
        yield from (f"        {observed_text(each)}" for each in state.artifacts[:most])


def _files(reason: Reason, most: int | None) -> Iterator[str]:
    for path, change in list(zip(reason.paths, reason.changes, strict=True))[:most]:
        yield f"        {change:8}{path}"
    if most is not None and len(reason.paths) > most:
        yield f"        … and {len(reason.paths) - most} more (-v shows them)"


def plan_json(found: Planned) -> dict[str, object]:
    """The object of ``plan --json``; see `docs/reference/schemas/plan.schema.json`."""
    plan = found.plan
    return {
        "schema": 1,
        "commit": plan.commit,
        "packages": [_package(each, found.registries.get(each.name)) for each in plan.packages],
        "kept": [{"name": name, "version": version} for name, version in plan.kept],
        "matrix": [job.as_json() for job in found.jobs],
        "rebuilt": [rebuilt_json(each) for each in found.rebuilt],
        "skew": [{"dependent": each, "dependency": other} for each, other in found.skew],
        "findings": findings_json(found.findings),
    }


def _package(package: PlannedPackage, state: RegistryState | None) -> dict[str, object]:
    return {
        "name": package.name,
        "version": package.version,
        "previous": package.previous,
        "bump": package.bump,
        "reasons": [_reason(reason) for reason in package.reasons],
        "fingerprint": package.fingerprint,
        "tag": package.tag,
        "baseline": package.baseline,
        "registry": None if state is None else _state(state),
    }


def _state(state: RegistryState) -> dict[str, object]:
    return {
        "place": state.place,
        "version": state.version,
        "state": state.state,
        "verdict": state.verdict,
        "detail": state.detail,
        "artifacts": [observed_json(each) for each in state.artifacts],
    }


def _reason(reason: Reason) -> dict[str, object]:
    files = zip(reason.paths, reason.changes, strict=True)
    return {
        "kind": reason.kind,
        "text": reason.text,
        "of": reason.of,
        "files": [{"path": path, "change": change} for path, change in files],
    }
