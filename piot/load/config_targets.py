"""The schema of what pypi and npm packages build: ``targets``, npm's ``build`` and ``bundle_cli``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from piot.errors import InputError, listed
from piot.load.config_reader import Section
from piot.load.config_text import folder, placeholders, template_error
from piot.load.toml_positions import Where
from piot.model.package import (
    DEFAULT_PLATFORM_NAME,
    PER_PLATFORM,
    BundleCli,
    NpmBuild,
    NpmMode,
    Pairs,
    TargetSettings,
    TargetSpec,
)
from piot.model.tables import is_array, is_table
from piot.model.triple import Triple

NPM_BUNDLE_KEYS = ("bin", "crate_path", "features", "no_default_features")
PYPI_BUNDLE_KEYS = ("bin", "stage_to", "crate_path", "features", "no_default_features")

_MODES: tuple[NpmMode, ...] = ("napi", "bundled-cli")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET_WORD = re.compile(
    r"(?:^|_)(?:TOKENS?|PASSWORD|PASSWD|SECRETS?|CREDENTIALS?|APIKEY)(?:_|$)", re.IGNORECASE
)
_PLACEHOLDERS = ("name", "scope", "base", "mode", *PER_PLATFORM)
_SHOWN = listed([f"{{{name}}}" for name in _PLACEHOLDERS])
_SYSTEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]*")
_PROFILE = re.compile(r"[A-Za-z0-9_-]+")


Settings: TypeAlias = "Callable[[Section], TargetSettings]"
"""Reads what is beside ``triple`` and ``runner`` in a table."""


def read_targets(
    section: Section, known: Sequence[str] = (), settings: Settings | None = None
) -> tuple[TargetSpec, ...]:
    """``targets``: triples, or tables with ``triple``, ``runner``, what is ``known``; each platform once."""
    found: list[TargetSpec] = []
    for index, item in enumerate(section.items("targets")):
        spec = _target(section, index, item, known, settings)
        if spec is None:
            continue
        if earlier := next((other for other in found if other.triple == spec.triple), None):
            same = "" if earlier.written == spec.written else f', as "{earlier.written}" before'
            message = f'"{spec.written}" is among its targets already{same}'
            section.fault(("targets", index), "PIOT_DUPLICATE_TRIPLE", message, hint="remove one of them")
        else:
            found.append(spec)
    return tuple(found)


def _target(
    section: Section, index: int, item: object, known: Sequence[str], settings: Settings | None
) -> TargetSpec | None:
    if isinstance(item, str):
        return _spec(section, ("targets", index), item, None)
    if not is_table(item):
        section.wrong_type("targets", "a triple, or a table with triple and runner,", item, index)
        return None
    table = section.inner(item, ("targets", index), section.title)
    table.only(("triple", "runner", *known))
    table.require("triple", 'triple = "x86_64-unknown-linux-gnu"')
    text = table.text("triple")
    runner, name = table.optional("runner"), table.optional("name") if "name" in known else None
    spec = _spec(section, ("targets", index, "triple"), text, runner, name) if text else None
    return replace(spec, settings=settings(table)) if spec and settings else spec


def _spec(
    section: Section, where: Where, text: str, runner: str | None, name: str | None = None
) -> TargetSpec | None:
    try:
        return TargetSpec(triple=Triple.parse(text), runner=runner, written=text, name=name)
    except InputError as wrong:
        section.fault(where, "PIOT_TRIPLE", wrong.message, hint=wrong.hint)
        return None


def read_builds(section: Section, npm_name: str) -> tuple[NpmBuild, ...]:
    """npm's ``build``: a mode, or an array of modes and tables with ``mode`` and ``name``."""
    value = section.values.get("build")
    if "build" not in section.values:
        return ()
    if value == []:
        hint = "remove it for a package without platform packages"
        section.fault(("build",), "PIOT_EMPTY", '"build" is empty', hint=hint)
        return ()
    if not is_array(value):
        build = _build(section, ("build",), value, npm_name)
        return (build,) if build else ()
    found: list[NpmBuild] = []
    for index, item in enumerate(value):
        build = _build(section, ("build", index), item, npm_name)
        if build and _is_new(section, ("build", index), build, found):
            found.append(build)
    return tuple(found)


