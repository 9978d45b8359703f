"""How a person approves what npm keeps back, as a command to copy."""

from __future__ import annotations

import shlex


def approval(name: str, version: str, stage: str | None, registry: str | None) -> str:
    """``npm stage approve ID --registry ADDRESS  # name 1.0.0``; without an ID it says how to find it."""
    there = f" --registry {shlex.quote(registry)}" if registry else ""
    if stage is None:
        shown = f"`npm stage list {name}{there}` shows"
        return f"npm stage approve ID{there}  # {name} {version}, with the ID that {shown}"
    return f"npm stage approve {stage}{there}  # {name} {version}"
