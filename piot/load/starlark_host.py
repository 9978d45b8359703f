"""Runs Starlark files: predeclared names, loads, who called what from where, and errors as problems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from piot.errors import PiotError, Problem, Problems
from piot.load.starlark_report import SHIM, Frame, frames_of, problem_of

if TYPE_CHECKING:
    from starlark import Dialect, FrozenModule, Globals, Module


_RULE = """
def {name}(**attributes):
    _declare("{key}", call_stack(strip_frames = 1), attributes)
"""
_FUNCTIONS = """
def glob(include, exclude = [], allow_empty = False):
    return _glob(include, exclude, allow_empty)

def package_name():
    return _package_name()

def select(branches):
    return _select(branches)

def select_list(always, branches):
    return _select_list(always, branches)
"""
_Result = TypeVar("_Result")
_FUNCTION_NAMES = ("glob", "package_name", "select", "select_list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A rule that was called: its key, its arguments as plain data, and from where, outermost first."""

    rule: str
    arguments: Mapping[str, object]
    frames: tuple[Frame, ...]

    @property
    def location(self) -> str:
        """``path:line`` of the outermost call, with the macro's line when there is one."""
        outer, inner = self.frames[0], self.frames[-1]
        where = f"{outer.path}:{outer.line}"
        return where if outer is inner else f"{where} (in {inner.function} at {inner.path}:{inner.line})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What ``select()`` gave; with ``always``, what ``select_list()`` gave."""

    branches: object
    always: object = None


class Host:
    """Evaluates files with one set of predeclared names.

    ``declare`` gets every call of a rule, ``functions`` are ``glob(include, exclude, allow_empty)`` and
    ``package_name()``, ``load`` gives the module for the text of a ``load()`` in a file of a package.
    """

    def __init__(
        self,
        *,
        rules: Mapping[str, str],
        declare: Callable[[Call], None],
        functions: Mapping[str, Callable[..., object]],
        load: Callable[[str, str], FrozenModule],
    ) -> None:
        self._declare = declare
        self._load = load
        self._raised: PiotError | None = None
        self._globals = _globals()
        self._prelude = self._shims(rules, functions)
        names = ", ".join(f'"{name}"' for name in (*_FUNCTION_NAMES, *rules))
        self._load_prelude = f'load("{SHIM}", {names})'

    def run(self, path: str, text: str, package: str) -> Module:
        """Evaluate a file of the folder ``package``; raises Problems, or what a function raised.

        A function's error without a place gets the line that called it.
        """
        import starlark

        def load(name: str) -> FrozenModule:
            return self._load(name, package)

        module = starlark.Module()
        first = starlark.parse(SHIM, self._load_prelude)
        starlark.eval(module, first, self._globals, starlark.FileLoader(lambda _: self._prelude))
        self._raised = None
        try:
            ast = starlark.parse(path, text, _dialect())
            starlark.eval(module, ast, self._globals, starlark.FileLoader(self._guarded(load)))
        except starlark.StarlarkError as error:
            raise self._problems(str(error), path, text) from None
        return module

    def rule_module(self, rules: Mapping[str, str]) -> FrozenModule:
        """What ``load()`` of a Python rule file gives: its rules, by name with their keys."""
        return self._shims(rules, {})

    def _shims(
        self, rules: Mapping[str, str], functions: Mapping[str, Callable[..., object]]
    ) -> FrozenModule:
        """A module of Starlark functions around callables: only they can see the call stack."""
        import starlark

        module = starlark.Module()
        module.add_callable("_declare", self._guarded(self._declared))
        text = "".join(_RULE.format(name=name, key=key) for name, key in rules.items())
        if functions:
            text += _FUNCTIONS
            for name, function in functions.items():
                module.add_callable(f"_{name}", self._guarded(function))
            module.add_callable("_select", _select)
            module.add_callable("_select_list", _select_list)
        starlark.eval(module, starlark.parse(SHIM, text), self._globals)
        return module.freeze()

    def _declared(self, rule: str, stack: str, arguments: Mapping[str, object]) -> None:
        self._declare(Call(rule=rule, arguments=arguments, frames=frames_of(stack)))

    def _guarded(self, function: Callable[..., _Result]) -> Callable[..., _Result]:
        """Keeps our own errors, of which Starlark's keep only the text."""

        def call(*arguments: object) -> _Result:
            try:
                return function(*arguments)
            except PiotError as error:
                self._raised = error
                raise

        return call

    def _problems(self, report: str, path: str, text: str) -> PiotError:
        raised, self._raised = self._raised, None
        if raised is not None and (isinstance(raised, Problems) or raised.exit_code != Problems.exit_code):
            return raised
        problem = problem_of(report, path, text)
        if raised is None:
            return Problems([problem])
        return Problems(
            [
                Problem(
                    path=problem.path,
                    line=problem.line,
                    column=problem.column,
                    code="PIOT_BUILD_FILE",
                    message=raised.message,
                    hint=raised.hint,
                )
            ]
        )


def _select(branches: object) -> object:
    from starlark import OpaquePythonObject

    return OpaquePythonObject(Selected(branches=branches))


def _select_list(always: object, branches: object) -> object:
    from starlark import OpaquePythonObject

    return OpaquePythonObject(Selected(always=always, branches=branches))


def _dialect() -> Dialect:
    """Starlark with f-strings and with ``for`` and ``if`` outside of functions."""
    from starlark import Dialect

    dialect = Dialect.standard()
    dialect.enable_f_strings = True
    dialect.enable_top_level_stmt = True
    return dialect


def _globals() -> Globals:
    from starlark import Globals, LibraryExtension

    return Globals.extended_by(
        [
            LibraryExtension.CallStack,
            LibraryExtension.Filter,
            LibraryExtension.Json,
            LibraryExtension.Map,
            LibraryExtension.Print,
            LibraryExtension.StructType,
        ]
    )
