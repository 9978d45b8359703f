"""Smoke tests of what was built: does it install, load and start."""

from dataclasses import dataclass

from piot.api import Context, Label, Tested, Triples, rule
from piot.api import smoke as smoking


@dataclass(frozen=True)
class Smoke:
    """Installs what was built in a fresh place, without network, loads it and starts its programs.

    pip installs wheels into a fresh environment, where all modules are imported and all commands are loaded;
    npm installs packages, which are required or imported; archives are unpacked. Then every program is
    started with ``--version``: it must end with 0, or with 2, as programs do that do not know it.

    of: targets that give wheels, npm packages, archives or programs
    beside: targets that give what these need: other wheels, or other npm packages
    args: arguments of programs instead of ``--version``; they must end with 0 then
    directory: folder of the project's manifest, relative to the root; the BUILD file's own when left out
    targets: triples that it is declared for; any when empty
    python_versions: Pythons that have a wheel of their own
    timeout: seconds after which it has failed
    """

    of: tuple[Label, ...]
    beside: tuple[Label, ...] = ()
    args: tuple[str, ...] = ()
    directory: str = ""
    targets: Triples = Triples()
    python_versions: tuple[str, ...] = ()
    timeout: int = 300


@rule(configured_by=("triple", "python"), test=True)
def smoke(ctx: Context, attrs: Smoke) -> tuple[Tested]:
    smoking.try_all(
        ctx,
        attrs.of,
        beside=attrs.beside,
        directory=attrs.directory or ctx.label.directory,
        arguments=attrs.args,
        declared=attrs.targets.names,
        timeout=attrs.timeout,
    )
    return (Tested(),)
