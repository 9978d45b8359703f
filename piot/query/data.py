"""What was chosen, as JSON: ``docs/reference/schemas/query.schema.json`` says what its parts mean."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from piot.model.catalog import Catalog, Detail

Contents = Mapping[str, str]
"""What stands in files: the hex SHA-256 of each, and whether it can be executed, as one text by path."""


def targets_json(catalog: Catalog, numbers: Sequence[int], contents: Contents, *, lines: bool) -> str:
    """One object, or with ``lines`` one object for every target."""
    rows = [_row(catalog, number, contents) for number in numbers]
    return "".join(_line(row) for row in rows) if lines else _line({"schema": 1, "targets": rows})


def files_json(paths: Sequence[str], *, lines: bool) -> str:
    """The same for a query that gives files."""
    return "".join(_line({"file": path}) for path in paths) if lines else _line({"schema": 1, "files": paths})


def fingerprint(detail: Detail, contents: Contents) -> str:
    """The hex SHA-256 of a target's rule, its attributes, and path, mode and content of its inputs.

    The label, the place and the dependencies are not in it: they have fingerprints of their own.
    """
    inputs = [[path, contents.get(path)] for path in detail.inputs]
    said = json.dumps([detail.rule, detail.attrs, inputs], sort_keys=True, separators=(",", ":"))
    return sha256(said.encode("utf-8", "surrogateescape")).hexdigest()


def _row(catalog: Catalog, number: int, contents: Contents) -> dict[str, object]:
    detail, package = catalog.detail(number), catalog.packages[number]
    return {
        "label": catalog.labels[number],
        "kind": catalog.kinds[number],
        **({"package": package} if package else {}),
        "attrs": detail.attrs,
        "deps": [catalog.labels[dep] for dep in catalog.forward[number]],
        "fingerprint": fingerprint(detail, contents),
        "location": detail.location.partition(" (in ")[0],
    }


def _line(row: Mapping[str, object]) -> str:
    return f"{json.dumps(row)}\n"
