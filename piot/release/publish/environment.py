"""The environment of programs that publish: what they need to run and to reach a registry, and no more."""

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


def allowed(env: Mapping[str, str], **more: str) -> dict[str, str]:
    """The variables of ``env`` that are known to hold no secret of another program, and ``more``."""
    kept = {
        name: text
        for name, text in env.items()
        if name.upper() in _KEPT
        or name.startswith(_PREFIXES)
        or (name.startswith("CARGO_REGISTRIES_") and name.endswith("_INDEX"))
    }
    return {**kept, **more}
