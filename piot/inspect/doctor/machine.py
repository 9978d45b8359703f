"""Tools, toolchains, the sandbox and the store of this machine: what builds here, and what is lacking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from piot.errors import listed
from piot.model.amounts import size
from piot.model.diagnosis import Topic, facts
from piot.model.finding import Finding, Severity
from piot.model.toolchain import Lack

LITTLE = 2 * 1000**3
"""Bytes: a cold build of a library for one platform writes a gigabyte or two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolView:
    """A tool that packages need: its version and path, else what it lacks."""

    name: str
    needed_by: tuple[str, ...]
    version: str = ""
    path: str = ""
    lacks: tuple[Lack, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolchainView:
    """What builds for a triple (``summary``), else what every candidate lacks.

    ``packages`` are built for it, ``rustc`` is the compiler's version, and ``elsewhere`` names the machine
    that builds it instead of this one.
    """

    triple: str
    host: bool
    packages: tuple[str, ...]
    rustc: str = ""
    summary: str = ""
    lacks: tuple[Lack, ...] = ()
    elsewhere: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxView:
    """The level that is used, which one is asked for, and why it is not bubblewrap (None when it is)."""

    level: str
    asked: str
    obstacle: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreView:
    """The shared store; sizes in bytes, ``trouble`` is why it cannot be written."""

    folder: str
    used: int = 0
    limit: int = 0
    free: int = 0
    trouble: str | None = None


def tools(views: Iterable[ToolView]) -> Topic:
    """Each tool that packages of this repository need."""
    views = tuple(views)
    rows = [(view.name, f"{view.version} ({view.path})" if view.version else "missing") for view in views]
    return Topic(name="tools", facts=facts(rows), findings=tuple(_tool(view) for view in views if view.lacks))


def _tool(view: ToolView) -> Finding:
    return Finding(
        code="PIOT_TOOL_MISSING",
        severity="error",
        message=f"{listed(view.needed_by)}: {_reasons(view.lacks)}",
        fix=_remedy(view.lacks) or f"install {view.name}",
    )


def toolchains(views: Iterable[ToolchainView]) -> Topic:
    """What builds for each triple; a platform that has a machine of its own in CI is no reason to worry."""
    views = tuple(views)
    rows = ((f"{view.triple} (host)" if view.host else view.triple, _state(view)) for view in views)
    found = [_toolchain(view) for view in views if view.lacks and view.packages]
    found += _mixed(views)
    return Topic(name="toolchains", facts=facts(rows), findings=tuple(each for each in found if each))


def _mixed(views: Iterable[ToolchainView]) -> Iterable[Finding]:
    """Packages of which one platform would come from another compiler than the next."""
    by_rustc: dict[str, list[str]] = {}
    for view in views:
        if view.rustc and view.packages:
            by_rustc.setdefault(view.rustc, []).append(view.triple)
    if len(by_rustc) > 1:
        parts = [f"rustc {rustc} for {listed(triples, limit=3)}" for rustc, triples in by_rustc.items()]
        yield Finding(
            code="PIOT_TOOLCHAIN_MIXED",
            severity="warning",
            message=f"platforms are built by different compilers: {listed(parts)}",
            fix="`rustup target add` for one compiler, or name a channel in rust-toolchain.toml",
        )


def _state(view: ToolchainView) -> str:
    if not view.lacks:
        return view.summary
    return f"not here, but on {view.elsewhere}" if view.elsewhere else "nothing builds for it here"


def _toolchain(view: ToolchainView) -> Finding | None:
    if view.elsewhere and not view.host:
        return None
    severity: Severity = "error" if view.host else "warning"
    return Finding(
        code="PIOT_TOOLCHAIN_MISSING",
        severity=severity,
        message=f"{listed(view.packages)} cannot be built here for {view.triple}: {_reasons(view.lacks)}",
        fix=_remedy(view.lacks) or "`piot toolchains` shows every candidate",
    )


def _reasons(lacks: Iterable[Lack]) -> str:
    return "; ".join(dict.fromkeys(f"{lack.candidate} {lack.reason}" for lack in lacks))


def _remedy(lacks: Iterable[Lack]) -> str:
    return "; or ".join(dict.fromkeys(lack.remedy for lack in lacks if lack.remedy))


def sandbox(view: SandboxView) -> Topic:
    """How actions are kept from what they did not declare."""
    why = f" (bubblewrap does not work here: {_line(view.obstacle)})" if view.obstacle else ""
    findings: list[Finding] = []
    if view.obstacle and view.asked == "bwrap":
        findings.append(
            Finding(
                code="PIOT_SANDBOX_LEVEL",
                severity="error",
                message=f"the settings ask for bubblewrap, which does not work here: {_line(view.obstacle)}",
                fix='install it, or set sandbox = "auto"',
            )
        )
    elif view.level == "none":
        findings.append(
            Finding(
                code="PIOT_SANDBOX_LEVEL",
                severity="warning",
                message='the settings ask for sandbox = "none": actions see this machine as it is, and '
                "their results are not stored for others",
                fix='set sandbox = "auto"',
            )
        )
    return Topic(name="sandbox", facts=facts((("level", view.level + why),)), findings=tuple(findings))


def _line(text: str | None) -> str:
    return ((text or "").strip().splitlines() or [""])[-1]


def store(view: StoreView) -> Topic:
    """Whether results can be kept, and how many more."""
    rows = [("folder", view.folder)]
    if view.trouble is not None:
        trouble = Finding(
            code="PIOT_STORE",
            severity="error",
            message=f"the store cannot be used: {view.trouble}",
            fix="make the folder writable, or name another one with PIOT_CACHE_DIR",
        )
        return Topic(name="store", facts=facts(rows), findings=(trouble,))
    rows += [("size", f"{size(view.used)} of at most {size(view.limit)}"), ("free", size(view.free))]
    little = Finding(
        code="PIOT_STORE",
        severity="warning",
        message=f"{view.folder} has {size(view.free)} left, which a build may need all of",
        fix="`piot cache gc --max-size SIZE` makes room, PIOT_CACHE_DIR names another disk",
    )
    return Topic(name="store", facts=facts(rows), findings=(little,) if view.free < LITTLE else ())
