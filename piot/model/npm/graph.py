"""What a lock file of pnpm, Yarn or Bun pins: packages, and which of them each one gets by which name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from piot.errors import InputError
from piot.model.fetch import NpmFetch
from piot.model.npm.package_lock import fits
from piot.model.triple import Triple


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a package gets: the key of a package by the name that it calls it.

    Those in ``optional`` may be missing where they are not for the host. ``links`` are folders of packages
    of the workspace, relative to its root, by name.
    """

    packages: Mapping[str, str] = field(default_factory=dict[str, str])
    optional: frozenset[str] = frozenset()
    links: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPackage:
    """One package; ``limits`` are its ``os``, ``cpu`` and ``libc``, None where nobody tells.

    ``patch`` is a diff that is laid over it, a path of the repository; empty when there is none.
    """

    fetch: NpmFetch
    needs: Needs
    limits: Mapping[str, object] | None = None
    patch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmGraph:
    """A lock file that says who gets what, and leaves the places to who installs it.

    ``importers`` are the packages of the workspace by folder (the root is ""), ``packages`` all others by
    key: of pnpm there may be several of one name and version, with other peers. With ``flat``, every package
    also sees what stands in the root's ``node_modules``, as it does where Yarn installs.
    """

    path: str
    importers: Mapping[str, Needs] = field(repr=False)
    packages: Mapping[str, LockedPackage] = field(repr=False)
    flat: bool = True

    def linked(self, importer: str, name: str) -> str | None:
        """The package of the workspace, by folder, that ``name`` means in ``importer``."""
        needs = self.importers.get(importer)
        return None if needs is None else needs.links.get(name)

    def on(self, host: Triple) -> NpmGraph:
        """What of it a host needs: no optional packages for others, and nothing that only they use."""
        kept: dict[str, LockedPackage] = {}
        importers = {folder: self._cut(needs, host) for folder, needs in self.importers.items()}
        ahead = [key for needs in importers.values() for key in needs.packages.values()]
        while ahead:
            key = ahead.pop()
            if key not in kept:
                package = self.packages[key]
                kept[key] = replace(package, needs=self._cut(package.needs, host))
                ahead += kept[key].needs.packages.values()
        return replace(self, importers=importers, packages=dict(sorted(kept.items())))

    def only(self, importer: str, name: str) -> NpmGraph:
        """A graph of one package with all that it needs, as its root has it.

        Raises InputError when ``importer`` does not get one by this name, nor does the root.
        """
        for folder in (importer, ""):
            needs = self.importers.get(folder, Needs())
            if name in needs.packages:
                return replace(self, importers={"": Needs(packages={name: needs.packages[name]})})
        raise InputError(f"{self.path} has no {name}", hint=f"add {name} to the development dependencies")

    def doubtful(self) -> frozenset[str]:
        """Packages that may turn out not to be for the host: optional ones, of which nobody knows it yet."""
        certain = set[str]()
        ahead = [*self._firm(self.importers.values())]
        while ahead:
            key = ahead.pop()
            if key not in certain:
                certain.add(key)
                ahead += self._firm([self.packages[key].needs])
        return frozenset(
            key for key, each in self.packages.items() if key not in certain and each.limits is None
        )

    @staticmethod
    def _firm(all_needs: Iterable[Needs]) -> Iterator[str]:
        for needs in all_needs:
            yield from (key for name, key in needs.packages.items() if name not in needs.optional)

    def _cut(self, needs: Needs, host: Triple) -> Needs:
        kept = {
            name: key
            for name, key in needs.packages.items()
            if name not in needs.optional or fits(self.packages[key].limits or {}, host)
        }
        return replace(needs, packages=kept)
