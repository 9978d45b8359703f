"""What decides how the workflows of a repository look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from piot.ci.pins import OWN
from piot.model.package import Kind, NpmSettings, Package, PypiSettings
from piot.model.settings import DEFAULT_CRON, Cadence, ReleaseTrigger

KINDS: tuple[Kind, ...] = ("crates", "pypi", "npm")
"""In the order in which they are published where each has a job of its own: crates go before wheels."""

RELEASE = "release.yml"
CHECK = "check.yml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A reusable workflow of the repository: the inputs that it takes, and whether it reads secrets."""

    inputs: frozenset[str]
    secrets: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """``branches`` are those that are released from, ``on`` what starts a release besides the button,
    ``cron`` when (UTC, crontab(5)).

    ``environments`` are the approval environments by registry; ``action`` is piot's own, as it stands behind
    ``uses:``; ``release`` the file name that the registries know. ``rust`` and ``node`` say whether a build
    needs them. ``called`` are the packages' own workflows by file name, those that are there. With
    ``attestations`` piot signs what it sends to PyPI, with ``github_attestations`` GitHub attests all that
    was built.
    """

    packages: tuple[Package, ...]
    branches: tuple[str, ...] = ("main",)
    on: tuple[ReleaseTrigger, ...] = ("push",)
    cron: str = DEFAULT_CRON
    environments: Mapping[Kind, str] = field(default_factory=dict[Kind, str])
    action: str = OWN
    release: str = RELEASE
    rust: bool = True
    node: bool = True
    attestations: bool = False
    github_attestations: bool = False
    called: Mapping[str, Called] = field(default_factory=dict[str, Called])

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The registries that something is released to."""
        there = {package.kind for package in self.packages}
        return tuple(kind for kind in KINDS if kind in there)

    @property
    def tags(self) -> tuple[str, ...]:
        """Patterns of the packages' tags, as GitHub matches them (*Filter pattern cheat sheet*)."""
        formats = (each.tag_format.replace("{name}", each.name) for each in self.packages)
        return tuple(dict.fromkeys(each.replace("{version}", "[0-9]+.[0-9]+.[0-9]+*") for each in formats))


def triggers(cadence: Cadence, on: tuple[ReleaseTrigger, ...] = ()) -> tuple[ReleaseTrigger, ...]:
    """What starts a release: as it is said, else by how often there should be one."""
    return on or (("push",) if cadence == "immediate" else ("cron",))


def needs_rust(package: Package) -> bool:
    """Whether cargo builds something for a package."""
    match package.settings:
        case PypiSettings() as settings:
            return settings.build == "maturin"
        case NpmSettings() as settings:
            return bool(settings.build)
        case _:
            return True
