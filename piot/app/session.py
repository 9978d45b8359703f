"""One run of piot in one checkout: what every verb starts from, made on first use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from piot.api.toolchain import Toolchain
from piot.effects import files, host
from piot.errors import PiotError
from piot.load import repository, rule_files
from piot.load.repository import Reader, Repository
from piot.load.stamping import stamped
from piot.model.events import Emit, Note
from piot.model.label import Label
from piot.model.package import Config, Settings
from piot.model.pins import Pins, parse_lock
from piot.model.target import TargetGraph
from piot.model.toolchain import Found, RustToolchain
from piot.model.triple import Triple
from piot.plan.toolchains import Machine, Toolchains
from piot.run.fetch.fetcher import Fetcher
from piot.run.probe import Prober
from piot.run.stores.local import LocalStore

LOCK = "piot.lock"
DEFAULT_PINS = Label.parse("@piot//toolchains:tools.lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where and how piot was started: the folder, the environment, and the flags that all verbs take."""

    directory: Path
    environ: Mapping[str, str] = field(repr=False)
    config: Path | None = None
    offline: bool = False


class Session:
    """The checkout, the machine and the store of one run; ``versions`` are planned ones by package name."""

    def __init__(self, where: Where, emit: Emit, *, versions: Mapping[str, str] | None = None) -> None:
        self.where = where
        self.emit = emit
        self._versions = dict(versions or {})

    @cached_property
    def _opened(self) -> tuple[Reader, Config, Settings]:
        return repository.open_repository(self.where.directory, self.where.environ, self.where.config)

    @property
    def root(self) -> Path:
        """The root of the checkout."""
        return self._opened[0].root

    @property
    def settings(self) -> Settings:
        return self._opened[2]

    @cached_property
    def repository(self) -> Repository:
        """Files and manifests, planned versions already in them."""
        found = repository.read_repository(*self._opened)
        return stamped(found, self._opened[0], self._versions) if self._versions else found

    @cached_property
    def graph(self) -> TargetGraph:
        return repository.load_graph(self.repository)

    @cached_property
    def host(self) -> Triple:
        facts = host.host_triple_facts()
        return Triple.from_uname(facts.system, facts.machine, facts.libc)

    @property
    def cache(self) -> Path:
        """The folder that all checkouts share."""
        named = self.settings.cache_dir
        if named is None:
            return host.cache_dir(self.where.environ)
        return (self.root / Path(named).expanduser()).absolute()

    @cached_property
    def store(self) -> LocalStore:
        return LocalStore(self.cache / "store")

    @property
    def state(self) -> Path:
        """``.piot`` of this checkout, with a ``.gitignore`` of its own."""
        folder = self.root / ".piot"
        if not (folder / ".gitignore").exists():
            files.write_atomic(folder / ".gitignore", b"*\n")
        return folder

    @cached_property
    def fetcher(self) -> Fetcher:
        return Fetcher(
            self.store,
            root=self.root,
            offline=self.where.offline,
            report=lambda line: self.emit(Note(text=line)),
            env=self.where.environ,
        )

    @cached_property
    def pins(self) -> Pins:
        """The fetched tools: ``piot.lock`` of the checkout over piot's own."""
        file = rule_files.find(DEFAULT_PINS, self.root, repository.read)
        defaults = parse_lock(file.text, "@piot/toolchains/tools.lock")
        own = repository.read(self.root / LOCK)
        return defaults if own is None else parse_lock(own.decode(), LOCK).over(defaults)

    @cached_property
    def candidates(self) -> tuple[Toolchain, ...]:
        """The toolchains, in the order in which they are asked."""
        found: list[Toolchain] = []
        for label in repository.TOOLCHAINS:
            module = rule_files.execute(rule_files.find(label, self.root, repository.read))
            found += [value for value in vars(module).values() if isinstance(value, Toolchain)]
        return tuple(found)

    def toolchains(self, targets: Sequence[Triple]) -> Toolchains:
        """What can build for ``targets`` here; what probes learn is remembered.

        Only the tools that are chosen are identified by content, which reads all of a compiler once.
        """
        prober = Prober(environ=self.where.environ, cache=self.cache)
        probes = dict.fromkeys(probe for each in self.candidates for probe in each.probes)
        found = {probe: prober.find(probe) for probe in probes}
        used = self._programs(self._choice({each.name: tools for each, tools in found.items()}), targets)
        wanted = [triple.text for triple in dict.fromkeys((self.host, *targets))]
        known = {
            probe.name: tuple(
                prober.identify(probe, tool, {name: wanted for name, _ in probe.parts})
                if tool.program in used
                else tool
                for tool in tools
            )
            for probe, tools in found.items()
        }
        prober.save()
        return self._choice(known)

    def _choice(self, found: Mapping[str, tuple[Found, ...]]) -> Toolchains:
        version = host.host_triple_facts().libc_version
        glibc = tuple(map(int, version.split("."))) if version else ()
        pinned = frozenset(name for name in self._pin_names() if self._has_file(name))
        machine = Machine(host=self.host, glibc=glibc, found=found, pinned=pinned)
        texts = self.repository.texts
        pin = texts.get("rust-toolchain.toml") or texts.get("rust-toolchain")
        channel = _channel(pin) if pin else None
        return Toolchains(self.candidates, machine, glibc=self.settings.glibc, channel=channel)

    def _programs(self, choice: Toolchains, targets: Sequence[Triple]) -> set[str]:
        chosen = [choice.rust(triple) for triple in targets]
        tools = [each.rustc for each in chosen if isinstance(each, RustToolchain)]
        for each in chosen:
            if isinstance(each, RustToolchain):
                tools += [tool for linker in each.linkers for tool in linker.tools]
        return {path for tool in tools for _, path in tool.programs}

    def _has_file(self, name: str) -> bool:
        try:
            self.pins.tool(name).file_for(self.host)
        except PiotError:
            return False
        return True

    def _pin_names(self) -> list[str]:
        return sorted({name for each in self.candidates for name in each.pins} | {"maturin"})

    def close(self) -> None:
        """Ends what was opened, and shrinks the store when it has outgrown its size."""
        if "store" in self.__dict__:
            from piot.run.stores.maintain import tidy

            tidy(self.store, self.settings.cache_max_size)
            self.store.close()


def _channel(text: str) -> str | None:
    """The channel of ``rust-toolchain.toml``, or the whole text of the older ``rust-toolchain``."""
    import tomli

    if "[toolchain]" not in text:
        return text.strip() or None
    table = tomli.loads(text).get("toolchain", {})
    return str(table["channel"]) if "channel" in table else None
