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
from piot.model.release.registry import Place
from piot.release.artifacts import Found
from piot.release.publish.refusal import Refused

PATIENCE = 900.0
"""Seconds that npm may take for one package, its own retries included."""
TOKEN = "NPM_PUBLISH_TOKEN"
"""The variable that npm's configuration names, so that the token itself is in no file."""
_PASSING = ("E429", "E500", "E502", "E503", "E504", "ECONNRESET", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN")
_NOT_KEPT = "the registry keeps nothing back for an approval, or this token may not publish this name"
_SIGNING = ("TLOG_", "CA_", "TSA_", "TUF_")
"""How codes begin that say that Sigstore did not answer as it should."""
_HELD = (
    *("previously staged version", "Cannot stage previously published", "EPUBLISHCONFLICT"),
    *("cannot publish over the previously published", "Cannot publish over existing version"),
    "this package is already present",
)
"""How registries say that they have a version: npm (also while it is busy with it), GitHub, verdaccio."""
_HINTS = {
    "name too similar": "publish it in a scope (@you/name), or choose another name",
    "ENEEDAUTH": "npm has no token: see `piot doctor`",
    "E401": "the token is wrong, or was revoked",
    "E402": 'npm takes it for private: set access = "public"',
    "E404": "npm says so when the token may not publish this name, or when the name is new and only a "
    "token of a person can publish it first",
    "OIDC permission denied": "the trusted publisher of this package allows something else: npm has one box "
    "for publishing and one for staging, and `stage = true` in [piot.registry.npm] stages",
    'Unknown command: "stage"': "staged publishing needs npm 11.15 or later",
    "previously staged version": "npm has it, and is not done with it, or somebody has to approve it "
    "(`npm stage list`): run it again in a while",
    "source repository visibility": "provenance is for public repositories: set `provenance` in "
    "`publishConfig` to false",
    "runner environment": "provenance is for machines of GitHub: publish from one, or set `provenance` in "
    "`publishConfig` to false",
    "Failed to validate repository information": "`repository` in package.json has to name the repository of "
    "this job, in its very letters",
    "EOTP": "the account asks for a second factor: use a trusted publisher or a granular token",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmPublisher:
    """One npm; ``env`` is what piot was started with, ``signing`` what npm needs to sign provenance.

    Without the latter npm does not learn in which job it runs, and signs nothing.
    """

    place: Place
    env: Mapping[str, str] = field(repr=False)
    signing: Mapping[str, str] | None = field(default=None, repr=False)

    def publish(self, found: Found, *, token: str | None, access: Access, tag: str) -> str | None:
        """Sends one tarball as it is; raises Refused with npm's words, MachineError without npm, InputError
        for a file that was changed.

        Where the registry keeps it back for an approval, gives the id by which it is approved.
        """
        npm = which("npm", self.env.get("PATH", ""))
        if not npm:
            raise MachineError("npm is not on PATH", hint="install Node.js with npm")
        found.read()
        registry = f"{self.place.index.rstrip('/')}/"
        with scratch_folder({"npmrc": self._settings(registry, token).encode()}) as folder:
            argv = [
                *(str(npm[0]), *(("stage",) if self.place.stage else ()), "publish"),
                *(str(found.path.absolute()), "--json", "--ignore-scripts"),
                *("--access", access, "--tag", tag, "--registry", registry),
                *(("--provenance",) if self.signing is not None else ()),
            ]
            done = run(argv, cwd=folder, env=self._environment(str(folder), token), timeout=PATIENCE)
        if done.code:
            raise _refusal(found, done, stage=self.place.stage)
        return _stage_id(done) if self.place.stage else None

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
        return allowed(self.env, {**(self.signing or {}), **own, **secret})


def _refusal(found: Found, done: Completed, *, stage: bool) -> Refused:
    code, words = _said(done)
    hint = next((hint for text, hint in _HINTS.items() if text in words or text == code), None)
    hint = _NOT_KEPT if stage and code == "E404" else hint
    transient = "Failed to save packument" in words
    what = f"{'stage' if stage else 'publish'} {found.artifact.registry_name} {found.artifact.version}"
    return Refused(
        f"npm cannot {what}: {words}",
        hint=hint,
        passing=code in _PASSING or transient or code.startswith(_SIGNING),
        held=not transient and (any(text in words for text in _HELD) or (stage and code == "E409")),
    )


def _stage_id(done: Completed) -> str | None:
    """The id in what npm prints: an object by package name, or that of the package alone."""
    try:
        said = json.loads(done.stdout)
        found = next(each["stageId"] for each in (said, *said.values()) if "stageId" in each)
    except (ValueError, AttributeError, TypeError, StopIteration):
        return None
    return str(found)


def _said(done: Completed) -> tuple[str, str]:
    """npm's error code and words: an object on stdout (npm 9 and later), else the end of stderr."""
    try:
        error = json.loads(done.stdout)["error"]
        words = " ".join(str(error[key]) for key in ("summary", "detail") if error.get(key))
        return str(error.get("code") or ""), words.strip()[:1000] or done.complaint
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", done.complaint
