"""The code that decides what a graph is and what is built: what is kept holds while it is the same."""

from __future__ import annotations

import sys

PACKAGES = ("packaging", "piot", "starlark", "tomli", "tomlkit")
"""Packages whose modules, as far as they were imported, decide what comes out."""


def files() -> list[str]:
    """The files of the modules that were imported up to now."""
    modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] in PACKAGES]
    return [file for module in modules if (file := getattr(module, "__file__", None))]
