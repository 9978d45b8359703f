"""Where a package is published: the registry of its kind, or another one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from piot.model.package import Kind

STANDARD: dict[Kind, str] = {"crates": "crates-io", "pypi": "pypi", "npm": "npm"}
"""What the registry that packages of a kind go to by themselves is called here and in ``[piot.registry]``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A registry.

    ``index`` is where it is read: a sparse index, a simple API (PEP 503), or all of a registry of npm; it
    may hold a user and a password. ``upload`` is where files of Python projects are sent. ``standard``
    says that neither ``--registry`` nor a file of a repository chose it, so that the tokens of the kind's
    own registry are meant for it. ``stage`` has npm keep what is sent back until a person approves it.
    ``proxy`` and ``cainfo`` (a PEM file) are how it is reached.
    """

    name: str
    kind: Kind
    index: str = field(repr=False)
    upload: str | None = field(default=None, repr=False)
    standard: bool = False
    stage: bool = False
    proxy: str | None = field(default=None, repr=False)
    cainfo: Path | None = None
