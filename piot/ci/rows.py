"""Planned packages to the rows of the CI matrix, in the order of the configuration.

Fields, names and order of the rows of a package are those of the published matrix, so that workflows
written for it go on working.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from piot.ci.facts import BuildFacts
from piot.errors import Problem, Problems
from piot.model.package import CratesSettings, NpmBuild, NpmSettings, Package, PypiSettings, TargetSpec
from piot.model.python.manylinux import applies, compatibility
from piot.model.release.matrix import Row
from piot.model.runners import PLAIN


def matrix_rows(
    packages: Sequence[Package],
    versions: Mapping[str, str],
    facts: Mapping[str, BuildFacts],
    *,
    glibc: str = "2.17",
) -> tuple[Row, ...]:
    """The rows of the packages that have a version (in Cargo's spelling).

    ``glibc`` is the oldest that Linux artifacts must run with. Raises Problems for platforms that no
    CI machine is known for.
    """
    _refuse_unknown_runners([each for each in packages if each.name in versions])
    found: list[Row] = []
    for package in packages:
        if package.name in versions:
            made = _Rows(package, versions[package.name], facts[package.name], glibc)
            found += made.of_kind()
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Rows:
    package: Package
    version: str
    facts: BuildFacts
    glibc: str

    def of_kind(self) -> Iterator[Row]:
        match self.package.settings:
            case CratesSettings():
                yield self._row("noarch", "crate", "crate", path=self._path("target/package"))
            case PypiSettings(build="maturin") as settings:
                yield from self._wheels(settings)
                yield self._python("sdist", "sdist", settings)
            case PypiSettings() as settings:
                yield self._python("sdist", "sdist", settings)
                yield from self._backend_wheels(settings)
            case NpmSettings(build=()):
                yield self._row("noarch", "pkg", "package", path=self._path("package.json"))
            case NpmSettings() as settings:
                yield from self._family(settings)

    def _wheels(self, settings: PypiSettings) -> Iterator[Row]:
        for spec in settings.targets:
            separate = self.facts.separate.get(spec.triple.text, ())
            for python in separate or (None,):
                yield self._wheel(settings, spec, python, alone=len(separate) < 2)

    def _wheel(self, settings: PypiSettings, spec: TargetSpec, python: str | None, *, alone: bool) -> Row:
        suffix = f"wheel-{spec.written}" + ("" if alone else f"-py{python}")
        policy = spec.settings.manylinux or settings.manylinux or ""
        floor = None if spec.triple.glibc is None else max(self.glibc, spec.triple.glibc, key=_numbers)
        return replace(
            self._platform(spec, suffix, "wheel", path=self._path("dist")),
            build=settings.build,
            python_version=python or self.facts.newest,
            python=python,
            bundle_cli=settings.bundle_cli,
            manylinux=policy if policy and applies(policy, spec.triple) else None,
            compatibility=compatibility(policy, spec.triple, floor) or None,
        )

    def _backend_wheels(self, settings: PypiSettings) -> Iterator[Row]:
        if not settings.targets and self.facts.pure:
            yield self._python("any", "wheel-any", settings)
        for spec in settings.targets:
            row = self._platform(spec, f"wheel-{spec.written}", "wheel", path=self._path("dist"))
            runner = spec.runner or spec.triple.native_runner or row.runs_on
            yield replace(row, runs_on=runner, build=settings.build, python_version=self.facts.newest)

    def _python(self, target: str, suffix: str, settings: PypiSettings) -> Row:
        name = "sdist" if target == "sdist" else "wheel"
        row = self._row(target, suffix, name, path=self._path("dist"))
        return replace(row, build=settings.build, python_version=self.facts.newest)

    def _family(self, settings: NpmSettings) -> Iterator[Row]:
        several = len(settings.build) > 1
        for build in settings.build:
            for spec in settings.targets:
                yield self._of_platform(settings, build, spec, several=several)
        main = self._row("main", "main", "package", path=self._path("package.json"))
        yield replace(main, build=settings.build[0].mode)

    def _of_platform(self, settings: NpmSettings, build: NpmBuild, spec: TargetSpec, *, several: bool) -> Row:
        name = f"{build.mode}-{spec.written}" if several else spec.written
        target = f"platforms-{build.mode}" if several else "platforms"
        row = self._platform(spec, name, target, path=self._path(f"build/{name}"))
        cli = settings.bundle_cli if build.mode == "bundled-cli" else None
        return replace(row, build=build.mode, bundle_cli=cli, rust_target=spec.triple.text if cli else None)

    def _platform(self, spec: TargetSpec, suffix: str, target: str, *, path: str) -> Row:
        row = self._row(spec.written, suffix, target, path=path)
        triple = spec.triple
        return replace(
            row,
            runs_on=spec.runner or triple.runner or "",
            triple=triple.text,
            libc=triple.libc if triple.os == "linux" else None,
        )

    def _row(self, target: str, suffix: str, name: str, *, path: str) -> Row:
        package = self.package
        return Row(
            name=package.name,
            kind=package.kind,
            version=self.version,
            target=target,
            runs_on=PLAIN,
            artifact_name=f"{package.name.replace('/', '__')}-{suffix}",
            artifact_path=path,
            path=package.path,
            build_workflow=package.build_workflow,
            label=self.facts.labels.get(name) or self.facts.labels["package"],
        )

    def _path(self, below: str) -> str:
        return posixpath.normpath(posixpath.join(self.package.path, below))


def _refuse_unknown_runners(packages: Sequence[Package]) -> None:
    found = [
        _no_runner(package, spec)
        for package in packages
        for spec in package.targets
        if spec.runner is None and spec.triple.runner is None
    ]
    if found:
        raise Problems(found)


def _no_runner(package: Package, spec: TargetSpec) -> Problem:
    path, _, line = package.location.rpartition(":")
    return Problem(
        path=path,
        line=int(line) if line.isdecimal() else 0,
        column=1,
        code="PIOT_NO_RUNNER",
        message=f'package "{package.name}" is built for {spec.written}, and GitHub has no machine for that',
        hint=f'name one in "targets": {{ triple = "{spec.written}", runner = "my-runner" }}',
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
