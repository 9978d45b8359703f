"""The packages of ``putitoutthere.toml``: what is released, how it is built, and for which platforms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from piot.model.triple import Triple

Kind: TypeAlias = Literal["crates", "pypi", "npm"]
PypiBuild: TypeAlias = Literal["maturin", "setuptools", "hatch"]
NpmMode: TypeAlias = Literal["napi", "bundled-cli"]
Access: TypeAlias = Literal["public", "restricted"]
VersionFrom: TypeAlias = Literal["trailer", "manifest"]

Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""A mapping of text to text, sorted by key."""

DEFAULT_FIRST_VERSION = "0.1.0"
DEFAULT_TAG_FORMAT = "{name}-v{version}"
DEFAULT_PLATFORM_NAME = "{name}-{triple}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSettings:
    """What is built otherwise on one platform; None and empty values are as on all others.

    ``env``, ``features`` and ``system`` come on top of the package's own, ``rustflags`` go to rustc,
    ``profile`` is cargo's.
    """

    env: Pairs = ()
    rustflags: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    default_features: bool | None = None
    manylinux: str | None = None
    python_versions: tuple[str, ...] = ()
    profile: str | None = None
    system: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSpec:
    """A platform to build for; ``written`` is its spelling in the file, which names npm packages.

    ``name`` is the platform package's name where the template does not make it.
    """

    triple: Triple
    runner: str | None = None
    written: str = ""
    name: str | None = None
    settings: TargetSettings = TargetSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleCli:
    """A Cargo binary shipped inside a wheel or npm package.

    ``stage_to`` (wheels only) is relative to the package's path, ``crate_path`` to the repository root.
    """

    bin: str
    stage_to: str | None = None
    crate_path: str = "."
    features: tuple[str, ...] = ()
    no_default_features: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmBuild:
    """One family of platform packages: how they are made, and the template of their names."""

    mode: NpmMode
    name: str = DEFAULT_PLATFORM_NAME

    def family(self, npm_name: str) -> str:
        """The template for a package of npm, all filled in but what differs between its platforms."""
        scope, _, base = npm_name.rpartition("/")
        filled = {"name": npm_name, "scope": scope.removeprefix("@"), "base": base, "mode": self.mode}
        return self.name.format(**filled, **{name: f"{{{name}}}" for name in PER_PLATFORM})

    def platform_name(self, npm_name: str, spec: TargetSpec) -> str:
        """What the package of one platform is called."""
        return spec.name or platform_name(self.family(npm_name), spec.triple, spec.written)


PER_PLATFORM = ("triple", "os", "cpu", "libc")
"""The placeholders of a family's template, that each platform fills in otherwise."""


def platform_name(family: str, triple: Triple, spelling: str) -> str:
    """The family's template filled in: ``{triple}`` as it is spelled, the others as in a package.json.

    A platform that has no libc, or runs on any system, leaves that out with the dash before it.
    """
    parts = {"os": "".join(triple.npm_os), "libc": "".join(triple.npm_libc)}
    for name, value in parts.items():
        family = family if value else re.sub(rf"[-._]?\{{{name}\}}", "", family)
    cpu = "universal" if len(triple.npm_cpu) > 1 else "".join(triple.npm_cpu)
    values = {"triple": spelling, "cpu": cpu, **parts}
    # not str.format, since the name of the npm package is in it already, with whatever braces it has
    return re.sub(rf"\{{({'|'.join(PER_PLATFORM)})\}}", lambda hole: values[hole[1]], family)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustPolicy:
    """What the registries' trusted publishers are expected to name."""

    workflow: str | None = None
    environment: str | None = None
    repository: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CratesSettings:
    """A crate; ``crate`` is its registered name."""

    crate: str
    features: tuple[str, ...] = ()
    no_default_features: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiSettings:
    """A Python project; ``pypi`` is its registered name, no ``python_versions`` means by requires-python."""

    pypi: str
    build: PypiBuild = "setuptools"
    targets: tuple[TargetSpec, ...] = ()
    bundle_cli: BundleCli | None = None
    python_versions: tuple[str, ...] = ()
    manylinux: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmSettings:
    """An npm package; no ``build`` means a plain one without platform packages."""

    npm: str
    access: Access = "public"
    tag: str = "latest"
    build: tuple[NpmBuild, ...] = ()
    targets: tuple[TargetSpec, ...] = ()
    bundle_cli: BundleCli | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One releasable unit.

    ``path`` is relative to the repository root (``.`` for the root itself), ``paths`` are patterns for
    ``Globs``, ``location`` is ``file:line`` of its ``[[package]]``. Packages of one ``version_group`` share
    version, tag and release; ``baseline_tags`` are formats of tags that were made before ``tag_format``.
    """

    name: str
    kind: Kind
    path: str
    paths: tuple[str, ...]
    settings: CratesSettings | PypiSettings | NpmSettings
    depends_on: tuple[str, ...] = ()
    first_version: str = DEFAULT_FIRST_VERSION
    tag_format: str = DEFAULT_TAG_FORMAT
    version_from: VersionFrom = "trailer"
    version_group: str | None = None
    baseline_tags: tuple[str, ...] = ()
    trust_policy: TrustPolicy | None = None
    build_workflow: str | None = None
    env: Pairs = ()
    system: tuple[str, ...] = ()
    location: str = field(default="", compare=False)

    @property
    def targets(self) -> tuple[TargetSpec, ...]:
        """The declared platforms; empty for a package without any."""
        return () if isinstance(self.settings, CratesSettings) else self.settings.targets

    @property
    def line(self) -> str:
        """What has a version: its group, else itself. ``{name}`` in tags stands for it."""
        return self.version_group or self.name

    @property
    def registry_names(self) -> tuple[str, ...]:
        """All names that it publishes under: its platform packages on npm, then its own."""
        if not isinstance(self.settings, NpmSettings):
            return (self.registry_name,)
        npm = self.settings
        family = (build.platform_name(npm.npm, spec) for build in npm.build for spec in npm.targets)
        return (*family, npm.npm)

    @property
    def registry_name(self) -> str:
        """Its name on crates.io, PyPI or npm."""
        match self.settings:
            case CratesSettings(crate=name) | PypiSettings(pypi=name) | NpmSettings(npm=name):
                return name
