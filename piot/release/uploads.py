"""Sends the files of a release, each by the client of its registry, with the token of its registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from piot.errors import MachineError
from piot.model.npm.dist_tag import dist_tag
from piot.model.package import Access, NpmSettings, Package
from piot.model.release.artifact import Artifact, Waiting
from piot.model.release.registry import Place
from piot.model.release.steps import Upload
from piot.model.secrets import Secrets
from piot.release.artifacts import Found
from piot.release.attestations import Attestations
from piot.release.credentials import Credential, stored, variables
from piot.release.observe import npm as npm_registry
from piot.release.publish import pypi
from piot.release.publish.crates import CargoPublisher, StagedCrate
from piot.release.publish.deliver import Deliverer
from piot.release.publish.npm import NpmPublisher
from piot.release.publish.provenance import Provenance
from piot.release.publish.pypi import Login
from piot.release.publish.refusal import Refused
from piot.release.registries import Registries
from piot.release.steps import Later
from piot.release.trusted.exchange import NotTrusted
from piot.release.trusted.tokens import TrustedTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """``found`` are the files by artifact, ``places`` the registries by package name.

    ``stage`` gives the tree of a package's crate. ``secrets`` learns every token before it is used.
    """

    root: Path
    env: Mapping[str, str] = field(repr=False)
    packages: Mapping[str, Package]
    places: Mapping[str, Place]
    found: Mapping[Artifact, Found]
    registries: Registries
    stage: Callable[[Package], StagedCrate]
    say: Callable[[str], None]
    secrets: Secrets
    tokens: TrustedTokens
    attestations: Attestations
    provenance: Provenance

    def upload(self, step: Upload) -> str | Waiting | Later:
        """Sends one file until its registry took it, or keeps it back; raises PiotError when it does not."""
        place = self.places[step.package]
        deliverer = Deliverer(registries=self.registries, place=place, say=self.say)
        way = deliverer.stage if step.stage else deliverer.deliver
        return way(step.artifact, lambda: self._send(place, step))

    def lacking(self, step: Upload) -> str | None:
        """Why a file cannot be sent with what this run has; None when it can."""
        place, found = self.places[step.package], self.found[step.artifact]
        if place.kind == "pypi":
            why = self.attestations.refusal(found, trusted=self.tokens.available(place))
            if why is not None:
                return f"attestations are asked for, of which {step.artifact.file} gets none: {why}"
        access = _access(self.packages[step.package])
        if access is not None and (line := self.provenance.lacking(found, access)) is not None:
            return line
        if self._stored(place) is not None:
            return None
        names = " or ".join(variables(place))
        if not self.tokens.available(place):
            return f'there is no token for the registry "{place.name}": set {names}'
        if step.first and place.kind != "pypi":
            return (
                f"{step.artifact.registry_name} was never published, and a trusted publisher cannot publish "
                f"a first version: set {names} for this one run, then add the publisher at the registry"
            )
        return None

    def rehearse(self, step: Upload, *, new: bool) -> bool:
        """Whether the registry trusts this job: False where asking would change something, or nobody asks.

        ``new`` when a name of this release is new there. Raises PiotError when it does not, and there is no
        other token.
        """
        place = self.places[step.package]
        if not (self.tokens.available(place) and self.tokens.harmless(place, new=new)):
            return False
        return self._credential(place, step).short_lived

    def _send(self, place: Place, step: Upload) -> str | None:
        credential, found = self._credential(place, step), self.found[step.artifact]
        try:
            return self._by_client(place, found, credential)
        except Refused as error:
            if not (credential.short_lived and any(text in error.message for text in _EXPIRED)):
                raise
            self.tokens.forget(place)
            raise Refused(error.message, hint=error.hint, passing=True, wait=0.0) from error

    def _by_client(self, place: Place, found: Found, credential: Credential) -> str | None:
        package = self.packages[found.artifact.package]
        match place.kind:
            case "crates":
                publisher = CargoPublisher(place=place, env=self.env)
                publisher.publish(found, self.stage(package), credential.secret)
            case "pypi":
                login = Login(user=credential.user, password=credential.secret)
                made = self.attestations.of(found) if credential.short_lived else ""
                pypi.upload(self.registries.client(place), place, found, login, attestations=made)
            case "npm":
                return self._by_npm(place, package, found, credential)
        return None

    def _by_npm(self, place: Place, package: Package, found: Found, credential: Credential) -> str | None:
        assert isinstance(package.settings, NpmSettings)
        artifact = found.artifact
        known = npm_registry.packument(self.registries.client(place), place, artifact.registry_name)
        latest = dict(known.tags).get("latest") if known is not None else None
        access, trusted = package.settings.access, credential.short_lived
        signing = self.provenance.variables(found, access, trusted=trusted)
        return NpmPublisher(place=place, env=self.env, signing=signing).publish(
            found,
            token=credential.secret,
            access=access,
            tag=dist_tag(package.settings.tag, artifact.version, latest),
        )

    def _credential(self, place: Place, step: Upload) -> Credential:
        """A short-lived token where this job can have one, but for a first version that it is no use for."""
        stored_one = self._stored(place)
        useless = step.first and place.kind != "pypi"
        if self.tokens.available(place) and not (useless and stored_one is not None):
            return self._trusted(place, step, stored_one)
        if stored_one is None:
            raise MachineError(self.lacking(step) or f'there is no token for the registry "{place.name}"')
        return stored_one

    def _trusted(self, place: Place, step: Upload, otherwise: Credential | None) -> Credential:
        package = self.packages[step.package]
        index_token = self.registries.cargo_token(place)
        try:
            secret = self.tokens.secret(place, step.artifact.registry_name, package, index_token=index_token)
        except NotTrusted as error:
            if otherwise is None:
                raise
            self.say(f"{error.message}; the token of {otherwise.origin} is used")
            return otherwise
        return Credential(secret=secret, origin="trusted publishing", short_lived=True)

    def _stored(self, place: Place) -> Credential | None:
        credential = stored(place, self.root, self.env)
        self.secrets.add(credential.secret if credential else None)
        return credential


def _access(package: Package) -> Access | None:
    """Who may read a package of npm; None for others."""
    return package.settings.access if isinstance(package.settings, NpmSettings) else None


_EXPIRED = (
    *("Invalid authentication token", "Invalid or non-existent authentication", "401 Unauthorized - PUT"),
    "401 Unauthorized - POST",
)
"""How registries call a token that has come to its end, or was revoked, while it was used."""
