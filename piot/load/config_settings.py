"""The schema of the ``[piot]`` tables: piot's own settings.

A checkout's file may not say anything that grants trust or finds credentials: whoever opens a pull request
could write it. The user's own file may.
"""

from __future__ import annotations

import re
from typing import TypeVar, get_args

from piot.errors import InputError
from piot.load.config_reader import Section, shown
from piot.load.toml_positions import Where
from piot.model.amounts import bytes_of
from piot.model.label import Label
from piot.model.package import Kind
from piot.model.settings import (
    FreeValue,
    RegistrySpec,
    ReleaseSettings,
    ReleaseTrigger,
    RunnerSpec,
    SandboxLevel,
    Settings,
)
from piot.model.tables import Table, is_array, is_table

_N = TypeVar("_N", RunnerSpec, RegistrySpec)

_GLIBC = re.compile(r"2\.\d{1,2}")
_SECRET_KEY = re.compile(r"token|passw|secret|credential|api_?key|auth|trust|helper|user", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"://[^/\s]*@")


def read_settings(section: Section, base: Settings, *, trusted: bool) -> Settings:
    """``base`` with what a ``[piot]`` table says over it; ``trusted`` for the user's own file."""
    section.only(("sandbox", "jobs", "cache", "toolchain", "runner", "registry", "release"))
    cache = section.table("cache", "[piot.cache]") or Section({})
    cache.only(("dir", "max_size"))
    toolchain = section.table("toolchain", "[piot.toolchain]") or Section({})
    toolchain.only(("files", "glibc", "xwin"))
    return Settings(
        cache_dir=cache.optional("dir") or base.cache_dir,
        cache_max_size=_size(cache, base.cache_max_size),
        sandbox=section.choice("sandbox", get_args(SandboxLevel), base.sandbox),
        jobs=_jobs(section, base.jobs),
        glibc=_glibc(toolchain, base.glibc),
        toolchains=_toolchains(toolchain, base.toolchains),
        windows_sdk=_windows_sdk(toolchain, base.windows_sdk),
        runners=_over(base.runners, _runners(section, trusted=trusted)),
        registries=_over(base.registries, _registries(section, trusted=trusted)),
        release=_release(section, base.release),
    )


def _release(section: Section, base: ReleaseSettings) -> ReleaseSettings:
    table = section.table("release", "[piot.release]")
    if table is None:
        return base
    table.only(("on", "cron", "branches", "github", "environments", "attestations", "github_attestations"))
    known = get_args(ReleaseTrigger)
    for index, word in enumerate(table.texts("on")):
        if word not in known:
            hint = f"one of {', '.join(known)}"
            table.fault(("on", index), "PIOT_VALUE", f'"on" has "{word}"', hint=hint)
    environments = table.pairs("environments")
    for kind, _ in environments:
        if kind not in get_args(Kind):
            hint = "the keys are kinds of packages: crates, pypi, npm"
            table.fault(("environments", kind), "PIOT_VALUE", f'"environments" has "{kind}"', hint=hint)
    cron = table.text("cron", base.cron)
    if len(cron.split()) != 5:
        hint = 'write five fields as in crontab, "0 2 * * *" is every night'
        table.fault(("cron",), "PIOT_VALUE", f'"cron" is "{cron}"', hint=hint)
    return ReleaseSettings(
        on=tuple(word for word in known if word in table.texts("on")),
        cron=cron,
        branches=table.texts("branches") or base.branches,
        github=table.flag("github") if "github" in table.values else base.github,
        environments=environments,
        attestations=_flag(table, "attestations", base.attestations),
        github_attestations=bool(_flag(table, "github_attestations", base.github_attestations)),
    )


def _flag(table: Section, name: str, base: bool | None) -> bool | None:
    return table.flag(name) if name in table.values else base


def _size(cache: Section, default: int) -> int:
    value = cache.values.get("max_size")
    # A number alone may be meant as gigabytes.
    size = bytes_of(value) if isinstance(value, str) and not value[-1:].isdecimal() else None
    if size:
        return size
    if "max_size" in cache.values:
        message = f'"max_size" is {shown(value)}, which is not a size'
        cache.fault(("max_size",), "PIOT_SIZE", message, hint='write a number and a unit, as "20GiB"')
    return default


def _jobs(section: Section, default: int | None) -> int | None:
    value = section.values.get("jobs")
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if "jobs" in section.values:
        hint = "write a whole number of at least 1, or leave it out for one per processor"
        section.fault(("jobs",), "PIOT_NUMBER", f'"jobs" is {shown(value)}', hint=hint)
    return default


