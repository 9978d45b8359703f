"""What every released package has: a licence, a read-me, one repository, and machines to build it on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from piot.inspect.cargo import inherited
from piot.inspect.view import View, manifest_of
from piot.model.finding import Finding
from piot.model.package import Package
from piot.model.tables import is_table, table_at
from piot.model.toml_scan import Where

_LICENCE = re.compile(r"(?:UN)?LICEN[CS]E|COPYING|COPYRIGHT", re.IGNORECASE)
_README = re.compile(r"README", re.IGNORECASE)
_URL = re.compile(
    r"(?:git\+)?(?:https?://(?:[^/@]*@)?|git://|ssh://git@|git@)github\.com[/:]"
    r"(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?(?:[#/].*)?"
)
_SHORT = re.compile(r"(?:github:)?(?P<name>[\w.-]+/[\w.-]+)")
"""How package.json may write one of GitHub (npm docs, *repository*)."""

_LABELS = ("repository", "source", "source code", "github", "homepage")
"""Keys of ``[project.urls]`` that name the repository, the likeliest first."""


def texts(view: View) -> Iterator[Finding]:
    """A licence and a read-me, in the package's folder or at the root of the repository."""
    wanted = (
        (_LICENCE, "PIOT_LICENCE_MISSING", "there is no licence file", "add a file LICENSE"),
        (
            _README,
            "PIOT_README_MISSING",
            "there is no read-me, which the registry's page shows",
            "add a README.md",
        ),
    )
    for pattern, code, message, fix in wanted:
        if any(pattern.match(name) for name in (*view.beside("."), *view.below("LICENSES"))):
            continue
        for package in view.packages:
            if (
                view.below(package.path)
                and not any(pattern.match(name) for name in view.beside(package.path))
                and not _named(view, package, code)
            ):
                yield view.at_package(code, "warning", message, package, "path", fix=fix)


def _named(view: View, package: Package, code: str) -> bool:
    """Whether the manifest names such a file somewhere else."""
    crate = view.crate(package.path) if package.kind == "crates" else None
    key = "readme" if code == "PIOT_README_MISSING" else "license-file"
    if crate is not None:
        return isinstance(inherited(view, crate, key), str)
    if package.kind != "pypi":
        return False
    project = table_at(view.documents.table(manifest_of(package)), "project")
    return bool(project.get("readme" if key == "readme" else "license-files"))


def addresses(view: View) -> Iterator[Finding]:
    """The repository that manifests name is the one of ``trust_policy``, else the one that a job runs for."""
    for package in view.packages:
        named = _repository(view, package)
        policy = package.trust_policy.repository if package.trust_policy else None
        wanted = policy or view.github
        if named is None or not wanted or named[0].lower() == wanted.lower():
            continue
        who = f"trust_policy of {view.config} says" if policy else "this job runs for"
        name, path, where = named
        yield view.at(
            "PIOT_REPO_URL_MISMATCH",
            "error",
            f"the repository is {name} here, but {who} {wanted}",
            path,
            where,
            package=package,
            fix=f"write https://github.com/{wanted}: registries compare it with where it was built",
        )


def _repository(view: View, package: Package) -> tuple[str, str, Where] | None:
    """``owner/name`` of a repository of GitHub, and where that stands."""
    for path, where, text in _texts(view, package):
        match = _URL.fullmatch(text.strip()) or (
            _SHORT.fullmatch(text.strip()) if path.endswith(".json") else None
        )
        if match is not None:
            return match["name"], path, where
    return None


def _texts(view: View, package: Package) -> Iterator[tuple[str, Where, str]]:
    path = manifest_of(package)
    table = view.documents.table(path)
    found: list[tuple[Where, object]] = []
    crate = view.crate(package.path) if package.kind == "crates" else None
    if crate is not None:
        found = [(("package", "repository"), inherited(view, crate, "repository"))]
    elif package.kind == "pypi":
        urls = table_at(table, "project", "urls")
        ranked = sorted(
            (each for each in urls if each.lower() in _LABELS), key=lambda each: _LABELS.index(each.lower())
        )
        found = [(("project", "urls", each), urls[each]) for each in ranked]
    elif package.kind == "npm":
        value = table.get("repository")
        found = [(("repository", "url"), value.get("url"))] if is_table(value) else [(("repository",), value)]
    for where, text in found:
        if isinstance(text, str):
            yield path, where, text


def runners(view: View) -> Iterator[Finding]:
    """Platforms that no machine of GitHub builds for, unless one is named."""
    for package in view.packages:
        for index, spec in enumerate(package.targets):
            if spec.triple.runner is None and spec.runner is None:
                name = spec.written or spec.triple.text
                yield view.at_package(
                    "PIOT_RUNNER",
                    "warning",
                    f"GitHub has no machine that builds for {spec.triple}",
                    package,
                    "targets",
                    index,
                    fix=f'name one of yours: {{ triple = "{name}", runner = "LABEL" }}',
                )
