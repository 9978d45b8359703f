"""The schema of one ``[[package]]``: what crates, pypi and npm packages each have of their own."""

from __future__ import annotations

import re

from piot.load.config_names import NPM_NAME, check_names
from piot.load.config_reader import Code, Section
from piot.load.config_targets import (
    NPM_BUNDLE_KEYS,
    PYPI_BUNDLE_KEYS,
    read_builds,
    read_bundle_cli,
    read_env,
    read_profile,
    read_system,
    read_targets,
)
from piot.model.npm.dist_tag import DEFAULT, is_range
from piot.model.package import CratesSettings, Kind, NpmSettings, PypiBuild, PypiSettings, TargetSettings
from piot.model.python.pyproject import PYTHON, SPELLED
from piot.model.tables import is_array, is_table

KIND_KEYS: dict[Kind, tuple[str, ...]] = {
    "crates": ("crate", "features", "no_default_features"),
    "pypi": ("pypi", "build", "targets", "bundle_cli", "python_versions", "manylinux"),
    "npm": ("npm", "access", "tag", "build", "targets", "bundle_cli"),
}

CARGO_KEYS = ("env", "rustflags", "features", "default_features", "profile", "system")
"""What may be otherwise on one platform in all that cargo compiles."""

TARGET_KEYS = (*CARGO_KEYS, "manylinux", "python_versions")
"""What a wheel may have otherwise on one platform."""

NPM_TARGET_KEYS = (*CARGO_KEYS, "name")
"""What an addon or a program of an npm package may have otherwise on one platform."""

_BUILDS: tuple[PypiBuild, ...] = ("maturin", "setuptools", "hatch")
_MANYLINUX = re.compile(r"auto|1|2010|2014|2_\d+|musllinux_\d+_\d+")
_REGISTRY_NAMES = {
    # https://doc.rust-lang.org/cargo/reference/manifest.html#the-name-field and crates.io's own rule
    "crate": re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}"),
    # https://packaging.python.org/en/latest/specifications/name-normalization/#name-format
    "pypi": re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"),
    "npm": NPM_NAME,
}


def read_crates(section: Section) -> CratesSettings:
    """The keys of ``kind = "crates"``."""
    return CratesSettings(
        crate=_registry_name(section, "crate"),
        features=section.texts("features"),
        no_default_features=section.flag("no_default_features"),
    )


def read_pypi(section: Section) -> PypiSettings:
    """The keys of ``kind = "pypi"``; ``bundle_cli`` and ``manylinux`` go with maturin only.

    ``targets`` of others say that they have extension modules, which are built for each platform.
    """
    build: PypiBuild = section.choice("build", _BUILDS, "setuptools")
    keys = TARGET_KEYS if build == "maturin" else ("env", "python_versions")
    targets = read_targets(section, keys, _target_settings)
    if build == "maturin":
        if not targets:
            _need_targets(section, 'build = "maturin"')
    else:
        for key, code in _MATURIN_ONLY.items():
            if key in section.values:
                hint = f'set build = "maturin", or remove "{key}"'
                section.fault_at_key(key, code, f'"{key}" does not go with build = "{build}"', hint=hint)
    return PypiSettings(
        pypi=_registry_name(section, "pypi"),
        build=build,
        targets=targets,
        bundle_cli=read_bundle_cli(section, PYPI_BUNDLE_KEYS),
        python_versions=_python_versions(section),
        manylinux=_manylinux(section),
    )


_MATURIN_ONLY: dict[str, Code] = {
    "bundle_cli": "PIOT_BUNDLE_CLI",
    "manylinux": "PIOT_MANYLINUX",
}


