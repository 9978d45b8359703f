"""Crates of others in a registry on the loopback interface: taken from where cargo has fetched them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support.cargo_registry import CargoRegistry, Published


def mirror(
    registry: CargoRegistry, workspace: Path, cargo_home: Path, environment: Mapping[str, str]
) -> None:
    """Gives a registry all crates that the lock file of ``workspace`` names, with what their index says."""
    env = {**environment, "CARGO_HOME": str(cargo_home)}
    subprocess.run(["cargo", "fetch", "--locked"], cwd=workspace, env=env, check=True, capture_output=True)
    packed = {path.name: path for path in cargo_home.glob("registry/cache/*/*.crate")}
    for page in cargo_home.glob("registry/index/*/.cache/**/*"):
        for line in _lines(page) if page.is_file() else ():
            path = packed.get(f"{line['name']}-{line['vers']}.crate")
            if path is not None:
                found = Published(line=line, data=path.read_bytes(), visible=0.0)
                registry.crates.setdefault(str(line["name"]).lower(), []).append(found)


def _lines(page: Path) -> Iterator[dict[str, object]]:
    """cargo keeps a page of an index as texts between zero bytes, versions and their lines in turn."""
    for text in page.read_bytes().split(b"\0"):
        if text.startswith(b"{"):
            yield json.loads(text)
