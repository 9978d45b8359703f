"""``piot launcher``: the module that starts the program of a wheel, written only when that is asked for."""

from __future__ import annotations

from piot.app.session import Session
from piot.app.where import Where
from piot.effects import files
from piot.errors import InputError, UsageError, near
from piot.model.launcher_package import Launcher, launcher
from piot.model.package import PypiSettings


def launcher_for(name: str, where: Where, *, write: bool) -> Launcher:
    """The launcher of the package ``name``; with ``write`` put where it belongs, if nothing is there."""
    session = Session(where, lambda _: None)
    packages = {package.name: package for package in session.config.packages}
    if name not in packages:
        raise UsageError(f'no package is called "{name}"', hint=near(name, packages))
    package = packages[name]
    cli = package.settings.bundle_cli if isinstance(package.settings, PypiSettings) else None
    project = session.repository.pyprojects.get(package.path)
    if cli is None or project is None:
        hint = 'bundle_cli of a package with build = "maturin" names the program (how-to/ship-a-program.md)'
        raise InputError(f"{name} puts no program into a wheel", hint=hint)
    made = launcher(project, cli)
    if write:
        if files.look(session.root / made.path) is not None:
            raise InputError(f"{made.path} is there already", hint="piot launcher without --write prints it")
        files.write_atomic(session.root / made.path, made.text.encode())
    return made
