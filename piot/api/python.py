"""What rules over PEP 517 share: a project staged in a folder of its own, and the command that builds it."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from piot.api.context import Context
from piot.api.python_scripts import BUILD
from piot.model.action import Input, Mount, Output, SourceFile, Text
from piot.model.proof import Proof
from piot.model.python.pyproject import Pyproject
from piot.model.toolchain import Interpreter, Linker, SystemTool

__all__ = ["PythonStage", "run", "stage"]

SCRIPT = ".piot/build.py"
SHARED = {"CC": "", "CXX": "CXX"}
"""Compilers by their variable, and how the variable of what links a module is called for each."""

LINK = "-Wl,--strip-debug"
"""As cargo links what is stripped: zig has a warm cache for that."""

SOURCE = "source"
"""Where the repository stands: not in the exec root itself, whose ``.piot`` would go into sdists."""

FRONT_END = ("build", "packaging", "pyproject-hooks")
"""pypa/build with what it needs, as fetched tools; they need the Python that reads TOML itself."""

FRONT_PYTHON = ">=3.11"

TAGGER = "wheel"
"""PyPA's tool that changes the tags of a wheel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonStage:
    """A project ready for its back end; ``python`` is the interpreter that the back end runs on."""

    project: Pyproject
    python: Interpreter
    directory: str
    inputs: tuple[Input, ...]
    mounts: tuple[Mount, ...]
    environment: Mapping[str, str]
    tools: tuple[SystemTool, ...]
    linker: Linker | None = None

    @property
    def expand(self) -> tuple[str, ...]:
        """The input files that the launcher expands."""
        own = (item for item in self.inputs if isinstance(item, Text) and item.dest != SCRIPT)
        return tuple(item.dest for item in own if b"%{" in item.content)


def stage(
    ctx: Context,
    directory: str,
    own: Sequence[str],
    *,
    variables: Mapping[str, str],
    tools: Sequence[str],
    compiles: bool = False,
) -> PythonStage:
    """The project in ``directory`` with the files ``own``, in an environment of its pinned requirements.

    With ``compiles`` there is a C compiler for the target's triple too, and the interpreter is one that C
    can be compiled for. Fails when pyproject.toml is not among the files.
    """
    project = ctx.pyproject(directory)
    _need_manifest(ctx, directory, own)
    asked = f"=={ctx.python}.*" if compiles and ctx.python else ""
    python = ctx.interpreter(directory, requires=asked, headers=compiles)
    front = ctx.interpreter(requires=FRONT_PYTHON)
    plain = PythonStage(
        project=project,
        python=python,
        directory=posixpath.normpath(posixpath.join(SOURCE, directory)),
        inputs=(
            *(SourceFile(path=path, dest=f"{SOURCE}/{path}") for path in own),
            Text(dest=SCRIPT, content=BUILD.encode()),
        ),
        mounts=(ctx.requirements(directory, python), *(ctx.tool(name) for name in FRONT_END)),
        environment={**_environment(project), **variables},
        tools=tuple(dict.fromkeys((front.tool, python.tool, *(ctx.program(name) for name in tools)))),
    )
    return _compiling(ctx, plain, ctx.linker()) if compiles else plain


def _need_manifest(ctx: Context, directory: str, own: Sequence[str]) -> None:
    """Ends the build when pyproject.toml is not among the files."""
    manifest = posixpath.normpath(posixpath.join(directory, "pyproject.toml"))
    if manifest not in own:
        ctx.fail(
            f"{ctx.label} is built from {manifest}, but its files are without it",
            hint=f'add "{manifest}" to `paths` of its package, or to `srcs`',
        )


def _compiling(ctx: Context, plain: PythonStage, linker: Linker) -> PythonStage:
    """``plain`` with a compiler, by the variables that setuptools and others look at."""
    suffix = f"_{linker.triple.replace('-', '_')}"
    known = {name.removesuffix(suffix): value for name, value in linker.environment if name.endswith(suffix)}
    shared = {f"LD{name}SHARED": f"{known[cc]} -shared {LINK}" for cc, name in SHARED.items() if cc in known}
    stand_ins = linker.preparation.scripts if linker.preparation else ()
    return replace(
        plain,
        inputs=(
            *plain.inputs,
            *ctx.prepared(linker, stripped=True),
            *(Text(dest=path, content=text.encode(), executable=True) for path, text in stand_ins),
        ),
        mounts=(*plain.mounts, *(ctx.tool(name) for name in (*linker.fetched, TAGGER))),
        environment={
            **known,
            **(shared if "-linux-" in linker.triple else {}),
            **plain.environment,
            "PYTHON_FRONT_END": f"{plain.environment['PYTHON_FRONT_END']}:%{{tool:{TAGGER}}}",
        },
        tools=(*plain.tools, *linker.tools),
        linker=linker,
    )


def run(
    ctx: Context,
    staged: PythonStage,
    kind: str,
    *,
    output: str = "out/",
    proof: Proof | None = None,
    platform: str = "",
) -> Output:
    """Builds the ``sdist`` or ``wheel`` into a folder, or writes what the back end ``requires`` besides.

    The wheel gets the tag ``platform`` instead of the back end's choice.
    """
    front, python = staged.tools[0].name, staged.python.tool.name
    (made,) = ctx.run(
        f"%{{tool:{front}}}",
        "-ISB",
        SCRIPT,
        kind,
        f"%{{tool:{python}}}",
        staged.directory,
        output.rstrip("/"),
        *((platform,) if platform else ()),
        mnemonic=f"build {kind}",
        outputs=(output,),
        inputs=staged.inputs,
        mounts=staged.mounts,
        environment=staged.environment,
        tools=staged.tools,
        expand=staged.expand,
        proofs={} if proof is None else {output.rstrip("/"): proof},
    )
    return made


def _environment(project: Pyproject) -> dict[str, str]:
    """hatch-vcs knows only setuptools-scm's variable that is for all projects: here is only one."""
    version = {"SETUPTOOLS_SCM_PRETEND_VERSION": project.version} if project.scm and project.version else {}
    return {
        "PYTHON_FRONT_END": ":".join(f"%{{tool:{name}}}" for name in FRONT_END),
        "PYTHON_PINS": "%{tool:requirements}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        **version,
    }
