"""What one clone makes, made again in another clone with another store and another sandbox."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.conftest import Piot


def digests(piot: Piot, clone: Path, *words: str, env: Mapping[str, str] | None = None) -> dict[str, str]:
    """SHA-256 by path of all that a build puts into ``dist/``."""
    done = piot("build", *words, "--json", cwd=clone, env=env)
    return {each["path"]: each["sha256"] for target in done.targets.values() for each in target["outputs"]}


def again(
    piot: Piot, clone: Path, store: Path, *words: str, env: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The digests that a copy of ``clone`` at another place gets, in the plain sandbox, with ``store``."""
    copy = clone.with_name("a second place") / "deeper down" / clone.name
    shutil.copytree(clone, copy, ignore=shutil.ignore_patterns("dist", ".piot"))
    here = {**(env or {}), "PIOT_CACHE_DIR": str(store)}
    return digests(piot, copy, *words, "--sandbox", "dir", env=here)
