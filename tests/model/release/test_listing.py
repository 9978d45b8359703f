"""An artifact held against what a registry has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from piot.model.release.artifact import Artifact
from piot.model.release.listing import Held, Listing, observed

CRATE = Artifact(
    package="x", kind="crate", registry_name="x", version="1.0.0", file="x-1.0.0.crate", sha256="aa"
)
NPM = Artifact(
    package="n",
    kind="npm-package",
    registry_name="n",
    version="1.0.0",
    file="n-1.0.0.tgz",
    sha256="aa",
    integrity="sha512-a",
)
FILE = Held(file="x-1.0.0.crate", version="1.0.0", sha256="aa")


def listing(*files: Held, withdrawn: tuple[str, ...] = ()) -> Listing:
    return Listing(name="x", files=files, withdrawn=withdrawn)


@pytest.mark.parametrize(
    ("artifact", "has", "state", "detail"),
    [
        (CRATE, None, "unknown name", ""),
        (CRATE, listing(), "absent", ""),
        (CRATE, listing(replace(FILE, file="x-0.9.0.crate", version="0.9.0")), "absent", ""),
        (CRATE, listing(FILE), "same", ""),
        (CRATE, listing(replace(FILE, yanked=True)), "yanked", ""),
        (CRATE, listing(replace(FILE, sha256="bb")), "different", "ours aa, the registry's bb"),
        (
            CRATE,
            listing(replace(FILE, sha256="bb", yanked=True)),
            "different",
            "ours aa, the registry's bb",
        ),
        (
            CRATE,
            listing(replace(FILE, sha256=None)),
            "unreachable",
            "the registry does not tell the digest of x-1.0.0.crate",
        ),
        (replace(CRATE, sha256=None), listing(FILE), "there", ""),
        (
            CRATE,
            listing(replace(FILE, file="x-1.0.0+a.crate", version="1.0.0+a")),
            "different",
            "the registry has 1.0.0+a, and takes no version that differs in build metadata alone",
        ),
        (
            NPM,
            listing(Held(file="n-1.0.0.tgz", version="1.0.0", integrity="sha512-a")),
            "same",
            "",
        ),
        (
            NPM,
            listing(Held(file="n-1.0.0.tgz", version="1.0.0", integrity="sha512-b")),
            "different",
            "ours sha512-a, the registry's sha512-b",
        ),
        (
            NPM,
            listing(withdrawn=("1.0.0",)),
            "different",
            "1.0.0 was withdrawn; the registry does not give its number again",
        ),
    ],
)
def test_a_state_is_told_by_the_digest(
    artifact: Artifact, has: Listing | None, state: str, detail: str
) -> None:
    found = observed(artifact, has)
    assert (found.state, found.detail) == (state, detail)
