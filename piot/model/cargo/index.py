"""The index of a cargo registry: where a crate's page is, and what its lines say.

The format is that of the cargo reference, chapter *Registry Index*.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSettings:
    """``config.json`` of an index: templates of addresses, and whether reading asks for a token.

    ``api`` is None where the registry takes no crates.
    """

    dl: str
    api: str | None = None
    auth_required: bool = False

    @classmethod
    def parse(cls, data: bytes) -> IndexSettings:
        """Raises ValueError when it is no such file."""
        try:
            said = cast("Mapping[str, object]", json.loads(data))
            api = said.get("api")
            return cls(
                dl=str(said["dl"]),
                api=api.rstrip("/") if isinstance(api, str) else None,
                auth_required=said.get("auth-required") is True,
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError("its config.json has no dl") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexLine:
    """One version of a crate; ``cksum`` is the SHA-256 of its ``.crate`` in hex."""

    version: str
    cksum: str
    yanked: bool


def prefix(name: str) -> str:
    """A crate's folder in an index: ``1``, ``2``, ``3/a`` or ``ab/cd`` (cargo reference, *Index Files*)."""
    if len(name) < 3:
        return str(len(name))
    return f"3/{name[0]}" if len(name) == 3 else f"{name[:2]}/{name[2:4]}"


def crate_file(name: str, version: str) -> str:
    """``demo-1.2.3.crate``."""
    return f"{name}-{version}.crate"


def page_path(name: str) -> str:
    """Where the page of a crate is below the index: ``de/mo/demo``, always in lower case."""
    lower = name.lower()
    return f"{prefix(lower)}/{lower}"


def lines_on(page: bytes) -> tuple[IndexLine, ...]:
    """Every version on a crate's page; raises ValueError when it is none, or was cut off."""
    try:
        return tuple(_line(line) for line in page.splitlines() if line.strip())
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("it does not list versions") from error


def _line(text: bytes) -> IndexLine:
    said = cast("Mapping[str, object]", json.loads(text))
    return IndexLine(
        version=str(said["vers"]), cksum=str(said["cksum"]).lower(), yanked=said.get("yanked") is True
    )
