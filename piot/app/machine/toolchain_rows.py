"""What this machine can build for, row by row, and with what; or what each candidate lacks."""

from __future__ import annotations

from dataclasses import dataclass

from piot.app.machine.tooling import Tooling
from piot.app.session.session import Session
from piot.model.platforms import PLATFORMS
from piot.model.toolchain import Lack, Linker, RustToolchain, SystemTool
from piot.model.triple import Triple
from piot.plan.toolchains import elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool of a toolchain; ``path`` is None for those that piot fetches."""

    name: str
    version: str
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What builds for a triple: a rustc, and a linker with its tools; else ``lacks`` says why nothing does.

    ``glibc`` is the oldest one that results run with, None where that does not apply.
    """

    triple: Triple
    host: bool
    rustc: Tool | None = None
    linker: str | None = None
    tools: tuple[Tool, ...] = ()
    glibc: str | None = None
    lacks: tuple[Lack, ...] = ()


def rows(session: Session) -> tuple[Row, ...]:
    """The host, then what packages declare; outside of a checkout every Linux triple."""
    declared = [spec.triple for package in session.config.packages for spec in package.targets]
    if not session.in_checkout:
        declared = [Triple.parse(text) for text, platform in PLATFORMS.items() if platform.os == "linux"]
    triples = tuple(dict.fromkeys((session.host, *sorted(declared))))
    chosen = Tooling(session).choose(triples)
    return tuple(_row(session, triple, chosen.rust(triple)) for triple in triples)


def _row(session: Session, triple: Triple, found: RustToolchain | tuple[Lack, ...]) -> Row:
    host = triple == session.host
    if not isinstance(found, RustToolchain):
        lacks = (*found, *elsewhere(session.host, triple))
        return Row(triple=triple, host=host, lacks=tuple(dict.fromkeys(lacks)))
    linker = next(each for each in found.linkers if each.triple == triple.text)
    return Row(
        triple=triple,
        host=host,
        rustc=Tool(name="rustc", version=found.version, path=found.rustc.program("rustc")),
        linker=linker.name,
        tools=_tools(session, linker),
        glibc=found.glibc,
    )


def _tools(session: Session, linker: Linker) -> tuple[Tool, ...]:
    fetched = (session.pins.tool(name) for name in linker.fetched)
    return (
        *(Tool(name=tool.name, version=tool.version, path=_path(tool)) for tool in linker.tools),
        *(Tool(name=pin.name, version=pin.version) for pin in fetched),
    )


def _path(tool: SystemTool) -> str | None:
    """Where the program that the tool is called by stands."""
    return dict(tool.programs).get(tool.name)
