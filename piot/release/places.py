"""Where the registry of each package is: by its ecosystem's own client, or ``[piot.registry.<name>]``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from piot.effects.cargo_config import CRATES_IO, CRATES_IO_SPARSE, CargoConfig
from piot.effects.npm_config import NpmConfig
from piot.effects.peek import read_if_there
from piot.effects.pip_config import IndexSettings, built_in, pip_settings
from piot.effects.pypirc import Repository, repositories
from piot.errors import InputError, UsageError, near
from piot.model.package import Kind
from piot.model.release.registry import STANDARD, Place
from piot.model.settings import RegistrySpec
from piot.release.specs import Spec, read_specs


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is to be published, as far as it decides where: ``folder`` is the package's, absolute.

    ``own`` is what its manifest says: the name of cargo's only ``publish`` registry, the address in npm's
    ``publishConfig``.
    """

    package: str
    kind: Kind
    registry_name: str
    folder: Path
    own: str | None = None


class Places:
    """The registries of one checkout; a client is asked only when a package of its kind needs it.

    ``chosen`` is the name given to ``--registry``: then packages of its kind go there, and others nowhere.
    """

    def __init__(
        self, root: Path, env: Mapping[str, str], specs: Sequence[RegistrySpec], *, chosen: str | None = None
    ) -> None:
        self._root = root
        self._env = env
        self._specs = read_specs(specs)
        self._chosen = chosen
        self._npm: dict[Path, NpmConfig] = {}

    def of(self, subject: Subject) -> Place | None:
        """The registry of a package; None when ``--registry`` names one of another kind.

        Raises UsageError when nobody knows the name, InputError for settings that say too little, and
        MachineError when the client that knows it is not there.
        """
        if self._chosen is not None:
            return self._named(self._chosen, subject)
        for spec in self._specs.values():
            if subject.package in spec.packages:
                if spec.kind != subject.kind:
                    raise InputError(
                        f"[piot.registry.{spec.name}] is for {spec.kind}, and {subject.package} is not"
                    )
                return self._from_spec(spec, subject)
        if subject.own is not None and (place := self._by_manifest(subject)) is not None:
            return place
        standard = self._specs.get(STANDARD[subject.kind])
        return self._standard(subject) if standard is None else self._from_spec(standard, subject)

    def _named(self, name: str, subject: Subject) -> Place | None:
        if spec := self._specs.get(name):
            return self._from_spec(spec, subject) if spec.kind == subject.kind else None
        if name in STANDARD.values():
            return self._standard(subject) if STANDARD[subject.kind] == name else None
        if name in self._cargo.registries:
            return self._of_cargo(name) if subject.kind == "crates" else None
        if name in self._pypirc or name == "testpypi":
            return self._of_pypirc(name) if subject.kind == "pypi" else None
        known = [*self._specs, *STANDARD.values(), *self._cargo.registries, *self._pypirc, "testpypi"]
        raise UsageError(
            f'no registry is called "{name}"',
            hint=near(name, known) or f"describe it in [piot.registry.{name}] of your configuration file",
        )

    def _by_manifest(self, subject: Subject) -> Place | None:
        own = subject.own or ""
        if subject.kind == "npm":
            return self._at_npm(subject, own.rstrip("/"), standard=False)
        if subject.kind == "crates" and own != CRATES_IO:
            spec = self._specs.get(own)
            return self._of_cargo(own) if spec is None else self._from_spec(spec, subject)
        return None

    def _standard(self, subject: Subject) -> Place:
        match subject.kind:
            case "crates":
                return self._of_cargo(CRATES_IO)
            case "pypi":
                return self._pypi
            case "npm":
                config = self._npm_of(subject.folder)
                return self._at_npm(subject, config.registry(subject.registry_name), standard=True)

    def _from_spec(self, spec: Spec, subject: Subject) -> Place:
        if spec.index is None:
            return replace(self._standard(subject), stage=spec.stage)
        reach = self._reach(spec.kind, subject.folder)
        return Place(
            name=spec.name,
            kind=spec.kind,
            index=spec.index,
            upload=spec.upload or (self._pypi.upload if spec.kind == "pypi" else None),
            stage=spec.stage,
            proxy=reach.proxy,
            cainfo=reach.cainfo,
        )

    def _reach(self, kind: Kind, folder: Path) -> CargoConfig | IndexSettings | NpmConfig:
        """The client of a kind knows proxies and certificates."""
        match kind:
            case "crates":
                return self._cargo
            case "pypi":
                return self._pip
            case "npm":
                return self._npm_of(folder)

    def _of_cargo(self, name: str) -> Place:
        index = self._cargo.index(name)
        if index is None:
            raise InputError(
                f'cargo has no registry "{name}"',
                hint=f"define [registries.{name}] in .cargo/config.toml, or [piot.registry.{name}]",
            )
        if name == CRATES_IO:
            replaced = self._cargo.place(CRATES_IO_SPARSE).index
            index = replaced if replaced is not None and replaced.startswith("sparse+") else index
        config = self._cargo
        return Place(
            name=name,
            kind="crates",
            index=index,
            standard=name == CRATES_IO,
            proxy=config.proxy,
            cainfo=config.cainfo,
        )

    def _of_pypirc(self, name: str) -> Place:
        said, base = self._pypirc.get(name, Repository()), self._sites.get(name)
        upload = said.url or (f"{base}legacy/" if base else None)
        if upload is None:
            raise InputError(f"[{name}] in ~/.pypirc has no repository", hint="write the address of uploads")
        index = f"{base}simple" if base else self._pip.url
        pip = self._pip
        return Place(name=name, kind="pypi", index=index, upload=upload, proxy=pip.proxy, cainfo=pip.cainfo)

    @cached_property
    def _pypi(self) -> Place:
        """Files are sent where twine sends them: by its variable, by ~/.pypirc, else to PyPI's own."""
        said = self._env.get("TWINE_REPOSITORY_URL") or self._pypirc.get("pypi", Repository()).url
        pip = self._pip
        return Place(
            name="pypi",
            kind="pypi",
            index=pip.url,
            upload=said or _uploads(self._sites["pypi"]),
            standard=True,
            proxy=pip.proxy,
            cainfo=pip.cainfo,
        )

    def _at_npm(self, subject: Subject, address: str, *, standard: bool) -> Place:
        config = self._npm_of(subject.folder)
        return Place(
            name="npm",
            kind="npm",
            index=address,
            standard=standard,
            proxy=config.proxy,
            cainfo=config.cainfo,
        )

    def _npm_of(self, folder: Path) -> NpmConfig:
        """npm's settings depend on the ``.npmrc`` beside the nearest package.json, where there is one.

        npm is asked once (0.4 s) for all folders without one between them and the root.
        """
        folder = folder if folder.is_dir() and self._own_npmrc(folder) else self._root
        if folder not in self._npm:
            self._npm[folder] = NpmConfig.read(folder, self._env)
        return self._npm[folder]

    def _own_npmrc(self, folder: Path) -> bool:
        return any(
            read_if_there(each / ".npmrc") is not None
            for each in (folder, *folder.parents)
            if each.is_relative_to(self._root)
        )

    @cached_property
    def _cargo(self) -> CargoConfig:
        return CargoConfig.read(self._root, self._env)

    @cached_property
    def _pip(self) -> IndexSettings:
        return pip_settings(self._env)

    @cached_property
    def _pypirc(self) -> dict[str, Repository]:
        return repositories(self._env)

    @cached_property
    def _sites(self) -> dict[str, str]:
        return built_in(self._env)


def _uploads(site: str) -> str:
    """PyPI takes uploads at a host of its own beside the site (docs of PyPI, *Upload API*)."""
    scheme, _, host = site.partition("://")
    return f"{scheme}://upload.{host}legacy/"