def _build(section: Section, where: Where, item: object, npm_name: str) -> NpmBuild | None:
    if is_table(item):
        table = section.inner(item, where, section.title)
        table.only(("mode", "name"))
        table.require("mode", 'mode = "napi" or "bundled-cli"')
        mode: NpmMode = table.choice("mode", _MODES, "napi") if "mode" in item else "napi"
        return NpmBuild(mode=mode, name=_template(table, npm_name))
    for mode in _MODES:
        if item == mode:
            return NpmBuild(mode=mode)
    hint = 'one of "napi" and "bundled-cli", or a table with "mode" and "name"'
    shown = f'"{item}"' if isinstance(item, str) else "neither a string nor a table"
    section.fault(where, "PIOT_BUILD_MODE", f'"build" is {shown}', hint=hint)
    return None


def _is_new(section: Section, where: Where, build: NpmBuild, earlier: list[NpmBuild]) -> bool:
    if any(other.mode == build.mode for other in earlier):
        message = f'"build" has "{build.mode}" twice'
        section.fault(where, "PIOT_BUILD_MODE", message, hint="remove one of them")
        return False
    names = {other.name.replace("{mode}", other.mode) for other in earlier}
    if build.name.replace("{mode}", build.mode) in names:
        hint = f'give one a name of its own: {{ mode = "{build.mode}", name = "{{name}}-cli-{{triple}}" }}'
        message = f'two builds name their platform packages "{build.name}"'
        section.fault(where, "PIOT_NAME_TEMPLATE", message, hint=hint)
        return False
    return True


def _template(table: Section, npm_name: str) -> str:
    text = table.text("name", DEFAULT_PLATFORM_NAME)
    hint = f"the placeholders are {_SHOWN}"
    wrong = template_error(text, _PLACEHOLDERS, PER_PLATFORM)
    if not wrong and "scope" in placeholders(text) and not npm_name.startswith("@"):
        wrong, hint = f'needs a scope, but "{npm_name}" has none', "write it without {scope}"
    if wrong:
        table.fault(("name",), "PIOT_NAME_TEMPLATE", f'"name" is "{text}", which {wrong}', hint=hint)
    return DEFAULT_PLATFORM_NAME if wrong else text


def read_bundle_cli(section: Section, known: tuple[str, ...]) -> BundleCli | None:
    """``bundle_cli``; ``stage_to`` is required where it is known."""
    table = section.table("bundle_cli", f"bundle_cli of {section.title}")
    if table is None:
        return None
    table.only(known, {"stage_to": "only wheels stage the binary; remove it"})
    table.require("bin", 'the name of the Cargo binary: bin = "my-cli"')
    if "stage_to" in known:
        table.require("stage_to", 'the folder of the wheel it goes to: stage_to = "src/my_pkg/_binary"')
    return BundleCli(
        bin=table.text("bin"),
        stage_to=folder(table, "stage_to", ".", "the package") if "stage_to" in known else None,
        crate_path=folder(table, "crate_path", ".", "the repository"),
        features=table.texts("features"),
        no_default_features=table.flag("no_default_features"),
    )


def read_env(section: Section) -> Pairs:
    """``env``: variables of builds; credentials are refused."""
    pairs = section.pairs("env")
    for name, _ in pairs:
        if not _VARIABLE.fullmatch(name):
            hint = "names are letters, digits and _"
            section.fault(("env", name), "PIOT_ENV", f'"{name}" cannot be a variable', hint=hint)
        elif _SECRET_WORD.search(name):
            hint = "builds get no credentials; publishing takes them from its own environment"
            section.fault(("env", name), "PIOT_SECRET", f'"env" sets "{name}"', hint=hint)
    return pairs


def read_system(section: Section) -> tuple[str, ...]:
    """``system``: libraries as pkg-config calls them, and programs."""
    names = section.texts("system")
    for index, name in enumerate(section.items("system")):
        if isinstance(name, str) and name.strip() and not _SYSTEM.fullmatch(name):
            hint = 'write a name that pkg-config knows ("openssl"), or a program\'s ("protoc")'
            message = f'"{name}" cannot be a library or program'
            section.fault(("system", index), "PIOT_SYSTEM", message, hint=hint)
    return names


def read_profile(section: Section) -> str | None:
    """``profile``: one of cargo's, or of the workspace's own (The Cargo Book, *Profiles*)."""
    name = section.optional("profile")
    if name and not _PROFILE.fullmatch(name):
        hint = "a profile's name is letters, digits, - and _"
        section.fault(("profile",), "PIOT_PROFILE", f'"profile" is "{name}"', hint=hint)
    return name
