"""Decides whether npm signs where a package was made, and hands it what it needs for that.

npm itself signs, at Sigstore, and sends the statement along with the package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from piot.errors import InputError
from piot.model.jwt import claims_of
from piot.model.npm.provenance import Source, asked_for, obstacle, own_obstacle
from piot.model.package import Access
from piot.release.artifacts import Found, manifest
from piot.release.trusted.identity import Identity

_OF_GITHUB = (
    *("GITHUB_ACTIONS", "GITHUB_EVENT_NAME", "GITHUB_REF", "GITHUB_REPOSITORY", "GITHUB_REPOSITORY_ID"),
    *("GITHUB_REPOSITORY_OWNER_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_RUN_ID", "GITHUB_SERVER_URL"),
    *("GITHUB_SHA", "GITHUB_WORKFLOW_REF", "RUNNER_ENVIRONMENT"),
    *("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
)
"""What npm's statement is made of on GitHub, and how it asks for the identity that it is signed with."""
_SECRET = ("TOKEN", "PASSWORD", "SECRET", "KEY", "JWT", "CREDENTIAL")
_SIGSTORE = "SIGSTORE_ID_TOKEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """For the packages of one run; ``say`` hears why some go without."""

    env: Mapping[str, str] = field(repr=False)
    identity: Identity
    say: Callable[[str], None]
    _sources: list[Source] = field(default_factory=list[Source], init=False)

    def lacking(self, found: Found, access: Access) -> str | None:
        """Why a package that asks for a statement cannot have one; None when it can, or does not ask."""
        said = manifest(found.path)
        if asked_for(said, self.env) is not True:
            return None
        why = self._obstacle(said, access)
        return None if why is None else f"{found.artifact.registry_name} asks for provenance: {why}"

    def variables(self, found: Found, access: Access, *, trusted: bool) -> dict[str, str] | None:
        """What npm needs to sign; None when it is not to: it does with a ``trusted`` token, and when asked.

        Raises InputError when a package asks for what it cannot have.
        """
        said = manifest(found.path)
        asked = asked_for(said, self.env)
        if asked is False or (asked is None and not trusted):
            return None
        why = self._obstacle(said, access)
        if why is None:
            return self._signing()
        if asked:
            raise InputError(
                f"{found.artifact.registry_name} asks for provenance: {why}",
                hint='set "provenance" in "publishConfig" to false to go without',
            )
        self.say(f"{found.artifact.registry_name} goes without provenance: {why}")
        return None

    def _obstacle(self, said: Mapping[str, object], access: Access) -> str | None:
        if why := own_obstacle(said, access):
            return why
        if not self._here():
            return (
                "only jobs of GitHub with `id-token: write`, and of GitLab with SIGSTORE_ID_TOKEN, can sign"
            )
        if not self._sources:
            self._sources.append(self._source())
        return obstacle(said, self._sources[0])

    def _here(self) -> bool:
        if self.env.get("GITLAB_CI") == "true":
            return bool(self.env.get(_SIGSTORE))
        asking = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
        return self.env.get("GITHUB_ACTIONS") == "true" and all(self.env.get(name) for name in asking)

    def _source(self) -> Source:
        """GitHub tells in an identity token alone who may see a repository; GitLab in a variable."""
        if self.env.get("GITLAB_CI") == "true":
            place = self.env.get("CI_PROJECT_URL", "").partition("://")[2]
            return Source(place=place, visibility=self.env.get("CI_PROJECT_VISIBILITY"), hosted=True)
        claims = claims_of(self.identity.token("sigstore", "sigstore"))
        host = self.env.get("GITHUB_SERVER_URL", "https://github.com").partition("://")[2]
        return Source(
            place=f"{host}/{claims.get('repository') or self.env.get('GITHUB_REPOSITORY', '')}",
            visibility=str(claims.get("repository_visibility") or "") or None,
            hosted=claims.get("runner_environment", "github-hosted") == "github-hosted",
        )

    def _signing(self) -> dict[str, str]:
        if self.env.get("GITLAB_CI") != "true":
            return {name: self.env[name] for name in _OF_GITHUB if name in self.env}
        said = {
            name: text
            for name, text in self.env.items()
            if name.startswith(("CI_", "GITLAB_")) and not any(word in name for word in _SECRET)
        }
        return {**said, "CI": "true", _SIGSTORE: self.env[_SIGSTORE]}
