"""Where `doctor` looks for credentials: the files and variables of cargo, PyPI's uploaders and npm."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from piot.app.machine.tooling import Tooling
from piot.app.session.session import Session
from piot.effects import plumbing
from piot.effects.cargo_config import cargo_home
from piot.effects.npm_config import NpmConfig
from piot.errors import PiotError
from piot.inspect.doctor import credentials as judged
from piot.inspect.doctor.credential import Credential
from piot.inspect.doctor.job import Job
from piot.inspect.doctor.npm_client import NpmClient, npm_client
from piot.inspect.doctor.of_cargo import CargoPlaces, cargo
from piot.inspect.doctor.of_npm import NpmFile, NpmPlaces, npm
from piot.inspect.doctor.of_pypi import pypi
from piot.model.diagnosis import Topic
from piot.model.finding import Finding
from piot.model.package import Kind, Package
from piot.model.release.registry import STANDARD
from piot.model.toolchain import NodeToolchain


def credentials(session: Session, running: Job | None) -> Topic:
    """Every place, and what is too old to make use of it."""
    environ, packages = session.where.environ, session.config.packages
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or "~").expanduser()
    folders = tuple(folder / ".cargo" for folder in (session.root, *session.root.parents))
    found = (
        *cargo(CargoPlaces(home=cargo_home(environ), folders=folders), environ, _names(packages, "crates")),
        *pypi(home / ".pypirc", environ, _names(packages, "pypi")),
        *npm(_npm_places(session, home), environ),
    )
    topic = judged.credentials(running, packages, found)
    return replace(topic, findings=(*topic.findings, *_clients(session, running, found)))


def _names(packages: Sequence[Package], kind: Kind) -> tuple[str, ...]:
    return tuple(package.name for package in packages if package.kind == kind)


def _npm_places(session: Session, home: Path) -> NpmPlaces:
    """npm says where its files and registries are; without npm the usual files are looked at."""
    environ, packages = session.where.environ, session.config.packages
    wanted = [package for package in packages if package.kind == "npm"]
    config: NpmConfig | None = None
    if wanted:
        try:
            config = NpmConfig.read(session.root, environ)
        except PiotError:
            config = None
    user = _setting(config, "userconfig") or str(home / ".npmrc")
    paths = [session.root / ".npmrc", *(session.root / each.path / ".npmrc" for each in wanted)]
    machine = _setting(config, "globalconfig")
    others = [NpmFile(path=Path(path)) for path in (user, machine) if path]
    own = [NpmFile(path=path, tracked=_tracked(session, path)) for path in dict.fromkeys(paths)]
    registries = {each.name: _registry(session, each, config) for each in wanted}
    return NpmPlaces(files=(*own, *others), registries=registries)


def _setting(config: NpmConfig | None, key: str) -> str:
    value = None if config is None else config.values.get(key)
    return value if isinstance(value, str) else ""


def _tracked(session: Session, path: Path) -> bool:
    words = ("ls-files", "--error-unmatch", "--", str(path))
    return path.is_file() and plumbing.output(session.root, words, session.where.environ) is not None


def _registry(session: Session, package: Package, config: NpmConfig | None) -> str:
    """``publishConfig.registry`` of the package, else what npm is set to; empty when not known."""
    text = session.text("package.json" if package.path == "." else f"{package.path}/package.json")
    try:
        manifest = cast("Mapping[str, object]", json.loads(text or "{}"))
        named = cast("Mapping[str, object]", manifest.get("publishConfig", {})).get("registry")
    except (ValueError, AttributeError):
        named = None  # what builds it says what is wrong
    if isinstance(named, str):
        return named
    return "" if config is None else config.registry(package.registry_name)


def _clients(session: Session, running: Job | None, found: Sequence[Credential]) -> tuple[Finding, ...]:
    """What is too old for trusted publishing, of packages that have it or only it, or for staging them."""
    packages = [package for package in session.config.packages if package.kind == "npm"]
    oidc = judged.trusted("npm", running)
    staged = any(
        each.name == STANDARD["npm"] and dict(each.values).get("stage") is True
        for each in session.config.settings.registries
    )
    wanted = tuple(package.name for package in packages if oidc or staged or package.trust_policy)
    node = Tooling(session).node() if wanted else ()
    if not isinstance(node, NodeToolchain):
        return ()
    covered = {name for each in found if each.kind == "npm" and each.usable for name in each.packages}
    view = NpmClient(
        npm=node.npm.version,
        node=node.node.version.removeprefix("v"),
        packages=wanted,
        only_way=oidc and not covered.issuperset(wanted),
        staged=staged,
    )
    return npm_client(view)
