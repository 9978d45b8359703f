"""A package of npm holds what its package.json names, and is for the platform that it names."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from piot.model.proof import TarballProof
from piot.run.verify.tarball import tarball_findings, tarball_notes

Maker = Callable[..., bytes]
MANIFEST = {"name": "demo", "version": "1.0.0"}
LINUX = {"os": ["linux"], "cpu": ["x64"], "libc": ["glibc"]}
PROOF = TarballProof(name="demo", version="1.0.0")
GNU = "x86_64-unknown-linux-gnu"


@pytest.fixture
def findings(make_tar_gz: Maker) -> Callable[..., list[str]]:
    """What is wrong with a package of these files beside its package.json."""

    def find(
        manifest: Mapping[str, object],
        files: Mapping[str, bytes] | None = None,
        *,
        executable: tuple[str, ...] = (),
        name: str = "demo-1.0.0.tgz",
        proof: TarballProof = PROOF,
    ) -> list[str]:
        text = json.dumps({**MANIFEST, **manifest}).encode()
        members = {"package/package.json": text, **{f"package/{k}": v for k, v in (files or {}).items()}}
        modes = {f"package/{path}": 0o755 for path in executable}
        return [*tarball_findings(name, make_tar_gz(members, modes=modes), proof)]

    return find


def lines(*paths: str) -> dict[str, bytes]:
    return dict.fromkeys(paths, b"x")


MISSING = "package/package.json names {} ({}), which is not in the package."


@pytest.mark.parametrize(
    ("manifest", "files", "expected"),
    [
        ({}, [], []),
        ({"main": "index.js"}, ["index.js"], []),
        ({"main": "./lib"}, ["lib/index.js"], []),
        ({"main": "lib/a"}, ["lib/a.js"], []),
        ({"main": "."}, ["index.js"], []),
        ({"main": "dist/index.js"}, ["index.js"], [("dist/index.js", "main")]),
        ({"module": "m.mjs", "types": "t", "typings": "t.d.ts"}, ["t.d.ts"], [("m.mjs", "module")]),
        ({"exports": "./a.js"}, [], [("./a.js", "exports")]),
        (
            {"exports": {".": {"import": "./a.mjs", "require": "./a.cjs"}, "./x/*": "./x/*.js", "./p": None}},
            ["a.mjs"],
            [("./a.cjs", "exports"), ("./x/*.js", "exports")],
        ),
        ({"exports": {"./x/*": ["./x/*.js"], "./y/": "./y/"}}, ["x/a/b.js", "y/z"], []),
        ({"files": ["dist", "*.none", "!dist/x", "LICENSE"]}, ["LICENSE"], [("dist", "files")]),
        ({"files": ["/dist/", "./a"]}, ["dist/b/c", "a"], []),
        ({"files": ["."]}, [], []),
    ],
)
def test_what_package_json_names_is_there(
    findings: Callable[..., list[str]], manifest: Any, files: list[str], expected: list[tuple[str, str]]
) -> None:
    assert findings(manifest, lines(*files)) == [MISSING.format(*each) for each in expected]


def test_programs_are_there_and_can_be_started(findings: Callable[..., list[str]], make_elf: Maker) -> None:
    elf = make_elf(interpreter="/lib64/ld-linux-x86-64.so.2", pie=True)
    files = {"a.js": b"#!/usr/bin/env node\n", "b.js": b"1\n", "d": elf, "e": elf}
    manifest = {"bin": {"a": "./a.js", "b": "b.js", "c": "c.js", "d": "d", "e": "e"}}
    assert findings(manifest, files, executable=("d",)) == [
        "package/b.js is a program (b), but does not begin with #!/usr/bin/env node.",
        MISSING.format("c.js", "bin c"),
        "package/e is a program (e), but is not executable.",
    ]
    assert findings({"name": "@x/demo", "bin": "a.js"}, name="x-demo-1.0.0.tgz", proof=SCOPED) == [
        MISSING.format("a.js", "bin demo")
    ]


SCOPED = TarballProof(name="@x/demo", version="1.0.0")


def test_name_and_version_are_those_that_are_expected(findings: Callable[..., list[str]]) -> None:
    assert findings({"name": "other", "version": "2.0.0"}, name="other-2.0.0.tgz") == [
        "package/package.json has the name other, expected demo.",
        "package/package.json has the version 2.0.0, expected 1.0.0.",
        "The file is called other-2.0.0.tgz, expected demo-1.0.0.tgz.",
    ]
    assert findings({"name": "@x/demo"}, name="x-demo-1.0.0.tgz", proof=SCOPED) == []


@pytest.mark.parametrize("kind", ["dependencies", "optionalDependencies", "peerDependencies"])
def test_dependencies_can_be_installed_by_others(findings: Callable[..., list[str]], kind: str) -> None:
    wanted = {"a": "workspace:^", "b": "^1.0", "c": "file:../c"}
    found = findings({kind: wanted, "devDependencies": {"d": "link:d"}})
    assert found == [
        f"package/package.json has a as workspace:^ in {kind}, which only its repository knows.",
        f"package/package.json has c as file:../c in {kind}, which only its repository knows.",
    ]


def test_a_platform_package_is_for_its_platform(findings: Callable[..., list[str]], make_elf: Maker) -> None:
    proof = TarballProof(name="demo", version="1.0.0", triple=GNU)
    good = {"demo": make_elf(interpreter="/lib64/ld-linux-x86-64.so.2", pie=True)}
    assert findings(LINUX, good, proof=proof) == []
    assert findings({**LINUX, "cpu": ["arm64"], "libc": ["musl"]}, good, proof=proof) == [
        f'package/package.json has the cpu ["arm64"], expected ["x64"] for {GNU}.',
        f'package/package.json has the libc ["musl"], expected ["glibc"] for {GNU}.',
    ]
    assert findings({**LINUX, "cpu": ["x64"]}, {}, proof=proof) == [
        f"The package is for {GNU}, but holds no program or library."
    ]
    assert findings(LINUX, {"demo": make_elf(machine=183)}, proof=proof) == [
        f"package/demo is built for aarch64, expected x86_64 for {GNU}."
    ]
    assert findings(LINUX, {"demo": b"\x7fELF"}, proof=proof)[0].startswith("demo cannot be proven: ")


def test_a_platform_without_a_libc_names_none(findings: Callable[..., list[str]]) -> None:
    mac = TarballProof(name="demo", version="1.0.0", triple="aarch64-apple-darwin")
    assert findings({"os": ["darwin"], "cpu": ["arm64"], "libc": ["glibc"]}, proof=mac) == [
        'package/package.json has the libc ["glibc"], expected none for aarch64-apple-darwin.',
        "The package is for aarch64-apple-darwin, but holds no program or library.",
    ]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"package/a": b""}, "There is no package/package.json."),
        ({"package/package.json": b"{"}, "package/package.json is not JSON: "),
        ({"package/package.json": b"[]"}, "package/package.json is no object."),
        (
            {"package/package.json": json.dumps(MANIFEST).encode(), "other/x": b""},
            "demo-1.0.0.tgz has members outside of package/: other/x.",
        ),
    ],
)
def test_everything_is_in_one_folder_with_a_package_json(
    make_tar_gz: Maker, members: Mapping[str, bytes], expected: str
) -> None:
    (found,) = tarball_findings("demo-1.0.0.tgz", make_tar_gz(members), PROOF)
    assert found.startswith(expected)


def test_what_is_no_archive_or_has_links_is_no_package(make_tar_gz: Maker) -> None:
    (found,) = tarball_findings("demo-1.0.0.tgz", b"x", PROOF)
    assert found.startswith("The file is not a sound gzipped tar archive")
    data = make_tar_gz({"package/package.json": json.dumps(MANIFEST).encode()}, {"package/a": "package.json"})
    assert [*tarball_findings("demo-1.0.0.tgz", data, PROOF)] == [
        "Member package/a is a link, which npm does not install."
    ]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["README.md", "LICENSE"], []),
        (["readme", "LICENCE-MIT"], []),
        (["docs/README.md", "COPYING"], ["d.tgz has no README in it"]),
        (["README.md"], ["d.tgz has no licence in it"]),
    ],
)
def test_a_missing_readme_or_licence_is_noted(
    make_tar_gz: Maker, names: list[str], expected: list[str]
) -> None:
    assert [*tarball_notes("d.tgz", make_tar_gz({f"package/{name}": b"" for name in names}))] == expected


def test_a_script_that_is_not_executable_is_noted(make_tar_gz: Maker) -> None:
    manifest = json.dumps({**MANIFEST, "bin": {"a": "dist/a.js", "b": "b.js"}}).encode()
    names = ("README.md", "LICENSE", "dist/a.js", "b.js")
    members = {"package/package.json": manifest, **{f"package/{name}": b"#!" for name in names}}
    data = make_tar_gz(members, modes={"package/b.js": 0o755})
    assert [*tarball_notes("d.tgz", data)] == ["d.tgz: package/dist/a.js is not executable in it"]
