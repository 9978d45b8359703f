"""Secrets that whoever shows the output of a job is told of, before anything prints them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress


def masker(environ: Mapping[str, str]) -> Callable[[str], None]:
    """What tells a job of GitHub to hide a value in all that it shows (*Workflow commands: Masking a value*).

    It is written to stderr, which the runner reads too: stdout may be a file, and would keep it. Anywhere
    else nothing is written.
    """
    if environ.get("GITHUB_ACTIONS") != "true":
        return lambda _: None
    return _mask


def _mask(value: str) -> None:
    with suppress(OSError, ValueError):  # nobody reads it: then nobody shows it either
        for line in value.splitlines():  # a command ends with its line
            sys.stderr.write(f"::add-mask::{line.replace('%', '%25')}\n")
        sys.stderr.flush()
