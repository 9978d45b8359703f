"""Makes targets of the rules that a BUILD file called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from piot.errors import InputError, Problem
from piot.load.attributes import Converter, Fault
from piot.load.starlark_host import Call
from piot.load.starlark_report import column_of
from piot.model.label import Label
from piot.model.rule import RuleSchema
from piot.model.target import Target


@dataclass(frozen=True, slots=True)
class TargetMaker:
    """Makes the targets of one BUILD file, ``path`` with ``text``; what is wrong goes to ``problems``.

    ``seen`` are the names that are taken, and where.
    """

    converter: Converter
    rules: Mapping[str, RuleSchema]
    path: str
    text: str
    problems: list[Problem]
    seen: dict[str, str] = field(default_factory=dict[str, str])

    def target(self, call: Call) -> Target | None:
        """The target that a call means, or None when something is wrong with it."""
        schema = self.rules[call.rule]
        line = call.frames[0].line
        column = column_of(self.text, line, schema.name)
        before = len(self.problems)
        inside = call.location.partition(" ")[2]

        def fault(code: str, message: str, hint: str | None) -> None:
            shown = f"{message} {inside}" if inside else message
            self.problems.append(
                Problem(path=self.path, line=line, column=column, code=code, message=shown, hint=hint)
            )

        label = self._label(schema, call, fault)
        attrs = self.converter.attributes(schema, call.arguments, fault)
        if label is None or len(self.problems) > before:
            return None
        return Target(label=label, rule=call.rule, attrs=attrs, location=call.location)

    def _label(self, schema: RuleSchema, call: Call, fault: Fault) -> Label | None:
        name = call.arguments.get("name")
        if not isinstance(name, str):
            what = "needs a name" if name is None else f"has a name that is no string: {name!r}"
            fault("PIOT_MISSING_ATTRIBUTE", f"{schema.name} {what}", 'write name = "…"')
            return None
        if name in self.seen:
            fault(
                "PIOT_DUPLICATE_TARGET", f'"{name}" is already the name of a target', f"at {self.seen[name]}"
            )
            return None
        self.seen[name] = call.location
        try:
            return Label.parse(f":{name}", package=self.converter.package)
        except InputError as error:
            fault("PIOT_BAD_ATTRIBUTE", error.message, error.hint)
            return None
