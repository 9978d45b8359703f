"""Where a command line says to run."""

from __future__ import annotations

import os
from pathlib import Path

from piot.app.session.where import Where
from piot.cli.invocation import Invocation
from piot.errors import UsageError


def where(invocation: Invocation) -> Where:
    """The folder, the environment and the flags that every verb takes; raises UsageError for no folder."""
    flags = invocation.globals
    directory = Path.cwd() / (flags.directory or ".")
    if flags.directory is not None and not directory.is_dir():
        raise UsageError(f"-C: there is no folder {directory}")
    config = None if flags.config is None else Path.cwd() / flags.config
    return Where(
        directory=Path(os.path.normpath(directory)),
        environ=dict(os.environ),
        config=config,
        offline=flags.offline,
        words=invocation.words,
    )
