"""``piot rules``."""

from __future__ import annotations

import json
import sys

from piot.app.rules import rule, rules
from piot.cli.invocation import Invocation
from piot.cli.render import rule_text, rules_text
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.model.label import Label
from piot.model.rule import Attr, Plain, RuleSchema, Source, Sources, StringMap, Triples

NAME = ("name", "str", "required", "the target's name: its label is //folder:name")
"""Every rule takes it, so that no rule declares it."""


def run(invocation: Invocation, terminal: Terminal) -> int:  # noqa: ARG001 - every verb has this shape
    """Prints a table of all rules, or one rule with its attributes; or one JSON object."""
    place = where(invocation)
    found = (rule(invocation.arguments[0], place),) if invocation.arguments else rules(place)
    if invocation.globals.json:
        text = json.dumps({"schema": 1, "rules": [_json(schema) for schema in found]}) + "\n"
    elif invocation.arguments:
        text = _one(found[0])
    else:
        text = rules_text((each.name, _file(each), _plain(each.doc).split("\n")[0]) for each in found)
    write_data(sys.stdout, text)
    return 0


def _one(schema: RuleSchema) -> str:
    rows = [(attr.name, attr.type.value, _default(attr), _plain(attr.doc)) for attr in schema.attrs]
    return rule_text(schema.name, _plain(schema.doc), [NAME, *rows])


def _json(schema: RuleSchema) -> dict[str, object]:
    return {
        "name": schema.name,
        "key": schema.key,
        "location": f"{_file(schema)}:{schema.location.rpartition(':')[2]}",
        "doc": schema.doc,
        "configured_by": sorted(schema.configured_by),
        "test": schema.test,
        "attrs": [
            {
                "name": attr.name,
                "type": attr.type.value,
                "required": attr.required,
                "default": _value(attr.default),
                "doc": attr.doc,
            }
            for attr in schema.attrs
        ],
    }


def _file(schema: RuleSchema) -> str:
    """``build_defs/hello.py``, ``@piot/rules/rust.py``."""
    file = schema.file
    return f"@{file.cell}/{file.path}" if file.cell else file.path


def _plain(doc: str) -> str:
    """Documentation without the double quotes of reStructuredText."""
    return doc.replace("``", "`")


def _default(attr: Attr) -> str:
    """The default as one would write it in a BUILD file."""
    return "required" if attr.required else _starlark(_value(attr.default))


def _starlark(value: object) -> str:
    if value is None or isinstance(value, bool):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _value(value: Plain | None) -> object:
    match value:
        case Sources():
            return [*value.files, *value.globs]
        case Triples():
            return list(value)
        case StringMap():
            return dict(value)
        case tuple():
            return [str(item) for item in value]
        case Label() | Source():
            return str(value)
        case _:
            return value
