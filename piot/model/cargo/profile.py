"""What a Cargo profile does to linking: whether debug information is stripped."""

from __future__ import annotations

from piot.model.tables import table_at
from piot.model.toml_text import read_toml

_BUILT_IN = {"dev": True, "test": True, "release": False, "bench": False}
"""Whether cargo's own profiles have debug information (cargo reference, "Profiles")."""


def strips(root_manifest: str, profile: str) -> bool:
    """Whether the linker is told to strip: by ``strip``, or by default where there is no debug information.

    Since 1.77 cargo strips what the standard library brings when ``debug`` is off.
    """
    table = table_at(read_toml(root_manifest, "Cargo.toml"), "profile", profile)
    while "strip" not in table and "debug" not in table:
        parent = table.get("inherits")
        if not isinstance(parent, str):
            return not _BUILT_IN.get(profile, False)
        profile, table = parent, table_at(read_toml(root_manifest, "Cargo.toml"), "profile", parent)
    if "strip" in table:
        return table["strip"] not in (False, "none")
    return table["debug"] in (False, 0, "none")