def _toolchains(section: Section, default: tuple[Label, ...]) -> tuple[Label, ...]:
    """Toolchain files of the repository, asked before piot's own."""
    found: list[Label] = []
    for index, text in enumerate(section.texts("files")):
        try:
            label = Label.parse(text)
        except InputError as error:
            section.fault(("files", index), "PIOT_VALUE", error.message, hint=error.hint)
        else:
            found.append(label)
    return tuple(found) or default


def _windows_sdk(toolchain: Section, default: str | None) -> str | None:
    """A folder of this machine, so that it is of no use where another one is meant."""
    table = toolchain.table("xwin", "[piot.toolchain.xwin]")
    if table is None:
        return default
    table.only(("sdk",))
    table.require("sdk", 'sdk = "/opt/xwin"')
    named = table.optional("sdk")
    if named is not None and not named.startswith("/"):
        hint = "name the folder by its absolute path"
        table.fault(("sdk",), "PIOT_VALUE", f'"sdk" is "{named}"', hint=hint)
    return named or default


def _glibc(toolchain: Section, default: str) -> str:
    text = toolchain.text("glibc", default)
    if not _GLIBC.fullmatch(text):
        hint = 'write its version, as "2.17" or "2.28"'
        toolchain.fault(("glibc",), "PIOT_GLIBC", f'"glibc" is "{text}"', hint=hint)
    return text


def _runners(section: Section, *, trusted: bool) -> tuple[RunnerSpec, ...]:
    found: dict[str, RunnerSpec] = {}
    for number, table in enumerate(section.tables("runner"), start=1):
        name = table.values.get("name")
        title = f'runner "{name}"' if isinstance(name, str) and name else f"runner number {number}"
        runner = Section(table.values, table.where, title, table.faults)
        if not trusted:
            _no_secrets(runner, runner.values)
        allowed = [key for key in runner.values if not trusted and _SECRET_KEY.search(key)]
        runner.only(("name", "endpoint", "instance", "properties", *allowed))
        runner.require("name", 'name = "big-arm"')
        runner.require("endpoint", 'where it listens: endpoint = "grpc://…"')
        spec = RunnerSpec(
            name=runner.text("name"),
            endpoint=runner.text("endpoint"),
            instance=runner.optional("instance") or "",
            properties=runner.pairs("properties"),
        )
        if spec.name and spec.name in found:
            message = "an earlier runner has the same name"
            runner.fault(("name",), "PIOT_DUPLICATE_NAME", message, hint="rename one")
        found[spec.name] = spec
    return tuple(found.values())


def _registries(section: Section, *, trusted: bool) -> tuple[RegistrySpec, ...]:
    tables = section.table("registry", "[piot.registry]") or Section({})
    found: list[RegistrySpec] = []
    for name in tables.values:
        registry = tables.table(name, f"[piot.registry.{name}]")
        if registry is None:
            continue
        if not trusted:
            _no_secrets(registry, registry.values)
        found.append(RegistrySpec(name=name, values=_frozen_table(registry.values), trusted=trusted))
    return tuple(found)


def _no_secrets(section: Section, value: object, where: Where = ()) -> None:
    hint = "only your own configuration file can hold it; a checkout's file is written by others"
    if is_table(value):
        for key, inner in value.items():
            if _SECRET_KEY.search(key):
                message = f'"{key}" cannot be set in a repository'
                section.fault((*where, key), "PIOT_SECRET", message, hint=hint)
            else:
                _no_secrets(section, inner, (*where, key))
    elif is_array(value):
        for index, inner in enumerate(value):
            _no_secrets(section, inner, (*where, index))
    elif isinstance(value, str) and _SECRET_VALUE.search(value):
        section.fault(where, "PIOT_SECRET", "an address contains a user name or password", hint=hint)


def _over(base: tuple[_N, ...], new: tuple[_N, ...]) -> tuple[_N, ...]:
    """Whole entries replace those of the same name: never a user's password beside a checkout's address."""
    merged = {entry.name: entry for entry in base} | {entry.name: entry for entry in new}
    return tuple(merged.values())


def _frozen(value: object) -> FreeValue:
    if is_table(value):
        return _frozen_table(value)
    if is_array(value):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, str | int | float | bool):
        return value
    return str(value)


def _frozen_table(values: Table) -> tuple[tuple[str, FreeValue], ...]:
    return tuple((key, _frozen(value)) for key, value in sorted(values.items()))
