"""Where the packages of a checkout are published."""

from __future__ import annotations

import json
from typing import cast

from piot.app.session import Session
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
            return _cargos(session.text(f"{prefix}Cargo.toml"))
        case "npm":
            return _npms(session.text(f"{prefix}package.json"))
        case "pypi":
            return None


def _cargos(text: str | None) -> str | None:
    """``publish`` with one name (cargo reference, *The publish field*); a broken file says nothing."""
    import tomli

    try:
        named = tomli.loads(text or "").get("package", {}).get("publish")
    except (tomli.TOMLDecodeError, AttributeError):
        return None
    names = cast("list[object]", named) if isinstance(named, list) else []
    return str(names[0]) if len(names) == 1 else None


def _npms(text: str | None) -> str | None:
    try:
        named = json.loads(text or "{}").get("publishConfig", {}).get("registry")
    except (ValueError, AttributeError):
        return None
    return named if isinstance(named, str) else None
