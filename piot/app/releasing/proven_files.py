"""The files of a release: all that are planned, and each proven to be what it claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from piot.app.building.delivery import delivered
from piot.app.session.session import Session
from piot.errors import InputError
from piot.model.package import Package
from piot.model.proof import CrateProof, Proof, SdistProof, TarballProof, WheelProof
from piot.model.release.completeness import lacking
from piot.model.release.plan import ReleasePlan
from piot.model.release.spelling import spelled
from piot.model.semver import Semver
from piot.release.artifacts import Found, find
from piot.run.verify.verify import verify


def proven_files(
    session: Session, named: Path | None, plan: ReleasePlan, packages: Mapping[str, Package]
) -> tuple[Found, ...]:
    """The files of the planned packages in their planned versions; others in the folder are left alone.

    Raises InputError with all that are missing, then with all that is wrong with those that are there.
    """
    folder = session.root / (named or "dist")
    versions = {
        each.name: spelled(packages[each.name].kind, Semver.parse(each.version)) for each in plan.packages
    }
    found = [
        each
        for each in find(folder, [packages[name] for name in versions])
        if versions.get(each.artifact.package) == each.artifact.version
    ]
    _refuse_missing(folder, versions, packages, found)
    _refuse_changed(folder, found)
    _refuse_wrong(found)
    return tuple(found)


def _refuse_missing(
    folder: Path, versions: Mapping[str, str], packages: Mapping[str, Package], found: Iterable[Found]
) -> None:
    artifacts = [each.artifact for each in found]
    lines = [
        line for name, version in versions.items() for line in lacking(packages[name], version, artifacts)
    ]
    if lines:
        raise InputError(
            f"files are missing in {folder}, so nothing was sent:\n  " + "\n  ".join(lines),
            hint="build what is planned (piot plan --json > ../plan.json; "
            "piot build //... --plan ../plan.json), "
            "or name the folder that has it: --artifacts DIR",
        )


def _refuse_changed(folder: Path, found: Iterable[Found]) -> None:
    """A folder that piot made says which bytes it put there, wherever it was carried to since."""
    known: dict[Path, dict[str, str]] = {}
    changed: list[str] = []
    for each in found:
        for place in (parent for parent in each.path.parents if parent.is_relative_to(folder)):
            made = known.setdefault(place, delivered(place))
            sha256 = made.get(each.path.relative_to(place).as_posix())
            if sha256 is not None and sha256 != each.artifact.sha256:
                changed.append(f"{each.path.name}: built {sha256}, now {each.artifact.sha256}")
    if changed:
        raise InputError(
            "files were changed after they were built, so nothing was sent:\n  " + "\n  ".join(changed),
            hint="build them again, or fetch them again from where they were built",
        )


def _refuse_wrong(found: Iterable[Found]) -> None:
    findings = [f"{each.path.name}: {line}" for each in found for line in verify(each.path, _proof(each))]
    if findings:
        raise InputError(
            "files are not what they claim to be, so nothing was sent:\n  " + "\n  ".join(findings),
            hint="build them again, or fetch them again from where they were built",
        )


def _proof(found: Found) -> Proof:
    artifact = found.artifact
    match artifact.kind:
        case "crate":
            return CrateProof(name=artifact.registry_name, version=artifact.version)
        case "wheel":
            return WheelProof(name=artifact.registry_name, version=artifact.version)
        case "sdist":
            return SdistProof(name=artifact.registry_name, version=artifact.version)
        case "npm-package" | "npm-platform":
            return TarballProof(name=artifact.registry_name, version=artifact.version)
