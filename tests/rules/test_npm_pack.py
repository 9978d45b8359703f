"""A plain package is packed by the real npm, in a folder where nothing but its sources is."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from piot.errors import Problems
from tests.rules.conftest import content, members, packages
from tests.support.checkout import Checkout

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")


@pytest.fixture
def checkout(bare: Checkout) -> Checkout:
    """With one package."""
    packages(bare, lib='lib\nnpm = "@x/lib"')
    bare.write("lib/index.js", "module.exports = 1\n")
    bare.write("lib/run.js", "#!/usr/bin/env node\n")
    bare.write("lib/README.md", "# lib\n")
    bare.write("lib/LICENSE", "MIT\n")
    manifest(bare)
    return bare


def manifest(checkout: Checkout, **more: object) -> None:
    known = {"name": "@x/lib", "version": "1.2.3", "main": "index.js", "bin": {"lib": "run.js"}}
    checkout.write("lib/package.json", json.dumps({**known, **more}))


PACKED = 499162500
"""1985-10-26 08:15 UTC, the time that npm gives all files."""


def test_a_package_is_packed_by_npm(checkout: Checkout) -> None:
    run = checkout.build("lib")
    (target,) = run.report.targets
    assert [each.path for each in target.outputs] == ["dist/x-lib-1.2.3.tgz"]
    assert run.texts == []
    modes = {name: each.mode for name, each in members(checkout).items()}
    plain = dict.fromkeys(("LICENSE", "index.js", "package.json", "README.md"), 0o644)
    assert modes == {**plain, "run.js": 0o755}
    assert {(each.mtime, each.uid, each.uname) for each in members(checkout).values()} == {(PACKED, 0, "")}


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")
def test_sandboxes_and_umasks_make_no_difference(checkout: Checkout) -> None:
    manifest(checkout, scripts={"prepack": "umask; echo x > made.js; chmod +x run.js"})
    digests = set[str]()
    for sandbox in ("dir", "bwrap"):
        run = replace(checkout, sandbox=sandbox).build("lib", force=True)
        digests |= {each.sha256 for target in run.report.targets for each in target.outputs}
        assert "0022" in run.outputs["//lib:package"]
    assert len(digests) == 1
    assert members(checkout)["made.js"].mode == 0o644


def test_scripts_see_neither_the_network_nor_the_settings_of_the_person(checkout: Checkout) -> None:
    Path(checkout.environ["HOME"], ".npmrc").write_text("init-author-name=somebody\n")
    for folder in ("", "lib/"):
        secret = "//registry.example/:_authToken=secret\nregistry=http://registry.example\n"
        checkout.write(f"{folder}.npmrc", f"{secret}engine-strict=true\n")
    manifest(checkout, scripts={"prepack": "npm config list --json; printenv HOME; cat .npmrc"})
    said = checkout.build("lib").outputs["//lib:package"]
    assert '"offline": true' in said and "engine-strict=true" in said
    for hidden in ("somebody", "registry.example", "secret", checkout.environ["HOME"]):
        assert hidden not in said


def test_what_piot_stages_beside_the_repository_is_not_packed(checkout: Checkout) -> None:
    packages(checkout, lib=".")
    checkout.write("package.json", '{"name": "lib", "version": "1.0.0"}')
    checkout.build("//:package")
    tops = {name.split("/")[0] for name in members(checkout)}
    assert tops == {"BUILD", "lib", "package.json", "putitoutthere.toml"}


def test_what_package_json_names_but_nobody_made_is_an_error(checkout: Checkout) -> None:
    manifest(checkout, main="dist/index.js")
    run = checkout.build("lib")
    assert not run.report.ok
    assert run.target("//lib:package").error == (
        "npm pack made a result that does not hold:\n"
        "  - package/package.json names dist/index.js (main), which is not in the package."
    )


def test_what_pnpm_takes_from_publish_config_is_packed_and_not_seen_before(checkout: Checkout) -> None:
    """As ``pnpm pack`` of 10.34.8 does it."""
    config = {"access": "public", "main": "made.js", "type": "module", "files": ["no"]}
    scripts = {"build": "node -p \"require('./package.json').main\" > made.js"}
    manifest(checkout, scripts=scripts, publishConfig=config)
    checkout.build("lib")
    assert json.loads(content(checkout, "package.json"))["publishConfig"] == config
    checkout.write("lib/pnpm-lock.yaml", "lockfileVersion: '9.0'\nimporters: {.: {}}\n")
    checkout.build("lib")
    about = json.loads(content(checkout, "package.json"))
    assert about["publishConfig"] == {"access": "public", "files": ["no"]}
    assert (about["main"], about["type"], content(checkout, "made.js")) == ("made.js", "module", "index.js\n")


def test_a_missing_readme_is_a_warning(checkout: Checkout) -> None:
    (checkout.root / "lib/README.md").unlink()
    run = checkout.build("lib")
    assert run.report.ok and run.texts == ["//lib:package: x-lib-1.2.3.tgz has no README in it"]


def test_without_npm_nothing_is_built(checkout: Checkout) -> None:
    Path(checkout.environ["PATH"], "npm").unlink()
    (blocked,) = checkout.build("lib").report.blocked
    assert blocked.lacks == ("npm: is not on PATH, or does not run (install Node.js with npm)",)


def test_planned_versions_are_packed_and_the_checkout_stays_as_it_is(checkout: Checkout) -> None:
    before = (checkout.root / "lib/package.json").read_text()
    run = checkout.build("lib", versions=(("lib", "2.0.0-rc.1"),))
    assert [each.path for each in run.target("//lib:package").outputs] == ["dist/x-lib-2.0.0-rc.1.tgz"]
    assert (checkout.root / "lib/package.json").read_text() == before


def test_everything_that_is_wrong_is_told_before_anything_runs(checkout: Checkout) -> None:
    packages(checkout, lib='lib\nnpm = "@x/lib"', other="other", none="none")
    checkout.write("lib/package.json", '{"name": "@y/lib", "version": "1.0.0"}')
    checkout.write("other/package.json", '{"private": true}')
    with pytest.raises(Problems) as caught:
        checkout.build("//...")
    assert [(each.path, each.line, each.message, each.hint) for each in caught.value.problems] == [
        ("other/package.json", 0, 'there is no "name"', 'add "name": "…"'),
        ("other/package.json", 0, 'there is no "version"', 'add "version": "0.0.0"'),
        (
            "other/package.json",
            0,
            '"private" is true: npm refuses to publish it',
            'remove "private", or take the package out of putitoutthere.toml',
        ),
        (
            "putitoutthere.toml",
            3,
            '//lib:package: lib/package.json has the name "@y/lib", and its registered name is "@x/lib"',
            'write "name": "@x/lib", or correct `npm` in putitoutthere.toml',
        ),
        ("putitoutthere.toml", 14, "no package.json in none", None),
    ]
