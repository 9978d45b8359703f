"""What npm is set to: its registries, by scope, and how they are reached."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from piot.effects.allowed import allowed
from piot.effects.host import which
from piot.effects.peek import read_if_there, scratch_folder
from piot.effects.process import run
from piot.errors import MachineError

_VARIABLE = re.compile(r"\$\{([^}]+)\}")

PATIENCE = 600.0
"""Seconds that npm may take for one package, its own retries included."""

QUIET = {"npm_config_audit": "false", "npm_config_fund": "false", "npm_config_update_notifier": "false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmConfig:
    """What npm itself says that it is set to in a folder: files, variables and defaults merged."""

    npm: str
    folder: Path
    values: Mapping[str, object]

    @classmethod
    def read(cls, folder: Path, env: Mapping[str, str]) -> NpmConfig:
        """Asks the npm on PATH (0.4 s); raises MachineError when there is none, or when it fails."""
        npm = which("npm", env.get("PATH", ""))
        if not npm:
            raise MachineError("npm is not on PATH", hint="install Node.js with npm")
        own = allowed(env, QUIET, prefixes=("npm_config_", "NPM_CONFIG_", "XDG_"))
        done = run((str(npm[0]), "config", "list", "--json"), cwd=folder, env=own, timeout=PATIENCE)
        try:
            values = cast("Mapping[str, object]", json.loads(done.stdout))
        except ValueError:
            raise MachineError(f"`npm config list` failed: {done.complaint}") from None
        return cls(npm=str(npm[0]), folder=folder, values=values)

    def registry(self, name: str) -> str:
        """The address of the registry that has a package (npm docs, *scope*), without a slash at its end."""
        scope = name.partition("/")[0] if name.startswith("@") else ""
        return (self._text(f"{scope}:registry") if scope else "") or self._text("registry")

    @property
    def cache(self) -> Path:
        """Where cacache keeps what npm has downloaded."""
        return Path(self._text("cache")) / "_cacache"

    @property
    def proxy(self) -> str | None:
        return self._text("https-proxy") or self._text("proxy") or None

    @property
    def cainfo(self) -> Path | None:
        """A PEM file that replaces the usual certificate authorities."""
        return Path(self._text("cafile")) if self._text("cafile") else None

    def _text(self, key: str) -> str:
        value = self.values.get(key)
        return value.rstrip("/") if isinstance(value, str) else ""


def usual_registry(env: Mapping[str, str]) -> str | None:
    """What an npm asks that nobody has set up (0.4 s), without a slash at its end; None without npm."""
    npm = which("npm", env.get("PATH", ""))
    if not npm:
        return None
    with scratch_folder() as folder:
        nothing = {f"npm_config_{name}config": str(folder / name) for name in ("user", "global")}
        own = allowed(env, {**QUIET, **nothing, "HOME": str(folder)})
        done = run((str(npm[0]), "config", "get", "registry"), cwd=folder, env=own, timeout=PATIENCE)
    return None if done.code else done.stdout.decode("utf-8", "replace").strip().rstrip("/")


def user_token(registry: str, env: Mapping[str, str]) -> str | None:
    """The token for a registry in the user's ``.npmrc``, which npm itself does not print.

    Names of variables in it are filled in; one that is not set makes no token (npm docs, *npmrc*).
    """
    home = env.get("HOME") or env.get("USERPROFILE") or ""
    named = env.get("npm_config_userconfig") or env.get("NPM_CONFIG_USERCONFIG")
    data = read_if_there(Path(named) if named else Path(home) / ".npmrc")
    wanted = registry.partition(":")[2].rstrip("/")
    for line in (data or b"").decode("utf-8", "replace").splitlines():
        key, _, value = line.partition("=")
        if key.strip().removesuffix(":_authToken").rstrip("/") == wanted and "_authToken" in key:
            token = _VARIABLE.sub(lambda match: env.get(match[1], ""), value.strip().strip('"'))
            return token or None
    return None
