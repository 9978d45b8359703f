"""Tags: whether they can be told apart, and whether manifests have fallen behind them."""

from __future__ import annotations

from collections.abc import Iterator

from piot.errors import InputError
from piot.inspect.view import View, manifest_of
from piot.model.finding import Finding
from piot.model.package import Package
from piot.model.release.spelling import read_spelled
from piot.model.release.tag_format import TagFormat, versions_of
from piot.model.semver import Semver
from piot.model.toml_scan import Where

SAMPLES = ("1.2.3", "1.2.3-rc.1")


def ambiguous(view: View) -> Iterator[Finding]:
    """Tags of one package that could be those of another, with another version."""
    formats = {package.name: _format(package) for package in view.packages}
    lines = {package.name: package.line for package in view.packages}
    tags = {formats[package.name].tag(sample): package for package in view.packages for sample in SAMPLES}
    told: set[str] = set()
    for name, found in versions_of(tags, {name: [each] for name, each in formats.items()}).items():
        for _, tag in found:
            package = tags[tag]
            same = lines[name] == package.line or formats[name] == formats[package.name]
            if same or package.name in told:  # one tag for two packages is refused when it is loaded
                continue
            told.add(package.name)
            message = f'its tag {tag} could be one of package "{name}" too'
            fix = 'put {name} into "tag_format" of both'
            yield view.at_package("PIOT_TAG_AMBIGUOUS", "error", message, package, "tag_format", fix=fix)


def _format(package: Package) -> TagFormat:
    return TagFormat.parse(package.tag_format, package.line)


def behind(view: View) -> Iterator[Finding]:
    """Versions in manifests that are older than the last tag.

    Builds of a release have the planned version, but what is installed from git has the manifest's.
    """
    released = versions_of(view.tags, {each.name: [_format(each)] for each in view.packages})
    for package in view.packages:
        tagged = [version for version, _ in released[package.name]]
        text, path, where = _committed(view, package)
        version = _read(package, text)
        if not tagged or version is None or version.core == (0, 0, 0):
            continue
        last = max(tagged, key=lambda each: each.precedence)
        if version.precedence < last.precedence:
            yield view.at(
                "PIOT_VERSION_BEHIND",
                "note",
                f"{last} is released, but who installs from git gets {text}",
                path,
                where,
                package=package,
                fix='run `piot bump` and commit, or write "0.0.0", which nobody takes for a release',
            )


def _read(package: Package, text: str) -> Semver | None:
    try:
        return read_spelled(package.kind, text) if text else None
    except InputError:
        return None


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
