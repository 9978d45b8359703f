"""The values of a whole ``putitoutthere.toml``: piot's own settings beside the packages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from piot.model.label import Label
from piot.model.package import Package, Pairs

Cadence: TypeAlias = Literal["immediate", "scheduled"]
SandboxLevel: TypeAlias = Literal["auto", "none", "dir", "bwrap"]
ReleaseTrigger: TypeAlias = Literal["push", "tag", "cron", "dispatch"]

DEFAULT_CRON = "0 2 * * *"
"""Every night at two, in the syntax of crontab(5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerSpec:
    """A machine that runs actions: a remote-execution endpoint and the platform properties it matches."""

    name: str
    endpoint: str
    instance: str = ""
    properties: Pairs = ()


FreeValue: TypeAlias = "str | int | float | bool | tuple[FreeValue, ...] | tuple[tuple[str, FreeValue], ...]"
"""A TOML value made immutable: lists are tuples, tables are sorted pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySpec:
    """What ``[piot.registry.<name>]`` says; ``trusted`` when the user's own file says it, not a checkout."""

    name: str
    values: tuple[tuple[str, FreeValue], ...] = ()
    trusted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSettings:
    """How releases run in CI. ``on`` is what starts them, none what ``cadence`` means; a person can in any
    case. ``cron`` is when, in UTC, ``branches`` from where; ``github`` whether tags get a GitHub release.

    ``attestations`` says whether wheels and sdists get them (PEP 740), None where the job can make them;
    ``github_attestations`` whether the workflow has GitHub attest what was built.

    ``environments`` names the environment (with whoever must approve) that a registry's uploads wait for.
    """

    on: tuple[ReleaseTrigger, ...] = ()
    cron: str = DEFAULT_CRON
    branches: tuple[str, ...] = ("main",)
    github: bool = True
    environments: Pairs = ()
    attestations: bool | None = None
    github_attestations: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Piot's own settings, layered: the checkout's, the user's, ``PIOT_*`` variables.

    ``cache_dir`` None means the platform's cache folder, ``cache_max_size`` counts bytes, ``jobs`` None
    means one per processor, ``sandbox`` ``auto`` the strongest level that works here, ``glibc`` is the oldest
    glibc that gnu Linux artifacts must run with, ``toolchains`` are toolchain files of the repository,
    ``windows_sdk`` is the folder of this person's copy of Microsoft's SDK.
    """

    cache_dir: str | None = None
    cache_max_size: int = 20 * 1024**3
    sandbox: SandboxLevel = "auto"
    jobs: int | None = None
    glibc: str = "2.17"
    toolchains: tuple[Label, ...] = ()
    windows_sdk: str | None = None
    runners: tuple[RunnerSpec, ...] = ()
    registries: tuple[RegistrySpec, ...] = ()
    release: ReleaseSettings = ReleaseSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A whole ``putitoutthere.toml``; packages in the order of the file."""

    packages: tuple[Package, ...]
    version: int = 1
    cadence: Cadence = "immediate"
    settings: Settings = Settings()

    def package(self, name: str) -> Package | None:
        """The package of that name, or None."""
        return next((package for package in self.packages if package.name == name), None)
