"""Long-lived tokens: of a registry's own variable, of its ecosystem's variables, of its client's files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from piot.effects.cargo_config import CargoConfig
from piot.effects.npm_config import user_token
from piot.effects.pypirc import Repository, repositories
from piot.model.release.registry import Place

TOKEN_USER = "__token__"
"""The user name that stands before a token of a package index."""
_PYPI = ("UV_PUBLISH_TOKEN", "PYPI_API_TOKEN")
_NPM = ("NODE_AUTH_TOKEN", "NPM_TOKEN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A token or password, its user where there is one, and where it was found."""

    secret: str = field(repr=False)
    user: str = TOKEN_USER
    origin: str = ""
    short_lived: bool = False


def own_variable(name: str) -> str:
    """``PIOT_REGISTRY_<NAME>_TOKEN``: the one variable that any registry can have."""
    return f"PIOT_REGISTRY_{re.sub(r'[^A-Z0-9]', '_', name.upper())}_TOKEN"


def stored(place: Place, root: Path, env: Mapping[str, str]) -> Credential | None:
    """The token for a registry, None when there is none.

    The ecosystem's own variables are for its own registry: what a file of a repository names as one is never
    shown them.
    """
    variable = own_variable(place.name)
    if value := env.get(variable):
        return Credential(secret=value, origin=variable)
    match place.kind:
        case "crates":
            token = CargoConfig.read(root, env).token(place.name)
            known = place.standard or place.name != "crates-io"
            return Credential(secret=token, origin="cargo") if token and known else None
        case "pypi":
            return _of_pypi(place, env)
        case "npm":
            return _of_npm(place, env)


def variables(place: Place) -> tuple[str, ...]:
    """Where a token for a registry may stand, for messages."""
    own = own_variable(place.name)
    if not place.standard:
        return (own,)
    return {
        "crates": ("CARGO_REGISTRY_TOKEN", own),
        "pypi": ("TWINE_PASSWORD", *_PYPI, own),
        "npm": (*_NPM, own),
    }[place.kind]


def _of_pypi(place: Place, env: Mapping[str, str]) -> Credential | None:
    if place.standard:
        if password := env.get("TWINE_PASSWORD"):
            user = env.get("TWINE_USERNAME") or TOKEN_USER
            return Credential(secret=password, user=user, origin="TWINE_PASSWORD")
        for name in _PYPI:
            if value := env.get(name):
                return Credential(secret=value, origin=name)
    said = repositories(env).get(place.name, Repository())
    if said.password is None or (said.url is not None and said.url != place.upload):
        return None
    return Credential(secret=said.password, user=said.username or TOKEN_USER, origin="~/.pypirc")


def _of_npm(place: Place, env: Mapping[str, str]) -> Credential | None:
    if place.standard:
        for name in _NPM:
            if value := env.get(name):
                return Credential(secret=value, origin=name)
    token = user_token(place.index, env)
    return None if token is None else Credential(secret=token, origin=".npmrc")
