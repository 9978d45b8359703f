"""Where the packages of a checkout are published."""

from __future__ import annotations

import json
from typing import cast

from piot.app.session.session import Session
from piot.model.package import Package
from piot.release.places import Places, Subject


def places_of(session: Session, *, chosen: str | None = None) -> Places:
    """The registries of a checkout; ``chosen`` is what ``--registry`` names."""
    return Places(session.root, session.where.environ, session.settings.registries, chosen=chosen)


def subject(session: Session, package: Package) -> Subject:
    """What decides where a package goes."""
    return Subject(
        package=package.name,
        kind=package.kind,
        registry_name=package.registry_name,
        folder=session.root / package.path,
        own=_own(session, package),
    )


def _own(session: Session, package: Package) -> str | None:
    """The registry that a manifest names: cargo's only ``publish``, npm's ``publishConfig.registry``."""
    prefix = "" if package.path == "." else f"{package.path}/"
    match package.kind:
        case "crates":
            return _cargos(session, f"{prefix}Cargo.toml", package.path)
        case "npm":
            return _npms(session.text(f"{prefix}package.json"))
        case "pypi":
            return None


def _cargos(session: Session, manifest: str, directory: str) -> str | None:
    """``publish`` with one name (cargo reference, *The publish field*), inherited or not.

    A broken file says nothing.
    """
    named = _at(session.text(manifest), "package", "publish")
    if isinstance(named, dict):
        spaces = (each for each in session.repository.workspaces if directory in each.members)
        root = next((each.manifest for each in spaces), manifest)
        named = _at(session.text(root), "workspace", "package", "publish")
    names = cast("list[object]", named) if isinstance(named, list) else []
    return str(names[0]) if len(names) == 1 else None


def _at(text: str | None, *keys: str) -> object:
    """A value of a TOML file; None where there is none."""
    import tomli

    try:
        found: object = tomli.loads(text or "")
    except tomli.TOMLDecodeError:
        return None
    for key in keys:
        found = cast("dict[str, object]", found).get(key) if isinstance(found, dict) else None
    return found


def _npms(text: str | None) -> str | None:
    try:
        named = json.loads(text or "{}").get("publishConfig", {}).get("registry")
    except (ValueError, AttributeError):
        return None
    return named if isinstance(named, str) else None