def read_npm(section: Section) -> NpmSettings:
    """The keys of ``kind = "npm"``; ``build`` and ``targets`` go together."""
    name = _registry_name(section, "npm")
    builds = read_builds(section, name)
    targets = read_targets(section, NPM_TARGET_KEYS, _target_settings)
    check_names(section, name, builds, targets)
    if "build" in section.values and not targets:
        _need_targets(section, '"build"')
    if "targets" in section.values and "build" not in section.values:
        hint = 'set build = "napi" or "bundled-cli", or remove "targets"'
        section.fault_at_key("targets", "PIOT_TARGETS", '"targets" does not go without "build"', hint=hint)
    if "bundle_cli" in section.values and not _bundles(section.values.get("build")):
        hint = 'set build = "bundled-cli", or remove "bundle_cli"'
        message = '"bundle_cli" does not go without build = "bundled-cli"'
        section.fault_at_key("bundle_cli", "PIOT_BUNDLE_CLI", message, hint=hint)
    return NpmSettings(
        npm=name,
        access=section.choice("access", ("public", "restricted"), "public"),
        tag=_read_tag(section),
        build=builds,
        targets=targets,
        bundle_cli=read_bundle_cli(section, NPM_BUNDLE_KEYS),
    )


def _read_tag(section: Section) -> str:
    tag = section.text("tag", DEFAULT)
    if is_range(tag):
        message = f'"tag" is "{tag}", which npm reads as a range of versions'
        hint = f'take a word that is none: tag = "{tag if tag.isalnum() else "v1"}-latest"'
        section.fault(("tag",), "PIOT_VALUE", message, hint=hint)
    return tag


def _bundles(build: object) -> bool:
    """Whether ``build`` names bundled programs, be it in an entry with something wrong."""
    entries = build if is_array(build) else [build]
    modes = [each.get("mode") if is_table(each) else each for each in entries]
    return "bundled-cli" in modes


def _need_targets(section: Section, what: str) -> None:
    if "targets" in section.values and section.values["targets"] != []:
        return
    key = ("targets",) if "targets" in section.values else ()
    hint = 'name the platforms: targets = ["x86_64-unknown-linux-gnu", "aarch64-apple-darwin"]'
    section.fault(key, "PIOT_TARGETS", f'{what} needs "targets"', hint=hint)


def _registry_name(section: Section, key: str) -> str:
    name = section.values.get("name")
    text = section.text(key, name if isinstance(name, str) else "")
    if text and not _REGISTRY_NAMES[key].fullmatch(text):
        hint = f'set "{key}" to the name it is registered by'
        where = (key,) if key in section.values else ("name",)
        registry = {"crate": "crates.io", "pypi": "PyPI", "npm": "npm"}[key]
        section.fault(where, "PIOT_REGISTRY_NAME", f'"{text}" cannot be a name on {registry}', hint=hint)
    return text


def _python_versions(section: Section) -> tuple[str, ...]:
    versions = section.texts("python_versions")
    if section.values.get("python_versions") == []:
        hint = "name one, or remove it to follow requires-python"
        section.fault(("python_versions",), "PIOT_EMPTY", '"python_versions" is empty', hint=hint)
    for index, version in enumerate(section.items("python_versions")):
        if isinstance(version, str) and version.strip() and not PYTHON.fullmatch(version):
            message = f'"{version}" is not a Python version'
            section.fault(("python_versions", index), "PIOT_PYTHON_VERSION", message, hint=SPELLED)
    return versions


def _target_settings(table: Section) -> TargetSettings:
    """What a table of ``targets`` says beside the triple and the runner."""
    return TargetSettings(
        env=read_env(table),
        rustflags=table.texts("rustflags"),
        features=table.texts("features"),
        default_features=table.flag("default_features") if "default_features" in table.values else None,
        manylinux=_manylinux(table),
        python_versions=_python_versions(table),
        profile=read_profile(table),
        system=read_system(table),
    )


def _manylinux(section: Section) -> str | None:
    text = section.optional("manylinux")
    if text and not _MANYLINUX.fullmatch(text):
        better = text.replace(".", "_").removeprefix("manylinux").lstrip("_")
        hint = "auto, 2014, 2_28 or musllinux_1_2"
        if _MANYLINUX.fullmatch(better):
            hint = f'write "{better}"'
        section.fault(("manylinux",), "PIOT_MANYLINUX", f'"manylinux" is "{text}"', hint=hint)
    return text
