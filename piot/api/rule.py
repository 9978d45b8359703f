"""``@rule``: makes a function and a frozen dataclass of attributes a rule of BUILD files.

The function's name is the rule's name. The dataclass is the schema: a field without a default is
required, and these types can be read from a BUILD file: ``str bool int tuple[str, ...]
Mapping[str, str] Label tuple[Label, ...] Source Sources Triples``, and ``X | None`` for the ones that
are no collections. Defaults are literals (or ``Sources()``, ``Triples()``, ``StringMap()``). The class
docstring documents fields by lines ``field: text``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast, overload

from piot.errors import InputError, PiotError, Problem, Problems
from piot.model.label import Label
from piot.model.rule import Plain, Source, Sources, StringMap, Triples, shown_path

if TYPE_CHECKING:
    from piot.api.context import Context

__all__ = [
    "Label",
    "Rule",
    "Source",
    "Sources",
    "StringMap",
    "Triples",
    "blame",
    "blame_file",
    "rule",
    "shown_path",
]

A = TypeVar("A")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[A]):
    """A rule that can be run: ``function`` declares actions on its context and returns providers."""

    function: Callable[[Context, A], tuple[object, ...]]
    attrs: type[A]
    configured_by: frozenset[str] = frozenset()
    test: bool = False

    @property
    def name(self) -> str:
        return cast("FunctionType", self.function).__name__

    def __call__(self, ctx: Context, attrs: A) -> tuple[object, ...]:
        """Call the function as it is, as a rule's own tests do."""
        return self.function(ctx, attrs)

    def analyse(self, ctx: Context, values: Mapping[str, Plain]) -> tuple[object, ...]:
        """The providers of one target; ``values`` are the attributes that were given.

        Raises Problems at the line of the rule file where an exception or a complaint of ``ctx`` began.
        """
        try:
            return self.function(ctx, self.attrs(**values))
        except PiotError as error:
            if isinstance(error, InputError) and not isinstance(error, Problems):
                raise blame(error, self.function) from error
            raise
        except (Exception, SystemExit) as error:
            raise blame(error, self.function) from error


Function = Callable[["Context", A], tuple[object, ...]]


@overload
def rule(function: Function[A], /) -> Rule[A]: ...


@overload
def rule(
    *, configured_by: Iterable[Literal["triple", "python"]] = (), test: bool = False
) -> Callable[[Function[A]], Rule[A]]: ...


def rule(
    function: Function[Any] | None = None,
    /,
    *,
    configured_by: Iterable[Literal["triple", "python"]] = (),
    test: bool = False,
) -> Rule[Any] | Callable[[Function[Any]], Rule[Any]]:
    """Declare a rule: ``@rule`` or ``@rule(configured_by=("triple",), test=True)``.

    ``configured_by`` names what makes several configured targets of one: the triple, the Python
    version. ``test`` rules are run by ``piot test``.
    """

    def declare(function: Function[Any]) -> Rule[Any]:
        return Rule(
            function=function,
            attrs=_attributes_class(cast("FunctionType", function)),
            configured_by=frozenset(configured_by),
            test=test,
        )

    return declare(function) if function is not None else declare


def _attributes_class(function: FunctionType) -> type[Any]:
    """The type of the second parameter, also when annotations are strings."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    found = function.__annotations__.get(names[1]) if len(names) > 1 else None
    if isinstance(found, str):
        found = function.__globals__.get(found)
    if not isinstance(found, type):
        name = function.__name__
        raise TypeError(f"a rule is written: def {name}(ctx: Context, attrs: {name.title()})")
    return found


def blame(error: BaseException, function: Callable[..., object]) -> Problems:
    """``error`` as a problem at the deepest line of the rule file that defines ``function``."""
    code = cast("FunctionType", function)
    return blame_file(error, code.__code__.co_filename, code.__module__)


def blame_file(error: BaseException, filename: str, module: str) -> Problems:
    """``error`` as a problem at its deepest line in ``filename``, shown by the label ``module``."""
    line, column = 0, 0
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame.f_code
        if frame.co_filename == filename:
            positions = list(frame.co_positions())[trace.tb_lasti // 2]
            line, column = trace.tb_lineno, (positions[2] or 0) + 1
        trace = trace.tb_next
    path = shown_path(Label.parse(module)) if "//" in module else filename
    code, hint = "PIOT_RULE_FAILED", None
    message = f"{type(error).__name__}: {error}".removesuffix(": ")
    if isinstance(error, PiotError):
        code, hint, message = "PIOT_RULE", error.hint, error.message
    return Problems([Problem(path=path, line=line, column=column, code=code, message=message, hint=hint)])
