"""One file that a release sends to a registry, and what the registry says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

ArtifactKind: TypeAlias = Literal["crate", "sdist", "wheel", "npm-platform", "npm-package"]
State: TypeAlias = Literal[
    "absent", "there", "same", "different", "yanked", "staged", "unknown name", "unreachable"
]
"""As DESIGN section 6 has them; ``there`` is a file that was not compared, since ours is not built, and
``unreachable`` where no answer could be had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """``registry_name`` and ``version`` are as the registry spells them, ``file`` is the file's name there.

    ``sha256`` (hex) and ``integrity`` (``sha512-…``, npm's) are None while it is not built. ``shasum``
    (SHA-1, hex) is all that npm tells of a file that waits for an approval.
    """

    package: str
    kind: ArtifactKind
    registry_name: str
    version: str
    file: str
    sha256: str | None = None
    integrity: str | None = None
    shasum: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A file that its registry keeps back until a person approves it.

    ``id`` is what it is approved by, None where the registry does not tell this run. ``registry`` is the
    address that npm has to be told, None for the one that it asks by itself.
    """

    id: str | None = None
    registry: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What a registry holds for an artifact; ``detail`` says more where the state alone is not enough.

    ``waiting`` goes with the state ``staged``.
    """

    artifact: Artifact
    state: State
    detail: str = ""
    waiting: Waiting | None = None
