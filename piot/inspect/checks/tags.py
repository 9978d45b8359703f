"""Tags: whether they can be told apart, and whether manifests have fallen behind them."""

from __future__ import annotations

from collections.abc import Iterator

from piot.errors import InputError
from piot.inspect.view import View, manifest_of
from piot.model.finding import Finding
from piot.model.package import Package
from piot.model.semver import Semver
from piot.model.toml_scan import Where

SAMPLES = ("1.2.3", "1.2.3-rc.1")


def ambiguous(view: View) -> Iterator[Finding]:
    """Tags of one package that could be those of another, with another version."""
    ends: dict[str, list[tuple[str, Package]]] = {}
    for package in view.packages:
        before, _, after = _format(package).partition("{version}")
        ends.setdefault(before, []).append((after, package))
    for package in view.packages:
        for sample in SAMPLES:
            other = _reader(_format(package).replace("{version}", sample), package, ends)
            if other is not None:
                tag = _format(package).replace("{version}", sample)
                message = f'its tag {tag} could be one of package "{other.name}" too'
                fix = 'put {name} into "tag_format" of both'
                yield view.at_package("PIOT_TAG_AMBIGUOUS", "error", message, package, "tag_format", fix=fix)
                break


def _reader(tag: str, own: Package, ends: dict[str, list[tuple[str, Package]]]) -> Package | None:
    """Another package that takes the tag for one of its own."""
    for length in range(len(tag) + 1):
        for after, package in ends.get(tag[:length], ()):
            version = tag[length : len(tag) - len(after)]
            same = _format(package) == _format(own)  # which loading has said
            if package is not own and not same and tag.endswith(after) and _is_version(version):
                return package
    return None


def _format(package: Package) -> str:
    return package.tag_format.replace("{name}", package.name)


def _is_version(text: str) -> bool:
    try:
        Semver.parse(text)
    except InputError:
        return False
    return True


def behind(view: View) -> Iterator[Finding]:
    """Versions in manifests that are older than the last tag.

    Builds of a release have the planned version, but what is installed from git has the manifest's.
    """
    for package in view.packages:
        before, _, after = _format(package).partition("{version}")
        found = [
            tag[len(before) : len(tag) - len(after)]
            for tag in view.tags
            if tag.startswith(before) and tag.endswith(after)
        ]
        tagged = [Semver.parse(each) for each in found if _is_version(each)]
        version, path, where = _committed(view, package)
        if not tagged or not _is_version(version) or Semver.parse(version).core == (0, 0, 0):
            continue
        last = max(tagged, key=lambda each: each.precedence)
        if Semver.parse(version).precedence < last.precedence:
            yield view.at(
                "PIOT_VERSION_BEHIND",
                "note",
                f"{last} is released, but who installs from git gets {version}",
                path,
                where,
                package=package,
                fix='run `piot bump` and commit, or write "0.0.0", which nobody takes for a release',
            )


def _committed(view: View, package: Package) -> tuple[str, str, Where]:
    """The version that the package's own manifest says, and where; empty where it says none."""
    crate = view.crate(view.main_crate(package))
    project, npm = view.pyprojects.get(package.path), view.npm.get(package.path)
    if package.kind == "npm":
        return (npm.manifest.version if npm else ""), manifest_of(package), ("version",)
    if package.kind == "pypi" and project is not None and project.version is not None:
        place: Where = ("project", "version") if "version" not in project.dynamic else ("project", "dynamic")
        return project.version, manifest_of(package), place
    if crate is None or (package.kind == "pypi" and view.main_crate(package) not in view.crates_of(package)):
        return "", "", ()
    if crate.version_inherited:
        return crate.version, view.workspaces[crate.directory].manifest, ("workspace", "package", "version")
    return crate.version, crate.manifest, ("package", "version")
