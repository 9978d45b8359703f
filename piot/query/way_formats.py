"""A way between two targets, as text and as JSON: every step with its reason."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from piot.model.catalog import Catalog
from piot.query.way import Step, Way

VERBS = {
    "uses": "uses",
    "follows": "is released after",
    "made of": "is made of",
    "defined in": "is defined in",
}


def shown_way(catalog: Catalog, found: Way, output: str) -> str:
    """The way as ``--output`` says."""
    return _FORMATS[output](catalog, found)


def _label(catalog: Catalog, found: Way) -> str:
    return "".join(f"{_line(catalog, step, kinds=False)}\n" for step in found.steps) or _end(catalog, found)


def _label_kind(catalog: Catalog, found: Way) -> str:
    lines = "".join(f"{_line(catalog, step, kinds=True)}\n" for step in found.steps)
    return lines or _end(catalog, found, kinds=True)


def _line(catalog: Catalog, step: Step, *, kinds: bool) -> str:
    name, to = (_name(catalog, each, kinds=kinds) for each in (step.number, step.to))
    return f"{name} {VERBS[step.kind]} {to} ({step.reason})"


def _end(catalog: Catalog, found: Way, *, kinds: bool = False) -> str:
    return "" if found.end is None else f"{_name(catalog, found.end, kinds=kinds)}\n"


def _name(catalog: Catalog, each: int | str, *, kinds: bool = False) -> str:
    if isinstance(each, str):
        return each
    return f"{catalog.kinds[each]} {catalog.labels[each]}" if kinds else catalog.labels[each]


def _tree(catalog: Catalog, found: Way) -> str:
    if not found.steps:
        return _end(catalog, found)
    lines = [f"{catalog.labels[found.steps[0].number]}\n"]
    for depth, step in enumerate(found.steps, start=1):
        lines.append(f"{'  ' * depth}{_name(catalog, step.to)} ({step.reason})\n")
    return "".join(lines)


def _dot(catalog: Catalog, found: Way) -> str:
    lines = [f"  {_quoted(_name(catalog, each))};\n" for each in _nodes(found)]
    for step in found.steps:
        ends = f"{_quoted(catalog.labels[step.number])} -> {_quoted(_name(catalog, step.to))}"
        lines.append(f"  {ends} [label={_quoted(step.reason)}];\n")
    return "".join(("digraph piot {\n", "  node [shape=box];\n", *lines, "}\n"))


def _quoted(text: str) -> str:
    """A string of Graphviz, in which only quotes and backslashes are special."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _mermaid(catalog: Catalog, found: Way) -> str:
    names = {each: f"n{place}" for place, each in enumerate(_nodes(found))}
    lines = [f"  {names[each]}[{_entity(_name(catalog, each))}]\n" for each in names]
    lines += [
        f"  {names[step.number]} -->|{_entity(step.reason)}| {names[step.to]}\n" for step in found.steps
    ]
    return "".join(("flowchart LR\n", *lines))


def _entity(text: str) -> str:
    return '"' + text.replace('"', "#quot;") + '"'


def _nodes(found: Way) -> tuple[int | str, ...]:
    ends = [each for step in found.steps for each in (step.number, step.to)]
    return tuple(dict.fromkeys(ends if found.end is None else (*ends, found.end)))


def _json(catalog: Catalog, found: Way) -> str:
    rows = [_row(catalog, step) for step in found.steps]
    return json.dumps({"schema": 1, "why": rows}) + "\n"


def _jsonl(catalog: Catalog, found: Way) -> str:
    return "".join(json.dumps(_row(catalog, step)) + "\n" for step in found.steps)


def _row(catalog: Catalog, step: Step) -> dict[str, str]:
    target = {"to": catalog.labels[step.to]} if isinstance(step.to, int) else {"file": step.to}
    return {"label": catalog.labels[step.number], "kind": step.kind, **target, "reason": step.reason}


_FORMATS: Mapping[str, Callable[[Catalog, Way], str]] = {
    "label": _label,
    "label_kind": _label_kind,
    "tree": _tree,
    "dot": _dot,
    "mermaid": _mermaid,
    "json": _json,
    "jsonl": _jsonl,
}
