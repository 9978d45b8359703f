"""Where releases go: the API and the repository, from the CI or from the address of ``origin``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
"""Variables that hold a token; the first that is set holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgePlace:
    """``api`` is an address without a slash at its end, ``repository`` is ``owner/name``."""

    api: str
    repository: str


def forge_place(env: Mapping[str, str], host: str, repository: str) -> ForgePlace | None:
    """Where the CI says; else by the ``host`` of origin, when it is GitHub; None for others.

    A token is only for GitHub's own hosts, or for what whoever runs piot names: no other server is shown it.
    """
    named = env.get("GITHUB_REPOSITORY") or repository
    if (api := env.get("GITHUB_API_URL")) and named:
        return ForgePlace(api=api.rstrip("/"), repository=named)
    if not repository:
        return None
    if host == "github.com":
        return ForgePlace(api="https://api.github.com", repository=repository)
    if host.endswith(".ghe.com"):
        return ForgePlace(api=f"https://api.{host}", repository=repository)
    return None


def token_of(env: Mapping[str, str]) -> str | None:
    """The token of this run; None without one."""
    return next((value for name in TOKENS if (value := env.get(name))), None)
