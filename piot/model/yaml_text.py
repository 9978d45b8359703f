"""YAML as plain text in tables and lists, as pnpm writes its files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from piot.errors import Problem, Problems
from piot.model.tables import as_table


@lru_cache(maxsize=4)
def parse_yaml(text: str, path: str) -> Mapping[str, object]:
    """The last document of a file, which must be a table; all scalars stay text, ``1.10`` and ``no`` too.

    pnpm may write what it needs for itself into a document before (pnpm.io, *pnpm-lock.yaml*). The last
    answers are kept: every package of a workspace asks for its lock file, which takes 20 µs per line. Raises
    Problems when it is no YAML.
    """
    import yaml

    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # written in C where the wheel has it
    try:
        documents: list[object] = list(yaml.load_all(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        message = f"not YAML: {error.problem or error.context}"
        raise Problems(
            [Problem(path=path, line=line, column=column, code="PIOT_YAML", message=message)]
        ) from None
    except yaml.YAMLError as error:
        raise Problems(
            [Problem(path=path, line=0, column=0, code="PIOT_YAML", message=f"not YAML: {error}")]
        ) from None
    return as_table(documents[-1] if documents else None)


def texts(value: object) -> dict[str, str]:
    """A table of texts, without whatever else is in it."""
    return {key: each for key, each in as_table(value).items() if isinstance(each, str)}


def listed(value: object) -> tuple[str, ...]:
    """A list of texts, without whatever else is in it; a lone text is a list of one."""
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    return tuple(each for each in values if isinstance(each, str))
