"""The schemas of a rule file, read from its syntax tree: nothing of the file runs."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from contextlib import suppress

from piot.errors import InputError, Problem, Problems, listed
from piot.load.narrow import is_texts
from piot.load.rule_defaults import default_of
from piot.model.label import Label
from piot.model.rule import Attr, AttrType, RuleSchema, shown_path

TYPES = {
    "str": AttrType.STR,
    "bool": AttrType.BOOL,
    "int": AttrType.INT,
    "tuple[str, ...]": AttrType.STRINGS,
    "Mapping[str, str]": AttrType.STRING_MAP,
    "Label": AttrType.LABEL,
    "tuple[Label, ...]": AttrType.LABELS,
    "Source": AttrType.SOURCE,
    "Sources": AttrType.SOURCES,
    "Triples": AttrType.TRIPLES,
}
_OPTIONAL = {AttrType.STR, AttrType.BOOL, AttrType.INT, AttrType.LABEL, AttrType.SOURCE}
_CONFIGURATION = {"triple", "python"}
_SHAPE = "a rule is written: def {name}(ctx: Context, attrs: {title}) -> tuple[…]:"


def read_schemas(text: str, label: Label) -> tuple[RuleSchema, ...]:
    """Every ``@rule`` of a file, in the order written; raises Problems with all that is wrong."""
    reader = _Reader(label)
    schemas = tuple(reader.read(text))
    if reader.problems:
        raise Problems(reader.problems)
    return schemas


class _Reader:
    """Walks one file and keeps what is wrong with it."""

    def __init__(self, label: Label) -> None:
        self.label = label
        self.path = shown_path(label)
        self.problems: list[Problem] = []

    def fault(self, node: ast.AST, code: str, message: str, hint: str | None = None) -> None:
        line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0) + 1
        self.problems.append(
            Problem(path=self.path, line=line, column=column, code=code, message=message, hint=hint)
        )

    def read(self, text: str) -> Iterator[RuleSchema]:
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError) as error:
            self._unreadable(error)
            return
        self._check_imports(tree)
        classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                for decorator in node.decorator_list:
                    if _name(decorator) == "rule":
                        yield from self._schema(node, decorator, classes)

    def _unreadable(self, error: SyntaxError | ValueError) -> None:
        """ValueError is what a NUL character gives."""
        line, column, message = 1, 1, str(error)
        if isinstance(error, SyntaxError):
            line, column, message = error.lineno or 1, max(error.offset or 1, 1), error.msg
        self.problems.append(
            Problem(path=self.path, line=line, column=column, code="PIOT_RULE_SYNTAX", message=message)
        )

    def _check_imports(self, tree: ast.Module) -> None:
        """Rule files stand alone: that is what lets them be loaded by label and keyed by their text."""
        for node in ast.walk(tree):
            for name in _imported(node):
                if name.partition(".")[0] not in sys.stdlib_module_names and not f"{name}.".startswith(
                    "piot.api."
                ):
                    self.fault(
                        node,
                        "PIOT_RULE_IMPORT",
                        f'a rule file cannot import "{name}"',
                        "rule files import piot.api and the standard library only",
                    )

    def _schema(
        self, function: ast.FunctionDef, decorator: ast.expr, classes: dict[str, ast.ClassDef]
    ) -> Iterator[RuleSchema]:
        name = function.name
        parameters = function.args.args
        shape = _SHAPE.format(name=name, title=name.title().replace("_", ""))
        annotation = parameters[1].annotation if len(parameters) == 2 else None
        found = classes.get(_name(annotation)) if annotation is not None else None
        if found is None:
            what = "takes a context and a dataclass of attributes from the same file"
            self.fault(function, "PIOT_RULE_SHAPE", f"rule {name} {what}", shape)
            return
        self._check_class(found)
        documented, field_docs = _docs(found)
        configured_by, test = self._options(decorator)
        yield RuleSchema(
            name=name,
            attrs=tuple(self._attrs(found, field_docs)),
            location=f"{self.label}:{function.lineno}",
            doc=ast.get_docstring(function) or documented,
            configured_by=configured_by,
            test=test,
            provides=_provided(function.returns),
        )

    def _check_class(self, found: ast.ClassDef) -> None:
        frozen = any(
            isinstance(each, ast.Call)
            and _name(each) == "dataclass"
            and any(_is_true(keyword, "frozen") for keyword in each.keywords)
            for each in found.decorator_list
        )
        if not frozen or found.bases:
            self.fault(
                found,
                "PIOT_RULE_SHAPE",
                f"the attributes {found.name} are not a frozen dataclass of their own",
                f"write @dataclass(frozen=True) above class {found.name}, without base classes",
            )

    def _options(self, decorator: ast.expr) -> tuple[frozenset[str], bool]:
        configured_by: frozenset[str] = frozenset()
        test = False
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            try:
                value: object = ast.literal_eval(keyword.value)
            except ValueError:
                value = None
            if keyword.arg == "configured_by" and is_texts(value) and set(value) <= _CONFIGURATION:
                configured_by = frozenset(value)
            elif keyword.arg == "test" and isinstance(value, bool):
                test = value
            else:
                self.fault(
                    keyword.value,
                    "PIOT_RULE_SHAPE",
                    f"@rule does not understand {ast.unparse(keyword)}",
                    'options are configured_by=("triple", "python") and test=True, as literals',
                )
        return configured_by, test

    def _attrs(self, found: ast.ClassDef, docs: dict[str, str]) -> Iterator[Attr]:
        for node in found.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                attr = self._attr(node, node.target.id, docs.get(node.target.id, ""))
                if attr is not None:
                    yield attr

    def _attr(self, node: ast.AnnAssign, name: str, doc: str) -> Attr | None:
        if name == "name":
            self.fault(node, "PIOT_RULE_TYPE", 'no attribute can be called "name"', "it is ctx.label.name")
            return None
        kind, optional = _type(node.annotation)
        if kind is None:
            self.fault(
                node.annotation,
                "PIOT_RULE_TYPE",
                f'attribute "{name}" has the type {ast.unparse(node.annotation)}',
                f"types of attributes are {listed(list(TYPES))}; also X | None for single values",
            )
            return None
        if node.value is None:
            return Attr(name=name, type=kind, required=True, doc=doc)
        try:
            default = default_of(node.value, kind, optional=optional)
        except InputError as error:
            self.fault(node.value, "PIOT_RULE_DEFAULT", f'attribute "{name}": {error.message}', error.hint)
            return None
        return Attr(name=name, type=kind, default=default, doc=doc)


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        if node.level == 0 and node.module == "piot":
            return [f"piot.{alias.name}" for alias in node.names]
        return ["." * node.level + (node.module or "")]
    return []


def _name(node: ast.expr | None) -> str:
    """The last part of a dotted name, also of a call or a quoted annotation."""
    match node:
        case ast.Call(func=function):
            return _name(function)
        case ast.Attribute(attr=name) | ast.Name(id=name) | ast.Constant(value=str(name)):
            return name
        case _:
            return ""


def _provided(returns: ast.expr | None) -> tuple[str, ...]:
    """The names in ``tuple[…]``, quoted or not; none for any other annotation."""
    match returns:
        case ast.Constant(value=str(text)):
            with suppress(SyntaxError):
                return _provided(ast.parse(text, mode="eval").body)
        case ast.Subscript(slice=ast.Tuple(elts=parts)):
            return tuple(name for part in parts if (name := _name(part)))
        case ast.Subscript(slice=part) if name := _name(part):
            return (name,)
        case _:
            pass
    return ()


def _is_true(keyword: ast.keyword, name: str) -> bool:
    return keyword.arg == name and isinstance(keyword.value, ast.Constant) and keyword.value.value is True


def _type(annotation: ast.expr) -> tuple[AttrType | None, bool]:
    """The attribute type that an annotation means, and whether it ends with ``| None``."""
    text = annotation.value if isinstance(annotation, ast.Constant) else ast.unparse(annotation)
    text = re.sub(r"\b\w+\.", "", str(text)) if ". " not in str(text) else str(text)
    short = text.removesuffix(" | None")
    kind = TYPES.get(short)
    optional = short != text
    return (None if optional and kind not in _OPTIONAL else kind), optional


def _docs(found: ast.ClassDef) -> tuple[str, dict[str, str]]:
    """The class docstring's text before its first ``field: text`` line, and those lines by field."""
    fields = {
        node.target.id
        for node in found.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    summary: list[str] = []
    docs: dict[str, str] = {}
    current = ""
    for line in inspect.cleandoc(ast.get_docstring(found) or "").splitlines():
        head, colon, text = line.partition(":")
        if colon and head in fields:
            current = head
            docs[head] = text.strip()
        elif current and line.startswith(" "):
            docs[current] += f" {line.strip()}"
        elif not current:
            summary.append(line)
    return "\n".join(summary).strip(), docs
