"""Sends the files of a release, each by the client of its registry, with the token of its registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from piot.errors import MachineError
from piot.model.artifact import Artifact
from piot.model.dist_tag import dist_tag
from piot.model.package import NpmSettings, Package
from piot.model.registry import Place
from piot.model.secrets import Secrets
from piot.release.artifacts import Found
from piot.release.credentials import Credential, stored, variables
from piot.release.observe import npm as npm_registry
from piot.release.publish import pypi
from piot.release.publish.crates import CargoPublisher, StagedCrate
from piot.release.publish.deliver import Deliverer
from piot.release.publish.npm import NpmPublisher
from piot.release.publish.pypi import Login
from piot.release.registries import Registries


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

    def upload(self, artifact: Artifact) -> str:
        """Sends one file, and waits until it is visible; raises PiotError when that fails."""
        place = self.places[artifact.package]
        deliverer = Deliverer(registries=self.registries, place=place, say=self.say)
        return deliverer.deliver(artifact, lambda: self._send(place, self.found[artifact]))

    def credential(self, place: Place) -> Credential | None:
        """The token for a registry."""
        credential = stored(place, self.root, self.env)
        self.secrets.add(credential.secret if credential else None)
        return credential

    def _send(self, place: Place, found: Found) -> None:
        package = self.packages[found.artifact.package]
        match place.kind:
            case "crates":
                token = self._token(place).secret
                CargoPublisher(place=place, env=self.env).publish(found, self.stage(package), token)
            case "pypi":
                known = self._token(place)
                login = Login(user=known.user, password=known.secret)
                pypi.upload(self.registries.client(place), place, found, login)
            case "npm":
                self._send_npm(place, package, found)

    def _send_npm(self, place: Place, package: Package, found: Found) -> None:
        assert isinstance(package.settings, NpmSettings)
        artifact = found.artifact
        known = npm_registry.packument(self.registries.client(place), place, artifact.registry_name)
        latest = dict(known.tags).get("latest") if known is not None else None
        NpmPublisher(place=place, env=self.env).publish(
            found,
            token=self._token(place).secret,
            access=package.settings.access,
            tag=dist_tag(package.settings.tag, artifact.version, latest),
        )

    def _token(self, place: Place) -> Credential:
        credential = self.credential(place)
        if credential is None:
            raise MachineError(*without_token(place))
        return credential


def without_token(place: Place) -> tuple[str]:
    """What is said of a registry for which there is no token."""
    return (f'there is no token for the registry "{place.name}": set {" or ".join(variables(place))}',)
