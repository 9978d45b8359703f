"""Publishes tarballs with npm itself, under a configuration of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from piot.effects.allowed import allowed
from piot.effects.host import which
from piot.effects.peek import scratch_folder
from piot.effects.process import Completed, run
from piot.errors import MachineError
from piot.model.package import Access
from piot.model.registry import Place
from piot.release.artifacts import Found
from piot.release.publish.refusal import Refused

PATIENCE = 900.0
"""Seconds that npm may take for one package, its own retries included."""
TOKEN = "NPM_PUBLISH_TOKEN"
"""The variable that npm's configuration names, so that the token itself is in no file."""
_PASSING = ("E429", "E500", "E502", "E503", "E504", "ECONNRESET", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN")
_HINTS = {
    "name too similar": "publish it in a scope (@you/name), or choose another name",
    "ENEEDAUTH": "npm has no token: see `piot doctor`",
    "E401": "the token is wrong, or was revoked",
    "E402": 'npm takes it for private: set access = "public"',
    "E404": "npm says so when the token may not publish this name, or when the name is new and only a "
    "token of a person can publish it first",
    "EOTP": "the account asks for a second factor: use a trusted publisher or a granular token",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmPublisher:
    """One npm for all packages of a release; ``env`` is what piot was started with."""

    place: Place
    env: Mapping[str, str] = field(repr=False)

    def publish(self, found: Found, *, token: str | None, access: Access, tag: str) -> None:
        """Sends one tarball as it is; raises Refused with npm's words, MachineError without npm."""
        npm = which("npm", self.env.get("PATH", ""))
        if not npm:
            raise MachineError("npm is not on PATH", hint="install Node.js with npm")
        registry = f"{self.place.index.rstrip('/')}/"
        with scratch_folder({"npmrc": self._settings(registry, token).encode()}) as folder:
            argv = [
                *(str(npm[0]), "publish", str(found.path.absolute()), "--json", "--ignore-scripts"),
                *("--access", access, "--tag", tag, "--registry", registry),
            ]
            done = run(argv, cwd=folder, env=self._environment(str(folder), token), timeout=PATIENCE)
        if done.code:
            raise _refusal(found, done)

    def _settings(self, registry: str, token: str | None) -> str:
        """The user's own is not read: a placeholder of a token there would stand for ours."""
        host = registry.partition(":")[2]
        lines = [f"registry={registry}", "audit=false", "fund=false", "update-notifier=false"]
        lines += [f"{host}:_authToken=${{{TOKEN}}}"] if token is not None else []
        lines += [f"proxy={self.place.proxy}", f"https-proxy={self.place.proxy}"] if self.place.proxy else []
        lines += [f"cafile={self.place.cainfo}"] if self.place.cainfo else []
        return "".join(f"{line}\n" for line in lines)

    def _environment(self, folder: str, token: str | None) -> dict[str, str]:
        own = {
            "HOME": folder,
            "npm_config_userconfig": f"{folder}/npmrc",
            "npm_config_globalconfig": f"{folder}/none",
            "npm_config_cache": f"{folder}/cache",
            "npm_config_fetch_retries": "0",  # a lost answer is looked up first
        }
        secret = {TOKEN: token} if token is not None else {}
        return allowed(self.env, {**own, **secret})


def _refusal(found: Found, done: Completed) -> Refused:
    code, words = _said(done)
    hint = next((hint for text, hint in _HINTS.items() if text in words or text == code), None)
    transient = "Failed to save packument" in words
    return Refused(
        f"npm cannot publish {found.artifact.registry_name} {found.artifact.version}: {words}",
        hint=hint,
        passing=code in _PASSING or transient,
    )


def _said(done: Completed) -> tuple[str, str]:
    """npm's error code and words: an object on stdout (npm 9 and later), else the end of stderr."""
    try:
        error = json.loads(done.stdout)["error"]
        words = " ".join(str(error[key]) for key in ("summary", "detail") if error.get(key))
        return str(error.get("code") or ""), words.strip()[:1000] or done.complaint
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", done.complaint
