"""An environment for tests that ask the real cargo."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from functools import cache

SYSTEM = "/usr/bin"


@cache
def path_with_cargo() -> str:
    """PATH, with the system's programs first where that makes a cargo work.

    rustup's proxies do not work in a home folder without toolchains; Debian's cargo and rustc do.
    """
    own = os.environ["PATH"]
    return next((path for path in (own, f"{SYSTEM}{os.pathsep}{own}") if _works(path)), own)


def _works(path: str) -> bool:
    with suppress(OSError):
        env = {**os.environ, "PATH": path}
        return (
            subprocess.run(["cargo", "--version"], env=env, capture_output=True, check=False).returncode == 0
        )
    return False
