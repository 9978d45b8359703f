"""What a rule may ask and declare: the only way a rule acts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NoReturn, Protocol, TypeVar

from piot.model.action import Incremental, Input, Mount, Output, Start
from piot.model.cargo.facts import Crate as CrateFacts
from piot.model.cargo.facts import Workspace
from piot.model.label import Label
from piot.model.npm.project import NpmProject
from piot.model.proof import Proof
from piot.model.python.pyproject import Pyproject
from piot.model.rule import Sources
from piot.model.toolchain import Emulator, Interpreter, Lack, Linker, NodeToolchain, RustToolchain, SystemTool

P = TypeVar("P")


class Context(Protocol):
    """One target in one configuration. Nothing here touches the disk: facts were read before."""

    @property
    def label(self) -> Label: ...

    @property
    def triple(self) -> str:
        """The platform that is built for; the host's for rules that are not configured by triple."""
        ...

    @property
    def python(self) -> str:
        """The Python that is built for (``3.12``, ``3.14t``, ``pypy3.11``); empty for one result for all."""
        ...

    @property
    def host(self) -> str:
        """The platform of the machine that runs the actions."""
        ...

    @property
    def profile(self) -> str:
        """Cargo's profile (``--profile``)."""
        ...

    def get(self, label: Label, provider: type[P]) -> P:
        """What the target ``label`` provides, in the same configuration; it must be among the attributes.

        Raises InputError naming what it provides instead.
        """
        ...

    def outputs(self, label: Label) -> tuple[Output, ...]:
        """All outputs of a dependency, whatever it provides."""
        ...

    def files(self, sources: Sources) -> tuple[str, ...]:
        """The files that an attribute stands for, relative to the repository root, sorted."""
        ...

    def workspace(self, directory: str) -> Workspace:
        """Facts of the Cargo workspace that the crate in ``directory`` belongs to."""
        ...

    def crate(self, directory: str) -> CrateFacts:
        """Facts of the crate in ``directory``; raises InputError when there is none."""
        ...

    def crate_files(self, directory: str) -> tuple[str, ...]:
        """The declared inputs of the crate in ``directory``: the ``paths`` of the package it belongs to."""
        ...

    def text(self, path: str) -> str | None:
        """The text of a manifest, lock file or tool setting; None when there is no such file."""
        ...

    def pyproject(self, directory: str) -> Pyproject:
        """Facts of ``pyproject.toml`` in ``directory``; raises InputError when there is none."""
        ...

    def npm(self, directory: str) -> NpmProject:
        """Facts of the npm package in ``directory`` and of its workspace.

        Raises InputError when there is none, and Problems with what keeps it from being released.
        """
        ...

    def rust(self) -> RustToolchain:
        """The Rust toolchain for ``triple`` on ``host``."""
        ...

    def linker(self) -> Linker:
        """What compiles C and links for ``triple`` on ``host``."""
        ...

    def interpreter(
        self, directory: str | None = None, *, requires: str = "", headers: bool = False
    ) -> Interpreter:
        """A Python of this machine, the preferred one of those that fulfil ``requires`` (PEP 440).

        For the project in ``directory`` it also fulfils its requires-python, and that of its pinned build
        requirements. With ``headers`` it has those that extension modules are compiled with.
        """
        ...

    def requirements(self, directory: str, python: Interpreter) -> Mount:
        """The pinned build requirements (``piot.lock``) of the project in ``directory``.

        They are mounted as ``%{tool:requirements}``, each in a folder of its own.
        """
        ...

    def runtime(self, directory: str, python: Interpreter) -> Mount | None:
        """What ``piot.lock`` pins of what the project in ``directory`` needs when it is installed.

        Mounted as ``%{tool:runtime}``, each in a folder of its own. None when nothing is pinned, or when this
        Python cannot load it.
        """
        ...

    def node(self) -> NodeToolchain:
        """The Node.js and npm of ``host``; `piot.api.npm` runs them."""
        ...

    def emulator(self) -> Emulator | None:
        """What runs programs of ``triple`` on ``host``; None where nothing could, by its nature.

        Where something could that this machine does not have, the target lacks it.
        """
        ...

    def toolchain(self, kind: str) -> SystemTool:
        """What a toolchain file of the repository gives for ``kind``, for this triple.

        Its files are named in ``[piot.toolchain] files``; what it lacks, the target lacks.
        """
        ...

    def tool(self, name: str) -> Mount:
        """A fetched tool (``piot.lock``), mounted as ``%{tool:NAME}``."""
        ...

    def program(self, name: str) -> SystemTool:
        """A program of this machine that the target names in its attribute ``tools``.

        It is on PATH when given to ``run``; its version and content are part of the key.
        """
        ...

    def system(self, name: str) -> SystemTool:
        """A library or program of this machine that the target names in its attribute ``system``.

        pkg-config finds the library in the folders that `SystemTool.search` names. Its version and files are
        part of the key.
        """
        ...

    def prepared(self, linker: Linker, *, stripped: bool) -> tuple[Input, ...]:
        """The scripts of a linker and its warm cache, made once and shared by everything that uses it.

        ``stripped`` says that nothing will be linked with debug information, so that the cache need not
        be warm for that.
        """
        ...

    def run(
        self,
        *argv: str,
        mnemonic: str,
        outputs: Sequence[str],
        inputs: Sequence[Input] = (),
        environment: Mapping[str, str] | None = None,
        mounts: Sequence[Mount] = (),
        tools: Sequence[SystemTool] = (),
        expand: Sequence[str] = (),
        proofs: Mapping[str, Proof] | None = None,
        name: str = "",
        memory: int = 0,
        timeout_seconds: int | None = None,
        start: Start | None = None,
        incremental: Incremental | None = None,
    ) -> tuple[Output, ...]:
        """Declares a command and gives its outputs in the order of ``outputs``.

        Paths are relative to the exec root; an output that ends in ``/`` is a folder. ``name`` tells
        several commands of one target apart. Two equal declarations are one action. ``start`` is what
        the command may start from (see the method). ``incremental`` says how it runs with ``--incremental``.
        """
        ...

    def start(
        self,
        *argv: str,
        mnemonic: str,
        folder: str,
        harvest: Sequence[str],
        inputs: Sequence[Input] = (),
        environment: Mapping[str, str] | None = None,
        mounts: Sequence[Mount] = (),
        tools: Sequence[SystemTool] = (),
        expand: Sequence[str] = (),
        name: str = "start",
    ) -> Start:
        """A folder that depends on just this, and that a command may start from instead of making it itself.

        ``argv`` says what makes the folder; it is never run. What ``harvest`` leaves of the folder, run
        after a command that started without it, is kept for the next one. A folder whose content differs
        may make a command slower, never its result another: that is for the rule to see to.
        """
        ...

    def lack(self, lack: Lack) -> NoReturn:
        """Says that this machine cannot build the target, though others may: the rest is built."""
        ...

    def fail(self, message: str, *, hint: str | None = None) -> NoReturn:
        """Ends the build with an error at this target."""
        ...
