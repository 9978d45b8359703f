"""Secrets planted wherever programs keep them, and every form in which one could be printed."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

from piot.inspect.doctor.of_npm import VARIABLES
from piot.inspect.doctor.of_pypi import PASSWORDS, TOKENS

SECRET = "hunter2+/=ünter & s3cr3t:word"
PLAIN = "hunter2-plain-s3cr3t"
USER = "planted-user"

ENVIRONMENT = {
    **dict.fromkeys((*VARIABLES, *PASSWORDS, *TOKENS), SECRET),
    "UV_PUBLISH_TOKEN": f"pypi-{base64.b64encode(SECRET.encode()).decode()}",
    "TWINE_USERNAME": USER,
    "TWINE_REPOSITORY_URL": f"https://{USER}:{quote(SECRET, safe='')}@a.example.invalid/?t={quote(SECRET)}",
    "UV_PUBLISH_URL": f"https://{USER}:{PLAIN}@b.example.invalid:99999/",
    "MATURIN_REPOSITORY_URL": f"https://{PLAIN}@[not-an-address/",
    "CARGO_REGISTRY_TOKEN": SECRET,
    "CARGO_REGISTRIES_MINE_TOKEN": PLAIN,
    "CARGO_REGISTRY_CREDENTIAL_PROVIDER": f"helper --password {PLAIN}",
    "npm_config_//c.example.invalid/:_authToken": SECRET,
    "npm_config_//c.example.invalid/:_password": base64.b64encode(SECRET.encode()).decode(),
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": PLAIN,
    "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1:9/{PLAIN}?t={PLAIN}",
    "PYPI_ID_TOKEN": f"{PLAIN}.{PLAIN}.{PLAIN}",
    "CI_JOB_TOKEN": PLAIN,
    "GITHUB_TOKEN": PLAIN,
    "GH_TOKEN": PLAIN,
}
"""Variables that hold a secret, or an address or command with one inside."""


def plant(home: Path, root: Path) -> None:
    """Files in a home and a checkout."""
    encoded = base64.b64encode(f"{USER}:{PLAIN}".encode()).decode()
    texts = {
        home / ".cargo/credentials.toml": (
            f'[registry]\ntoken = "{SECRET}"\n[registries.m]\ntoken = "{PLAIN}"\n'
        ),
        home / ".cargo/config.toml": f'[registry]\ncredential-provider = ["x", "{PLAIN}"]\n',
        home / ".pypirc": (
            f"[pypi]\nusername = {USER}\npassword = {SECRET}\n"
            f"[mine]\nrepository = https://{USER}:{PLAIN}@d.example.invalid/\npassword = {PLAIN}\n"
        ),
        home / ".npmrc": (
            f"registry=https://{USER}:{PLAIN}@e.example.invalid/\n//e.example.invalid/:_authToken={PLAIN}\n"
            f"//{USER}:{PLAIN}@f.example.invalid/:_auth={encoded}\n_authToken={PLAIN}\n"
        ),
        root / ".npmrc": f"//g.example.invalid/:_password={base64.b64encode(SECRET.encode()).decode()}\n",
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def forms() -> Iterator[str]:
    """Both secrets as they are, in addresses, and in base64 with and without the user's name."""
    for secret in (SECRET, PLAIN):
        yield from (secret, quote(secret), quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1])
        for text in (secret, f"{USER}:{secret}"):
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                yield encode(text.encode()).decode().rstrip("=")
    yield SECRET.encode("ascii", "backslashreplace").decode()
    yield from ("hunter2", "s3cr3t")
