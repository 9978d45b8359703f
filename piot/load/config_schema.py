"""The schema of one ``[[package]]``: what all kinds share.

Both generations are accepted as one superset: ``paths`` with ``globs`` as its other name, and the keys
``trust_policy`` and ``build_workflow``.
"""

from __future__ import annotations

import re
from typing import get_args

from piot.errors import InputError
from piot.load.config_kinds import KIND_KEYS, read_crates, read_npm, read_pypi
from piot.load.config_reader import Section
from piot.load.config_targets import read_env, read_system
from piot.load.config_text import folder, template_error
from piot.load.toml_positions import Where
from piot.model.globs import Globs
from piot.model.label import ALLOWED, unnameable
from piot.model.package import (
    DEFAULT_FIRST_VERSION,
    DEFAULT_TAG_FORMAT,
    CratesSettings,
    Kind,
    NpmSettings,
    Package,
    PypiSettings,
    TrustPolicy,
    VersionFrom,
)

COMMON_KEYS = (
    "name",
    "kind",
    "path",
    "paths",
    "globs",
    "depends_on",
    "first_version",
    "tag_format",
    "version_from",
    "version_group",
    "baseline_tags",
    "trust_policy",
    "build_workflow",
    "env",
    "system",
)

_OTHER_NAMES = {
    "registry": 'the key is called "kind"',
    "files": 'the key is called "paths"',
    "dependencies": 'the key is called "depends_on"',
}
REMOVED_KEYS = {
    "agents_path": "remove it; piot writes no file for agents",
    "smoke": 'remove it; write a test target in a BUILD file, and run it with "piot test"',
    "wheels_artifact": "remove it; piot builds the wheels and finds them itself",
}
"""Keys of earlier versions that mean nothing any more, and what to do instead."""

_BAD_IN_NAMES = re.compile(r'[\\:<>|*?"\s\x00-\x1f\x7f]|__')
_VERSION = re.compile(r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)")
# https://git-scm.com/docs/git-check-ref-format
_BAD_IN_TAGS = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|//|@\{|^[/.-]|/\.|[/.]$|\.lock(?:/|$)")


def read_package(
    section: Section, number: int, location: str, version_from: VersionFrom = "trailer"
) -> Package:
    """One package; ``number`` counts from 1. With faults noted, the value is a stand-in.

    ``version_from`` is what holds for packages that do not say it themselves.
    """
    name = section.values.get("name")
    title = f'package "{name}"' if isinstance(name, str) and name else f"package number {number}"
    section = Section(section.values, section.where, title, section.faults)
    kind = _kind(section)
    settings = _settings(section, kind)
    return Package(
        name=_name(section),
        kind=kind or "crates",
        path=_path(section),
        paths=_paths(section),
        settings=settings,
        depends_on=section.texts("depends_on"),
        first_version=_first_version(section),
        tag_format=_tag_format(section, ("tag_format",), section.text("tag_format", DEFAULT_TAG_FORMAT)),
        version_from=section.choice("version_from", get_args(VersionFrom), version_from),
        version_group=_version_group(section),
        baseline_tags=_baseline_tags(section),
        trust_policy=_trust_policy(section),
        build_workflow=_workflow(section, "build_workflow"),
        env=read_env(section),
        system=_system(section, settings),
        location=location,
    )


def report_removed(section: Section) -> tuple[str, ...]:
    """Notes keys of earlier versions; returns them, so that they are not unknown on top."""
    found = tuple(key for key in section.values if key in REMOVED_KEYS)
    for key in found:
        section.fault_at_key(key, "PIOT_REMOVED_KEY", f'"{key}" no longer exists', hint=REMOVED_KEYS[key])
    return found


def _system(section: Section, settings: CratesSettings | PypiSettings | NpmSettings) -> tuple[str, ...]:
    """``system`` of packages that cargo compiles something for."""
    compiled = {
        "pypi": isinstance(settings, PypiSettings) and settings.build == "maturin",
        "npm": isinstance(settings, NpmSettings) and bool(settings.build),
    }
    kind = section.values.get("kind")
    if "system" in section.values and not compiled.get(kind if isinstance(kind, str) else "", True):
        hint = "remove it; only what cargo compiles is linked with libraries of the machine"
        message = '"system" goes with crates, maturin, napi and bundled-cli'
        section.fault_at_key("system", "PIOT_SYSTEM", message, hint=hint)
    return read_system(section)


def _kind(section: Section) -> Kind | None:
    kinds: tuple[Kind, ...] = get_args(Kind)
    found: Kind | None = next((kind for kind in kinds if section.values.get("kind") == kind), None)
    own = KIND_KEYS[found] if found else tuple(key for kind in kinds for key in KIND_KEYS[kind])
    known = (*COMMON_KEYS, *own)
    elsewhere = {
        key: f'"{key}" belongs to packages of kind {" and ".join(k for k in kinds if key in KIND_KEYS[k])}'
        for kind in kinds
        for key in KIND_KEYS[kind]
    }
    hints = {**elsewhere, **_OTHER_NAMES}
    section.only((*known, *report_removed(section)), hints)
    if "registry" not in section.values:
        section.require("kind", 'kind = "crates", "pypi" or "npm"')
    if found is None and "kind" in section.values:
        section.choice("kind", kinds, "crates")
    return found


