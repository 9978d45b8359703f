"""Random words that nobody can guess."""

from __future__ import annotations

import os


def token() -> str:
    """32 hex digits; unlike ``files.unique``, no part of it is seen by the commands that are run."""
    return os.urandom(16).hex()
