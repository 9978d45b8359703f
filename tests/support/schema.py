"""Holds values against a JSON schema: as much of draft 2020-12 as piot's own schemas use."""

from __future__ import annotations

import re
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
NOTES = {"$schema", "$defs", "title", "description"}


def problems(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "$") -> list[str]:
    """What is wrong with ``value``; raises AssertionError for a keyword that is not known here."""
    found: list[str] = []
    for keyword, wanted in schema.items():
        found += _problem(keyword, wanted, value, schema, root, at) if keyword not in NOTES else []
    return found


def _problem(
    keyword: str, wanted: Any, value: Any, schema: dict[str, Any], root: dict[str, Any], at: str
) -> list[str]:
    match keyword:
        case "$ref":
            return problems(value, root["$defs"][wanted.removeprefix("#/$defs/")], root, at)
        case "oneOf":
            fits = [one for one in wanted if not problems(value, one, root, at)]
            return [] if len(fits) == 1 else [f"{at}: fits {len(fits)} of oneOf"]
        case "properties":
            present = [name for name in wanted if name in value]
            return [
                each for name in present for each in problems(value[name], wanted[name], root, f"{at}.{name}")
            ]
        case "items" if value is None:
            return []
        case "items":
            return [e for i, one in enumerate(value) for e in problems(one, wanted, root, f"{at}[{i}]")]
        case _:
            return (
                [] if _holds(keyword, wanted, value, schema) else [f"{at}: {keyword} {wanted!r}: {value!r}"]
            )


def _holds(keyword: str, wanted: Any, value: Any, schema: dict[str, Any]) -> bool:
    match keyword:
        case "type":
            names: list[str] = [wanted] if isinstance(wanted, str) else wanted
            return any(isinstance(value, TYPES[name]) for name in names)
        case "const":
            return bool(value == wanted)
        case "enum":
            return value in wanted
        case "required":
            return all(name in value for name in wanted)
        case "minimum":
            return bool(value >= wanted)
        case "pattern":
            return re.search(wanted, value) is not None
        case "additionalProperties":
            return bool(wanted) or set(value) <= set(schema["properties"])
        case _:
            raise AssertionError(f"the schema uses {keyword}, which is not checked")
