"""``putitoutthere.toml`` to its values, with every problem at once; and piot's layered settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import get_args

from piot.errors import Problem, Problems
from piot.load.config_checks import check_packages
from piot.load.config_reader import Fault, Section, problems, shown
from piot.load.config_schema import read_package, report_removed
from piot.load.config_settings import read_settings
from piot.load.toml_positions import array_table_lines
from piot.model.package import Package, VersionFrom
from piot.model.settings import Cadence, Config, Settings
from piot.model.tables import is_array, is_table
from piot.model.toml_text import read_toml

_TOP_HINTS = {
    "version": "write it into a table: [putitoutthere] and below it version = 1",
    "cadence": "write it into the table [putitoutthere]",
    "version_from": "write it into the table [putitoutthere], or into a [[package]]",
    "packages": "write [[package]], singular",
}

ENVIRONMENT: Mapping[str, tuple[str, str]] = {
    "PIOT_CACHE_DIR": ("cache", "dir"),
    "PIOT_CACHE_MAX_SIZE": ("cache", "max_size"),
    "PIOT_SANDBOX": ("", "sandbox"),
    "PIOT_JOBS": ("", "jobs"),
    "PIOT_GLIBC": ("toolchain", "glibc"),
}
"""Variables that override settings: the table below ``[piot]`` and the key that each stands for."""

_LEFT_OUT = ("PIOT_TRIPLE",)
"""What is wrong in a way that the rest of the file means the same without it."""


class WrongConfig(Problems):
    """All that is wrong in a configuration; ``rest`` is what it says without that, where it says something.

    Whoever goes on to look for more that is wrong starts from ``rest``; nothing is built from it.
    """

    def __init__(self, found: Iterable[Problem], rest: Config | None) -> None:
        super().__init__(found)
        self.rest = rest


def parse_config(text: str, path: str) -> Config:
    """The configuration in ``text``; ``path`` is what messages call the file.

    Raises WrongConfig with all that is wrong in it, each with its line and column.
    """
    config, top = _read(text, path)
    if top.faults:
        harmless = all(fault.code in _LEFT_OUT for fault in top.faults)
        raise WrongConfig(problems(top.faults, text, path).problems, config if harmless else None)
    return config


def config_as_far(text: str, path: str) -> tuple[Config, tuple[Problem, ...]]:
    """The configuration without the packages that cannot be told what they are, and all that is wrong.

    Raises Problems when the text is not TOML.
    """
    config, top = _read(text, path)
    if not top.faults:
        return config, ()
    items = top.values.get("package")
    indexes = [index for index, item in enumerate(items) if is_table(item)] if is_array(items) else []
    pairs = zip(indexes, config.packages, strict=True)
    kept = tuple(package for index, package in pairs if not any(_is_of(each, index) for each in top.faults))
    return replace(config, packages=kept), problems(top.faults, text, path).problems


_IDENTITY = ("name", "kind", "path", "paths", "globs", "build", "crate", "pypi", "npm")


def _is_of(fault: Fault, index: int) -> bool:
    """Whether it leaves open what a package is, or lacks a key of it."""
    where = fault.where
    return where[:2] == ("package", index) and (len(where) == 2 or where[2] in _IDENTITY)


def _read(text: str, path: str) -> tuple[Config, Section]:
    """The values, and the section that holds the faults."""
    top = Section(read_toml(text, path))
    top.only(("putitoutthere", "package", "piot"), _TOP_HINTS)
    cadence, version_from = _common(top)
    config = Config(
        packages=_packages(top, text, path, version_from),
        cadence=cadence,
        settings=_settings(top, Settings(), trusted=False),
    )
    return config, top


def merge_settings(
    base: Settings, user_text: str | None, environ: Mapping[str, str], *, user_path: str = "config.toml"
) -> Settings:
    """``base`` (a checkout's settings), then the user's configuration file, then ``PIOT_*`` variables.

    The user's file has the same ``[piot]`` tables, and may hold what a checkout's may not. A variable
    that is empty counts as unset. Raises Problems with all that is wrong in the file, or the variables.
    """
    if user_text is not None:
        top = Section(read_toml(user_text, user_path))
        top.only(("piot",))
        base = _settings(top, base, trusted=True)
        if top.faults:
            raise problems(top.faults, user_text, user_path)
    return _from_environment(base, environ)


def _common(top: Section) -> tuple[Cadence, VersionFrom]:
    table = top.table("putitoutthere", "[putitoutthere]")
    if table is None:
        if not {"putitoutthere", "version"} & set(top.values):
            top.require("putitoutthere", "[putitoutthere] and below it version = 1")
        return "immediate", "trailer"
    table.only(("version", "cadence", "version_from", *report_removed(table)))
    table.require("version", "version = 1")
    version = table.values.get("version", 1)
    if type(version) is not int or version != 1:
        hint = "this piot reads version = 1"
        table.fault(("version",), "PIOT_VALUE", f'"version" is {shown(version)}', hint=hint)
    return (
        table.choice("cadence", get_args(Cadence), "immediate"),
        table.choice("version_from", get_args(VersionFrom), "trailer"),
    )


def _packages(top: Section, text: str, path: str, version_from: VersionFrom) -> tuple[Package, ...]:
    if is_table(top.values.get("package")):
        hint = "write [[package]], with two brackets"
        top.fault(("package",), "PIOT_TYPE", '"package" is a table', hint=hint)
        return ()
    sections = top.tables("package")
    if not top.items("package") and "packages" not in top.values:
        hint = "add a [[package]] with name, kind, path and paths"
        top.fault(("package",), "PIOT_NO_PACKAGES", "there are no packages", hint=hint)
    lines = array_table_lines(text, "package", len(top.items("package")))
    packages: list[Package] = []
    for section in sections:
        index = int(section.where[-1])
        packages.append(read_package(section, index + 1, f"{path}:{lines[index]}", version_from))
    check_packages(packages, [_titled(s, p) for s, p in zip(sections, packages, strict=True)])
    return tuple(packages)


def _titled(section: Section, package: Package) -> Section:
    return replace(section, title=f'package "{package.name}"')


def _settings(top: Section, base: Settings, *, trusted: bool) -> Settings:
    section = top.table("piot", "[piot]")
    return base if section is None else read_settings(section, base, trusted=trusted)


def _from_environment(base: Settings, environ: Mapping[str, str]) -> Settings:
    tables: dict[str, dict[str, object]] = {"": {}, "cache": {}, "toolchain": {}}
    for name, (table, key) in ENVIRONMENT.items():
        if text := environ.get(name, "").strip():
            tables[table][key] = int(text) if key == "jobs" and text.isdecimal() else text
    section = Section({**tables.pop(""), **tables})
    settings = read_settings(section, base, trusted=True)
    if section.faults:
        raise Problems(_in_variable(fault) for fault in section.faults)
    return settings


def _in_variable(fault: Fault) -> Problem:
    key = fault.where[-1]
    name = next(name for name, place in ENVIRONMENT.items() if place[1] == key)
    message = fault.message.rpartition("]: ")[2].replace(f'"{key}"', "it", 1)
    return Problem(
        path=f"environment variable {name}",
        line=0,
        column=0,
        code=fault.code,
        message=message,
        hint=fault.hint,
    )
