"""Credentials by kind and place: which there are and what they may publish, never what they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from piot.model.package import Kind

Means: TypeAlias = Literal["token", "password", "credential provider", "keyring"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """One place where a secret is kept. The secret itself is in no field.

    ``covers`` says what it may publish, as far as that shows. ``packages`` are those of the repository that
    it would be used for. ``flaw`` is why it is of no use (empty, a placeholder, a variable that is not set);
    ``committed`` whether git keeps it. Providers and keyrings are named and not asked: whether they have
    anything is not known.
    """

    kind: Kind
    means: Means
    place: str
    covers: str
    packages: tuple[str, ...] = ()
    flaw: str = ""
    committed: bool = False

    @property
    def usable(self) -> bool:
        """Whether it is a secret that a registry could take."""
        return not self.flaw and self.means in ("token", "password")
