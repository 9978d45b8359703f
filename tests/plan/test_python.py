"""Interpreters and environments of PEP 517 builds, as rules get them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from piot.api import python
from piot.api.context import Context
from piot.api.rule import rule
from piot.errors import InputError
from piot.model.action import Mount, SourceFile, Text, Unpacked
from piot.model.build_pins import BuildPins
from piot.model.fetch import PypiFetch
from piot.model.label import Label
from piot.model.pins import PinnedFile, Pins, ToolPin
from piot.model.plan import BuildPlan, Configured
from piot.model.provider import Files, Wheel
from piot.model.python.pyproject import Pyproject
from piot.model.toolchain import Interpreter, Lack, SystemTool
from piot.plan.facts import Facts
from tests.plan.conftest import Analyse, no_npm

SHA256 = "ab" * 32
PYTHON = Interpreter(
    version="3.12.1",
    headers=True,
    tool=SystemTool(name="python3.12", version="Python 3.12.1", digest="d"),
)


def pinned(name: str, version: str, *tags: str) -> ToolPin:
    files = tuple(PinnedFile(filename=f"{name}-{version}-{tag}.whl", sha256=SHA256) for tag in tags)
    return ToolPin(name=name, ecosystem="pypi", version=version, files=files)


PINS = Pins(
    tools=tuple(pinned(name, "1", "py3-none-any") for name in python.FRONT_END),
    requirements=(
        pinned("back", "2", "py3-none-any"),
        pinned("fast", "3", "cp311-cp311-linux_x86_64", "cp312-cp312-linux_x86_64"),
    ),
    builds=(BuildPins(path="a", requires=("back",), python=">=3.10", pins=(("back", "2"), ("fast", "3"))),),
)
FACTS = Facts(
    files=("a/pyproject.toml", "a/x.py"),
    texts={},
    workspaces=(),
    npm=no_npm,
    pyprojects={"a": Pyproject(directory="a", requires_python="<4", version="1.0.dev0", scm=True)},
    packages=(),
)


class Machine:
    """Has one Python, and notes what was asked for."""

    def __init__(self, found: Interpreter | tuple[Lack, ...] = PYTHON) -> None:
        self.found = found
        self.asked: list[tuple[tuple[str, ...], bool]] = []

    def __call__(self, requires: tuple[str, ...], *, headers: bool) -> Interpreter | tuple[Lack, ...]:
        self.asked.append((requires, headers))
        return self.found


@dataclass(frozen=True)
class Attrs:
    deps: tuple[Label, ...] = ()


@rule
def staged(ctx: Context, _: Attrs) -> tuple[Wheel]:
    stage = python.stage(
        ctx, "a", ("a/pyproject.toml", "a/x.py"), variables={"OWN": "1", "PYTHONHASHSEED": "7"}, tools=()
    )
    return (Wheel(name="a", version="1", folder=python.run(ctx, stage, "wheel")),)


def plan(analyse: Analyse, machine: Machine, function: Any = staged, **changes: Any) -> BuildPlan:
    known = {"interpreters": machine, "pins": PINS, "facts": FACTS, **changes}
    return analyse(function, {"a": ()}, **known).plan([Configured(label=Label("", "a"))])


def wheel(name: str, version: str, tag: str) -> Unpacked:
    fetch = PypiFetch(project=name, version=version, filename=f"{name}-{version}-{tag}.whl", sha256=SHA256)
    return Unpacked(archive=fetch, kind="wheel")


def test_a_build_runs_beside_its_pinned_requirements_on_a_fitting_python(analyse: Analyse) -> None:
    machine = Machine()
    (action,) = plan(analyse, machine).actions.values()
    assert machine.asked == [(("<4", ">=3.10"), False), ((">=3.11",), False)]
    assert action.argv[1:] == (
        *("%{tool:python3.12}", "-ISB", ".piot/build.py", "wheel", "%{tool:python3.12}"),
        *("source/a", "out"),
    )
    assert action.tools == (PYTHON.tool,)
    assert action.mounts[0] == Mount(
        name="requirements",
        entries=(
            ("back", wheel("back", "2", "py3-none-any")),
            ("fast", wheel("fast", "3", "cp312-cp312-linux_x86_64")),
        ),
    )
    assert [mount.name for mount in action.mounts[1:]] == list(python.FRONT_END)
    assert [each.place for each in action.inputs if isinstance(each, SourceFile)] == [
        "source/a/pyproject.toml",
        "source/a/x.py",
    ]
    assert [each.dest for each in action.inputs if isinstance(each, Text)] == [
        ".piot/build.py",
        ".piot/launch",
    ]
    environment = dict(action.environment)
    assert environment["SETUPTOOLS_SCM_PRETEND_VERSION"] == "1.0.dev0"
    assert environment["PYTHON_PINS"] == "%{tool:requirements}"
    assert (environment["OWN"], environment["PYTHONHASHSEED"]) == ("1", "7")


def test_without_a_python_the_target_cannot_be_built_here(analyse: Analyse) -> None:
    lack = Lack(candidate="python 3.8", reason="too old")
    (unbuildable,) = plan(analyse, Machine((lack,))).unbuildable
    assert unbuildable.lacks == (lack,)


def test_a_requirement_without_a_file_for_this_python_is_told(analyse: Analyse) -> None:
    old = Interpreter(version="3.10.1", headers=False, tool=SystemTool(name="p", version="", digest=""))
    (unbuildable,) = plan(analyse, Machine(old)).unbuildable
    assert str(unbuildable.lacks[0]) == (
        "build requirements: fast 3 has no pinned file for x86_64-unknown-linux-gnu"
        " (it has fast-3-cp311-cp311-linux_x86_64.whl and fast-3-cp312-cp312-linux_x86_64.whl)"
    )


def test_without_pins_the_command_that_makes_them_is_told(analyse: Analyse) -> None:
    with pytest.raises(InputError) as raised:
        plan(analyse, Machine(), pins=Pins())
    assert "PIOT_RULE: the build requirements of a are not pinned\n" in str(raised.value)
    assert str(raised.value).endswith("hint: run `piot lock` and commit piot.lock")


@rule
def bare(ctx: Context, _: Attrs) -> tuple[Files]:
    python.stage(ctx, "a", ("a/x.py",), variables={}, tools=())
    return (Files(outputs=()),)


def test_a_project_without_its_pyproject_among_the_files_is_refused(analyse: Analyse) -> None:
    with pytest.raises(InputError) as raised:
        plan(analyse, Machine(), bare)
    assert "//:a is built from a/pyproject.toml, but its files are without it" in str(raised.value)
    assert str(raised.value).endswith('add "a/pyproject.toml" to `paths` of its package, or to `srcs`')
