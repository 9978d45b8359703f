"""The toolchain files of this checkout, without probing anything."""

from __future__ import annotations

from functools import cache

from piot.api.toolchain import Toolchain
from piot.load import repository, rule_files
from tests.support.checkout import ROOT


@cache
def candidates(*kinds: str) -> tuple[Toolchain, ...]:
    """The toolchains of these kinds, in the order in which they are asked."""
    found: list[Toolchain] = []
    for label in repository.TOOLCHAINS:
        values = vars(rule_files.execute(rule_files.find(label, ROOT, repository.read))).values()
        found += [value for value in values if isinstance(value, Toolchain) and value.kind in kinds]
    return tuple(found)
