"""The code of piot that decides what a graph is: what is kept of a graph holds while it is the same."""

from __future__ import annotations

import sys

PACKAGES = ("piot", "starlark", "tomli")
"""Packages whose modules, as far as they were imported to make a graph, decide what it is."""


def files() -> list[str]:
    """The files of the modules that were imported up to now."""
    modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] in PACKAGES]
    return [file for module in modules if (file := getattr(module, "__file__", None))]
