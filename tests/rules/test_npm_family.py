"""Platform packages and the umbrella of an addon, packed by npm; what cargo would make is made up."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path

import pytest

from tests.support.checkout import HOST, Checkout, MakeCheckout
from tests.support.repository import do

pytestmark = [
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm"),
    pytest.mark.skipif("linux" not in HOST, reason="the program that is packed is an ELF file"),
]

RULE = '''\
from dataclasses import dataclass
from piot.api import Addon, Context, Executable, Source, SourceFile, Text, Triple, rule

@dataclass(frozen=True)
class Made:
    """Something native.

    native: an ELF file
    """

    native: Source

LOADER = "try { require('@x/lib-NAPI') } catch (e) {}\\n"
SCRIPT = "cp native lib.node; cp native tool; mkdir -p b/sub; cp loader b/sub/index.js; touch b/index.d.ts"

@rule(configured_by=("triple",))
def made(ctx: Context, attrs: Made) -> tuple[Addon, Executable]:
    loader = LOADER.replace("NAPI", Triple.parse(ctx.triple).napi or "")
    inputs = (SourceFile(path=attrs.native.path, dest="native"), Text(dest="loader", content=loader.encode()))
    addon, tool, bindings = ctx.run(
        "sh", "-c", SCRIPT, mnemonic="make", outputs=("lib.node", "tool", "b/"), inputs=inputs
    )
    return (
        Addon(name="lib", triple=ctx.triple, file=addon, bindings=bindings),
        Executable(name="tool", triple=ctx.triple, file=tool),
    )
'''
BUILD = f"""\
load("//:made.py", "made")
made(name = "made", native = "native")
npm_platforms(
    name = "platforms", directory = "lib", srcs = glob(["lib/**"]), addon = ":made", program = ":made",
    program_family = "@x/cli-{{triple}}", spelled = {{"{HOST}": "this-one"}},
)
napi_package(
    name = "package", directory = "lib", srcs = glob(["lib/**"]), addon = ":made",
    targets = ["{HOST}"], addon_family = "@x/lib-{{triple}}", spelled = {{"{HOST}": "this-one"}},
)
"""
MANIFEST = {
    "name": "@x/lib",
    "version": "1.2.3",
    "license": "MIT",
    "main": "sub/index.js",
    "types": "index.d.ts",
    "files": ["sub", "index.d.ts"],
    "optionalDependencies": {"@x/lib-darwin-x64": "1.0.0", "fsevents": "^2.0.0"},
}


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    made = make_checkout(BUILD)
    made.write("made.py", RULE)
    shutil.copy(shutil.which("true") or "", made.root / "native")
    made.write("lib/package.json", json.dumps(MANIFEST))
    made.write("lib/LICENSE", "MIT of lib\n")
    made.write("lib/README.md", "# lib\n")
    tools = Path(made.environ["PATH"])
    for name in ("node", "npm"):
        (tools / name).symlink_to(shutil.which(name) or "")
    do(made.root, "init", "--quiet")
    return made


def packed(checkout: Checkout, name: str) -> dict[str, str]:
    """The text of every file that is text, by its path in a delivered package."""
    with tarfile.open(checkout.root / "dist" / name) as archive:
        files = {each.name: archive.extractfile(each) for each in archive}
        return {
            path.removeprefix("package/"): file.read().decode("utf-8", "replace")
            for path, file in files.items()
            if file is not None
        }


def test_every_family_has_a_package_of_the_platform(checkout: Checkout) -> None:
    run = checkout.build("//:platforms")
    assert run.report.ok, (run.target("//:platforms").error, run.outputs)
    (target,) = run.report.targets
    assert [each.path for each in target.outputs] == [
        "dist/x-lib-this-one-1.2.3.tgz",
        "dist/x-cli-this-one-1.2.3.tgz",
    ]
    files = packed(checkout, "x-lib-this-one-1.2.3.tgz")
    assert sorted(files) == ["LICENSE", "README.md", "lib.node", "package.json"]
    assert (files["LICENSE"], files["README.md"]) == ("MIT of lib\n", "# lib\n")
    about = json.loads(files["package.json"])
    assert (about["name"], about["version"], about["license"]) == ("@x/lib-this-one", "1.2.3", "MIT")
    assert json.loads(packed(checkout, "x-cli-this-one-1.2.3.tgz")["package.json"])["main"] == "tool"


def test_the_umbrella_asks_for_the_packages_that_there_are(checkout: Checkout) -> None:
    run = checkout.build("//:package")
    assert run.report.ok, (run.target("//:package").error, run.outputs)
    files = packed(checkout, "x-lib-1.2.3.tgz")
    assert sorted(files) == ["LICENSE", "README.md", "index.d.ts", "package.json", "sub/index.js"]
    assert files["sub/index.js"] == "try { require('@x/lib-this-one') } catch (e) {}\n"
    about = json.loads(files["package.json"])
    assert about == {**MANIFEST, "optionalDependencies": {"@x/lib-this-one": "1.2.3", "fsevents": "^2.0.0"}}


def test_without_documents_of_its_own_a_platform_package_has_a_readme_and_the_licence_of_the_repository(
    checkout: Checkout,
) -> None:
    for name in ("LICENSE", "README.md"):
        (checkout.root / "lib" / name).unlink()
    checkout.write("LICENSE-MIT", "MIT of all\n")
    run = checkout.build("//:platforms")
    assert run.report.ok and run.texts == []
    files = packed(checkout, "x-lib-this-one-1.2.3.tgz")
    assert files["LICENSE-MIT"] == "MIT of all\n"
    assert files["README.md"] == f"# `@x/lib-this-one`\n\nThe **{HOST}** binary of `@x/lib`.\n"


def test_what_is_built_for_another_platform_is_refused(checkout: Checkout) -> None:
    """B16: nothing of one platform is packed for another, however it is spelled."""
    run = checkout.build("//:platforms", triples=("aarch64-apple-darwin",))
    assert not run.report.ok
    message = run.target("//:platforms").error or ""
    assert "is a file of format ELF, expected Mach-O for aarch64-apple-darwin." in message


def test_scripts_that_run_when_it_is_packed_see_loader_and_names(checkout: Checkout) -> None:
    prepack = {"prepack": "cat package.json sub/index.js > sub/seen.txt"}
    checkout.write(
        "lib/package.json", json.dumps({**MANIFEST, "scripts": prepack, "optionalDependencies": {}})
    )
    run = checkout.build("//:package")
    assert run.report.ok, (run.target("//:package").error, run.outputs)
    files = packed(checkout, "x-lib-1.2.3.tgz")
    assert files["sub/seen.txt"] == files["package.json"] + files["sub/index.js"]


@pytest.mark.parametrize(
    ("script", "seen"), [("touch sub/seen.txt", True), ("napi prepublish -t npm && false", False)]
)
def test_before_publishing_a_script_runs_unless_it_is_that_of_napi(
    checkout: Checkout, script: str, seen: bool
) -> None:
    scripts = {"build": "exit 1", "prepublishOnly": script}
    own = {"@x/lib-darwin-x64": "1.0.0"}
    checkout.write(
        "lib/package.json", json.dumps({**MANIFEST, "scripts": scripts, "optionalDependencies": own})
    )
    run = checkout.build("//:package")
    assert run.report.ok, (run.target("//:package").error, run.outputs)
    assert ("sub/seen.txt" in packed(checkout, "x-lib-1.2.3.tgz")) is seen
