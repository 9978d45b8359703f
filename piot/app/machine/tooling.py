"""The toolchains of this machine: probes run, fetched tools looked up, candidates asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from piot.api.toolchain import Request, Toolchain
from piot.app.machine.pythons import Pythons
from piot.app.machine.system import system_tool
from piot.app.session.session import Session
from piot.effects import host
from piot.errors import InputError, PiotError, near
from piot.load import repository, rule_files
from piot.model.events import Note
from piot.model.toolchain import Emulator, Found, Lack, NodeToolchain, Probe, RustToolchain, SystemTool
from piot.model.triple import Triple
from piot.plan.toolchains import Machine, Toolchains
from piot.run import rustup
from piot.run.probe import Prober

RULE_TOOLS = ("maturin", "patchelf")
"""Fetched tools that rules ask for themselves, beside those of toolchains."""


class Tooling:
    """What a session can build with; probes are asked on first use and their answers remembered."""

    def __init__(self, session: Session) -> None:
        self._session = session
        sdk = session.settings.windows_sdk
        self._places = {} if sdk is None else {"windows_sdk": sdk}
        self._prober = Prober(environ=session.where.environ, cache=session.cache, places=self._places)
        self._others: dict[tuple[str, Triple], Emulator | SystemTool | tuple[Lack, ...]] = {}

    @cached_property
    def candidates(self) -> tuple[Toolchain, ...]:
        """The toolchains, in the order in which they are asked: those of the repository first."""
        found: list[Toolchain] = []
        for label in (*self._session.settings.toolchains, *repository.TOOLCHAINS):
            file = rule_files.find(label, self._session.root, repository.read)
            values = vars(rule_files.execute(file)).values()
            found += [value for value in values if isinstance(value, Toolchain)]
        return tuple(found)

    def choose(self, targets: Sequence[Triple], *, install: bool = False) -> Toolchains:
        """What can build for ``targets`` here.

        With ``install``, rustup is asked for a standard library that no compiler here has. Only the tools
        that are chosen are identified by content, which reads all of a compiler once.
        """
        probes = self._probes("rust", "linker")
        found = {probe: self._prober.find(probe) for probe in probes}
        if install and self._install(found, targets):
            found = {probe: self._prober.find(probe) for probe in probes}
        choice = self._choice({probe.name: tools for probe, tools in found.items()})
        used = _programs(choice.rust(triple) for triple in targets)
        wanted = [triple.text for triple in dict.fromkeys((self._session.host, *targets))]
        known = {
            probe.name: tuple(
                self._prober.identify(probe, tool, {name: wanted for name, _ in probe.parts})
                if tool.program in used
                else tool
                for tool in tools
            )
            for probe, tools in found.items()
        }
        self._prober.save()
        return self._choice(known)

    def node(self) -> NodeToolchain | tuple[Lack, ...]:
        """The Node.js of this machine, identified by content together with its npm; or what it lacks."""
        return self._node

    @cached_property
    def _node(self) -> NodeToolchain | tuple[Lack, ...]:
        found: dict[str, tuple[Found, ...]] = {}
        for probe in self._probes("node"):
            found[probe.name] = self._first(probe)
        self._prober.save()
        return self._choice(found).node()

    def of(self, kind: str, target: Triple) -> Emulator | SystemTool | tuple[Lack, ...]:
        """The toolchain of a kind, its tools identified by content; or what the candidates lack.

        Raises InputError when no toolchain file has the kind.
        """
        if (kind, target) not in self._others:
            known = [each.kind for each in self.candidates]
            if kind not in known:
                hint = near(kind, known) or "name its file in [piot.toolchain] files"
                raise InputError(f'there is no toolchain of the kind "{kind}"', hint=hint)
            found = {probe.name: self._first(probe) for probe in self._probes(kind)}
            self._prober.save()
            self._others[kind, target] = self._choice(found).of(kind, target)
        return self._others[kind, target]

    def _first(self, probe: Probe) -> tuple[Found, ...]:
        return tuple(self._prober.identify(probe, each) for each in self._prober.find(probe)[:1])

    def _probes(self, *kinds: str) -> tuple[Probe, ...]:
        """What the toolchains of these kinds look for, each once."""
        probes = (probe for each in self.candidates if each.kind in kinds for probe in each.probes)
        return tuple(dict.fromkeys(probes))

    def programs(self, names: Iterable[str]) -> dict[str, SystemTool | Lack]:
        """Programs of this machine that targets declare in ``tools``, identified by version and content."""
        found: dict[str, SystemTool | Lack] = {}
        for name in sorted(set(names)):
            probe = Probe(name=name, programs=(name,), version=("--version",), roots=("{prefix}",))
            tools = self._prober.find(probe)
            found[name] = (
                _system_tool(name, self._prober.identify(probe, tools[0]))
                if tools
                else Lack(candidate=name, reason="is not on PATH", remedy=f"install {name}")
            )
        self._prober.save()
        return found

    def system(self, names: Iterable[str]) -> dict[str, SystemTool | Lack]:
        """Libraries and programs that targets declare in ``system``."""
        search = self._session.where.environ.get("PKG_CONFIG_PATH", "")
        found = {name: system_tool(self._prober, name, search) for name in sorted(set(names))}
        self._prober.save()
        return found

    @cached_property
    def interpreters(self) -> Pythons:
        """The Pythons of this machine, none of which has been looked for yet."""
        toolchains = [each for each in self.candidates if each.kind == "python"]

        def ask(found: Found) -> Request:
            host = self._session.host
            return Request(host=host, target=host, glibc="0", found={"python": (found,)}, pinned=frozenset())

        return Pythons(toolchains, self._prober, ask)

    def _install(self, found: Mapping[Probe, tuple[Found, ...]], targets: Sequence[Triple]) -> bool:
        """Asks rustup for the standard libraries that are missing; whether that changed anything."""
        by_name = {probe.name: tools for probe, tools in found.items()}
        compilers, choice = by_name["rustc"], self._choice(by_name)
        changed = False
        for triple in targets:
            present = any(triple.text in each.listed("targets") for each in compilers)
            if compilers and not present and choice.links(triple):
                self._session.emit(Note(text=f"asking rustup for the standard library of {triple}"))
                trouble = rustup.add_target(
                    compilers, triple.text, self._channel, self._session.where.environ
                )
                if trouble:
                    self._session.emit(Note(text=f"rustup could not add it: {trouble}"))
                changed = changed or trouble is None
        return changed

    def _choice(self, found: Mapping[str, tuple[Found, ...]]) -> Toolchains:
        version = host.host_triple_facts().libc_version
        machine = Machine(
            host=self._session.host,
            glibc=tuple(map(int, version.split("."))) if version else (),
            found=found,
            pinned=self._pinned,
            places=self._places,
        )
        glibc = self._session.settings.glibc
        return Toolchains(self.candidates, machine, glibc=glibc, channel=self._channel)

    @cached_property
    def _pinned(self) -> frozenset[str]:
        """The fetched tools that there is a file of for this host."""
        names = {name for each in self.candidates for name in each.pins} | set(RULE_TOOLS)
        return frozenset(name for name in names if self._has_file(name))

    def _has_file(self, name: str) -> bool:
        try:
            self._session.pins.tool(name).file_for(self._session.host)
        except PiotError:
            return False
        return True

    @cached_property
    def _channel(self) -> str | None:
        """What ``rust-toolchain.toml`` (or the older ``rust-toolchain``, its text alone) asks for."""
        text = self._session.text("rust-toolchain.toml") or self._session.text("rust-toolchain") or ""
        if "[toolchain]" not in text:
            return text.strip() or None
        import tomli

        channel = tomli.loads(text)["toolchain"].get("channel")
        return channel if isinstance(channel, str) else None


def _system_tool(name: str, found: Found) -> SystemTool:
    return SystemTool(
        name=name,
        version=(found.version.splitlines() or [""])[0],
        digest=found.digest,
        programs=((name, found.program),),
        roots=found.roots,
    )


def _programs(chosen: Iterable[object]) -> set[str]:
    found: set[str] = set()
    for each in chosen:
        if isinstance(each, RustToolchain):
            tools = (each.rustc, *(tool for linker in each.linkers for tool in linker.tools))
            found |= {path for tool in tools for _, path in tool.programs}
    return found