def _settings(section: Section, kind: Kind | None) -> CratesSettings | PypiSettings | NpmSettings:
    match kind:
        case "pypi":
            return read_pypi(section)
        case "npm":
            return read_npm(section)
        case "crates":
            return read_crates(section)
        case None:
            return CratesSettings(crate="")


def _name(section: Section) -> str:
    section.require("name", 'name = "my-package"')
    name = section.text("name")
    if bad := _BAD_IN_NAMES.search(name):
        shown = "a space" if bad[0].isspace() else f'"{bad[0]}"'
        hint = 'names are like "my-core" or "@me/core"'
        section.fault(("name",), "PIOT_NAME", f"its name contains {shown}", hint=hint)
    return name


def _path(section: Section) -> str:
    section.require("path", 'the folder of its manifest: path = "packages/core", or "." for the root')
    found = folder(section, "path", ".", "the repository")
    if bad := unnameable(found.replace("\\", "")):
        hint = f"rename the folder: allowed are {ALLOWED}"
        message = f'"path" is "{found}", and labels of targets cannot have: {bad}'
        section.fault(("path",), "PIOT_PATH", message, hint=hint)
    return found


def _paths(section: Section) -> tuple[str, ...]:
    if "paths" in section.values and "globs" in section.values:
        hint = 'they are one key with two names; keep "paths"'
        section.fault_at_key("globs", "PIOT_PATHS_TWICE", '"paths" and "globs" are both given', hint=hint)
    key = "globs" if "globs" in section.values and "paths" not in section.values else "paths"
    if "files" not in section.values:
        section.require(key, 'the files it consists of: paths = ["packages/core/**"]')
    if key in section.values and section.values[key] == []:
        hint = "without files nothing ever releases it"
        section.fault((key,), "PIOT_EMPTY", f'"{key}" is empty', hint=hint)
    found: list[str] = []
    for index, pattern in enumerate(section.items(key)):
        if not isinstance(pattern, str):
            section.wrong_type(key, "a string", pattern, index)
            continue
        try:
            found.append(Globs.parse(["**", pattern] if index else [pattern]).patterns[-1])
        except InputError as wrong:
            section.fault((key, index), "PIOT_GLOB", wrong.message, hint=wrong.hint)
    return tuple(found)


def _first_version(section: Section) -> str:
    version = section.text("first_version", DEFAULT_FIRST_VERSION)
    if not _VERSION.fullmatch(version):
        message = f'"first_version" is "{version}", which is not a version'
        section.fault(("first_version",), "PIOT_FIRST_VERSION", message, hint='write X.Y.Z, as "0.1.0"')
    return version


def _tag_format(section: Section, where: Where, text: str) -> str:
    wrong = template_error(text, ("name", "version"), ("version",))
    if not wrong and text.count("{version}") > 1:
        wrong = 'contains "{version}" twice'
    if not wrong and _BAD_IN_TAGS.search(text.replace("{version}", "1.2.3").replace("{name}", "name")):
        wrong = "makes tags that git does not accept"
    if wrong:
        hint = 'it is made of {name} and {version}, as "{name}-v{version}"'
        message = f'"{where[0]}" is "{text}", which {wrong}'
        section.fault(where, "PIOT_TAG_FORMAT", message, hint=hint)
    return text


def _baseline_tags(section: Section) -> tuple[str, ...]:
    formats = section.texts("baseline_tags")
    for index, text in enumerate(section.items("baseline_tags")):
        if text in formats:
            _tag_format(section, ("baseline_tags", index), str(text))
    return formats


def _version_group(section: Section) -> str | None:
    group = section.optional("version_group")
    if group and (bad := _BAD_IN_NAMES.search(group)):
        shown = "a space" if bad[0].isspace() else f'"{bad[0]}"'
        message = f'"version_group" is "{group}", which contains {shown}'
        section.fault(("version_group",), "PIOT_NAME", message, hint="it stands for {name} in tags")
    return group


def _trust_policy(section: Section) -> TrustPolicy | None:
    policy = section.table("trust_policy", f"trust_policy of {section.title}")
    if policy is None:
        return None
    policy.only(("workflow", "environment", "repository"))
    repository = policy.optional("repository")
    if repository and not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        message = f'"repository" is "{repository}"'
        policy.fault(("repository",), "PIOT_VALUE", message, hint='write "owner/name"')
    return TrustPolicy(
        workflow=_workflow(policy, "workflow"),
        environment=policy.optional("environment"),
        repository=repository,
    )


def _workflow(section: Section, key: str) -> str | None:
    name = section.optional(key)
    if name and not re.fullmatch(r"[^/\\]+\.ya?ml", name):
        hint = f'write the bare name of a file in .github/workflows, as "{name.rpartition("/")[2]}"'
        if not name.endswith((".yml", ".yaml")):
            hint = 'write the bare name of a file in .github/workflows, as "release.yml"'
        section.fault((key,), "PIOT_WORKFLOW", f'"{key}" is "{name}"', hint=hint)
    return name
