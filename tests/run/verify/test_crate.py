from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from piot.model.proof import CrateProof
from piot.run.verify.crate import crate_findings

Maker = Callable[..., bytes]
MANIFEST = b'[package]\nname = "demo"\nversion = "1.0.0"\n'
PROOF = CrateProof(name="demo", version="1.0.0")


def findings(data: bytes, name: str = "demo-1.0.0.crate", proof: CrateProof = PROOF) -> list[str]:
    return [*crate_findings(name, data, proof)]


@pytest.mark.parametrize(
    ("manifest", "sources", "expected"),
    [
        (MANIFEST, ["src/lib.rs"], []),
        (MANIFEST, ["src/main.rs"], []),
        (MANIFEST, ["src/bin/tool.rs"], []),
        (MANIFEST + b'[lib]\npath = "lib/root.rs"\n', ["lib/root.rs"], []),
        (
            MANIFEST,
            ["README.md"],
            ["demo-1.0.0 has no source: neither src/lib.rs, src/main.rs nor src/bin/ is in the crate."],
        ),
        (
            MANIFEST + b'[lib]\npath = "src/lib.rs"\n[[bin]]\nname = "d"\npath = "./src/d.rs"\n',
            ["src/lib.rs"],
            ["demo-1.0.0/Cargo.toml names the source src/d.rs, which is not in the crate."],
        ),
        (
            b"[package\n",
            ["src/lib.rs"],
            [
                "demo-1.0.0/Cargo.toml is not TOML in UTF-8: "
                "Expected ']' at the end of a table declaration (at line 1, column 9)."
            ],
        ),
        (
            b'[package]\nname = "other"\nversion = "2.0.0"\n',
            ["src/lib.rs"],
            [
                "demo-1.0.0/Cargo.toml has the name other, expected demo.",
                "demo-1.0.0/Cargo.toml has the version 2.0.0, expected 1.0.0.",
                "The file is called demo-1.0.0.crate, expected other-2.0.0.crate as in its Cargo.toml.",
            ],
        ),
    ],
)
def test_a_crate_holds_what_its_manifest_says(
    make_tar_gz: Maker, manifest: bytes, sources: list[str], expected: list[str]
) -> None:
    members = {"demo-1.0.0/Cargo.toml": manifest, **{f"demo-1.0.0/{name}": b"" for name in sources}}
    assert findings(make_tar_gz(members)) == expected


@pytest.mark.parametrize(
    ("members", "links", "expected"),
    [
        (
            {"demo/Cargo.toml": b"", "extra": b""},
            {},
            ["demo-1.0.0.crate has the top folders demo, extra, expected only demo-1.0.0."],
        ),
        ({}, {}, ["demo-1.0.0.crate has the top folders none, expected only demo-1.0.0."]),
        ({"demo-1.0.0/src/lib.rs": b""}, {}, ["demo-1.0.0.crate has no demo-1.0.0/Cargo.toml."]),
        (
            {"demo-1.0.0/Cargo.toml": MANIFEST, "demo-1.0.0/src/lib.rs": b"", "demo-1.0.0/src/Lib.rs": b""},
            {},
            ["Members demo-1.0.0/src/lib.rs and demo-1.0.0/src/Lib.rs differ only in upper and lower case."],
        ),
        (
            {"demo-1.0.0/Cargo.toml": MANIFEST, "demo-1.0.0/src/lib.rs": b""},
            {"demo-1.0.0/LICENSE": "Cargo.toml"},
            ["Member demo-1.0.0/LICENSE is a link, which crates.io refuses."],
        ),
    ],
)
def test_a_crate_has_the_form_that_crates_io_takes(
    make_tar_gz: Maker, members: dict[str, bytes], links: dict[str, str], expected: list[str]
) -> None:
    assert findings(make_tar_gz(members, links=links)) == expected


def test_a_crate_that_is_too_large_is_said_to_be(make_tar_gz: Maker) -> None:
    noise = random.Random(0).randbytes(10 * 1024 * 1024)
    data = make_tar_gz({"demo-1.0.0/Cargo.toml": MANIFEST, "demo-1.0.0/src/lib.rs": noise})
    assert findings(data) == [f"demo-1.0.0.crate has {len(data)} bytes, crates.io takes at most 10485760."]


def test_a_crate_without_an_expected_version_may_have_any(make_tar_gz: Maker) -> None:
    data = make_tar_gz({"demo-1.0.0/Cargo.toml": MANIFEST, "demo-1.0.0/src/lib.rs": b""})
    assert findings(data, proof=CrateProof(name="demo")) == []


def test_what_is_no_gzip_has_no_other_findings() -> None:
    assert findings(b"text") == ["The file is not a sound gzipped tar archive: Not a gzipped file (b'te')."]
