"""The package.json of an umbrella and of its platform packages, and the names that a loader asks for."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from piot.api.npm_family import names, platform, renaming, umbrella
from piot.model.npm.project import NpmManifest
from piot.model.triple import Triple

ARM, MAC = Triple.parse("aarch64-unknown-linux-gnu"), Triple.parse("aarch64-apple-darwin")


def manifest(**values: object) -> NpmManifest:
    return NpmManifest(directory="ts", values={"name": "@x/lib", "version": "1.2.3", **values})


def test_a_platform_package_is_for_its_platform_and_has_what_its_umbrella_says() -> None:
    said = {"license": "MIT", "repository": "r", "homepage": "h"}
    more = {"engines": {"node": ">= 18"}, **said, "scripts": {"prepack": "x"}}
    assert json.loads(
        platform(manifest(**more, main="index.js"), "@x/lib-arm", ARM, "lib.node", "LICENSE-MIT")
    ) == {
        "name": "@x/lib-arm",
        "version": "1.2.3",
        "os": ["linux"],
        "cpu": ["arm64"],
        "libc": ["glibc"],
        "main": "lib.node",
        "files": ["lib.node", "LICENSE-MIT"],
        "engines": {"node": ">= 18"},
        **said,
    }
    assert "libc" not in json.loads(platform(manifest(), "@x/lib-mac", MAC, "lib.node"))


def test_programs_are_kept_out_of_archives() -> None:
    assert json.loads(platform(manifest(), "@x/tool-arm", ARM, "tool"))["preferUnplugged"] is True


def test_the_umbrella_names_its_own_family_exactly_and_leaves_others_alone() -> None:
    """Those of platforms that are no longer built are taken out, in whatever spelling."""
    given = {
        "@x/lib-linux-x64-musl": "1.0.0",
        "@x/lib-x86_64-pc-windows-msvc": "1.0.0",
        "@x/lib-aarch64-apple-darwin": "^1.0.0",
        "@x/lib-extra": "^2.0.0",
        "fsevents": "^2.3.3",
    }
    text = umbrella(
        manifest(optionalDependencies=given),
        ["@x/lib-{triple}"],
        ["@x/lib-linux-arm64-gnu", "@x/lib-aarch64-apple-darwin"],
    )
    assert json.loads(text)["optionalDependencies"] == {
        "@x/lib-aarch64-apple-darwin": "1.2.3",
        "@x/lib-extra": "^2.0.0",
        "@x/lib-linux-arm64-gnu": "1.2.3",
        "fsevents": "^2.3.3",
    }


def test_stale_packages_are_known_by_any_template() -> None:
    given = {"@x/lib-linux-x64-musl": "1.0.0", "@x/lib-win32-x64": "1.0.0", "@x/lib-solaris": "1.0.0"}
    text = umbrella(manifest(optionalDependencies=given), ["@x/lib-{os}-{cpu}-{libc}"], ["@x/lib-mac"])
    assert json.loads(text)["optionalDependencies"] == {"@x/lib-mac": "1.2.3", "@x/lib-solaris": "1.0.0"}


def test_triples_are_spelled_as_they_are_written() -> None:
    assert names("@x/{triple}-cli", [ARM, MAC], {ARM.text: "linux-arm64-gnu"}) == {
        ARM: "@x/linux-arm64-gnu-cli",
        MAC: "@x/aarch64-apple-darwin-cli",
    }


@pytest.mark.skipif(shutil.which("sed") is None, reason="needs sed")
def test_a_loader_is_made_to_ask_for_the_names_that_there_are(tmp_path: Path) -> None:
    present = {ARM: "@x/lib-aarch64-unknown-linux-gnu", MAC: "@x/lib-darwin-arm64"}
    script = renaming("@x/lib-{triple}", present)
    assert script.count("\n") == 1
    (tmp_path / "names.sed").write_text(script)
    loader = "require('@x/lib-linux-arm64-gnu')\nrequire(\"@x/lib-linux-arm64-gnu/package.json\")\n"
    others = "require('@x/lib-linux-arm64-gnueabi')\nrequire('./lib.linux-arm64-gnu.node')\n"
    done = subprocess.run(
        ["sed", "-f", "names.sed"],
        cwd=tmp_path,
        input=loader + others,
        capture_output=True,
        text=True,
        check=True,
    )
    renamed = loader.replace("linux-arm64-gnu", "aarch64-unknown-linux-gnu")
    assert done.stdout == renamed + others
