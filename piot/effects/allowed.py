"""The environment of programs that publish: what they need to run and to reach a server, and no more."""

from __future__ import annotations

from collections.abc import Mapping

_KEPT = frozenset(
    {
        *("PATH", "HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "SYSTEMROOT", "COMSPEC", "PATHEXT"),
        *("TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH"),
        *("CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "CARGO_HTTP_PROXY", "CARGO_HTTP_CAINFO"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    }
)
_PREFIXES = ("CARGO_NET_", "CARGO_SOURCE_")
GIT = (
    *("GIT_", "SSH_", "XDG_", "DBUS_", "GPG_", "GNUPGHOME"),
    *("GH_", "GITHUB_TOKEN", "GITHUB_SERVER_URL", "GCM_"),
)
"""Beginnings of what git, ssh and the credential helpers of GitHub and GitLab read when they push."""


def allowed(
    env: Mapping[str, str], more: Mapping[str, str] | None = None, *, prefixes: tuple[str, ...] = ()
) -> dict[str, str]:
    """The variables of ``env`` that are known to hold no secret of another program, and ``more``.

    ``prefixes`` are beginnings of those that are this program's own.
    """
    kept = {
        name: text
        for name, text in env.items()
        if name.upper() in _KEPT
        or name.startswith((*_PREFIXES, *prefixes))
        or (name.startswith("CARGO_REGISTRIES_") and name.endswith("_INDEX"))
    }
    return {**kept, **(more or {})}
