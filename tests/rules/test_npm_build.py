"""Packages with scripts and dependencies are built by npm from pinned files, without network."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piot.errors import Problems
from tests.rules.conftest import Registry, content, members, packages
from tests.support.checkout import Checkout

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")

SHOUT = "#!/usr/bin/env node\nconsole.log(process.argv[2].toUpperCase())\n"


@pytest.fixture
def checkout(bare: Checkout, registry: Registry) -> Checkout:
    """A workspace: ``lib``, made by a third-party program, and ``app``, which uses it and a helper."""
    packages(bare, lib="packages/lib", app="packages/app")
    shout = registry.add("shout", "1.0.0", {"shout.js": SHOUT}, bin={"shout": "shout.js"})
    mac = registry.add("@for/mac", "1.0.0", {}, os=["darwin"])
    write(
        bare, ".", name="root", private=True, workspaces=["packages/*"], devDependencies={"shout": "^1.0.0"}
    )
    write(
        bare,
        "packages/lib",
        name="lib",
        version="1.0.0",
        main="made.js",
        optionalDependencies={"@for/mac": "*"},
        scripts={
            "build": 'echo "module.exports = \\"$(shout lib)-$TARGET\\"" > made.js',
            "prepare": "cp made.js too.js",
        },
    )
    write(
        bare,
        "packages/helper",
        name="helper",
        version="0.0.0",
        private=True,
        bin="help.js",
        scripts={"build": "printf '#!/usr/bin/env node\\nconsole.log(\"helped\")\\n' > help.js"},
    )
    write(
        bare,
        "packages/app",
        name="app",
        version="1.0.0",
        dependencies={"lib": "^1.0.0"},
        devDependencies={"helper": "*"},
        scripts={"build": "helper > made.txt && node -p 'require(\"lib\")' >> made.txt"},
    )
    lock(bare, {"node_modules/shout": shout, "node_modules/@for/mac": {**mac, "optional": True}})
    Path(bare.environ["HOME"], ".npmrc").write_text(f"registry={registry.address}\n")
    return bare


def write(checkout: Checkout, directory: str, **values: Any) -> None:
    checkout.write(f"{directory}/package.json", json.dumps(values, indent=2))


def lock(checkout: Checkout, third: dict[str, Any]) -> None:
    """A lock file as npm writes it: what every manifest asks for, and what that means."""
    rows: dict[str, Any] = {}
    for path in sorted(checkout.root.glob("**/package.json")):
        values = json.loads(path.read_text())
        place = path.parent.relative_to(checkout.root).as_posix().removeprefix(".")
        kept = (
            "name",
            "version",
            "workspaces",
            "dependencies",
            "devDependencies",
            "optionalDependencies",
            "bin",
        )
        rows[place] = {key: values[key] for key in kept if key in values}
        if place:
            rows[f"node_modules/{values['name']}"] = {"resolved": place, "link": True}
    text = json.dumps({"name": "root", "lockfileVersion": 3, "requires": True, "packages": {**rows, **third}})
    checkout.write("package-lock.json", text)


def test_a_workspace_is_installed_and_built_from_pinned_files(checkout: Checkout, registry: Registry) -> None:
    run = checkout.build("lib", "app")
    assert {each.label: each.status for each in run.report.targets} == {
        "//packages/lib:package": "built",
        "//packages/app:package": "built",
    }
    assert content(checkout, "made.js", "lib-*.tgz") == 'module.exports = "LIB-noarch"\n'
    assert content(checkout, "too.js", "lib-*.tgz") == content(checkout, "made.js", "lib-*.tgz")
    assert content(checkout, "made.txt", "app-*.tgz") == "helped\nLIB-noarch\n"
    assert set(members(checkout, "app-*.tgz")) == {"package.json", "made.txt"}
    assert registry.asked == ["/shout/-/shout-1.0.0.tgz"]
    assert not (checkout.root / "node_modules").exists()


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")
def test_both_sandboxes_give_the_same_and_offline_works_after_the_first_fetch(checkout: Checkout) -> None:
    first = checkout.build("lib", "app").report
    (Path(checkout.environ["HOME"]) / ".npmrc").unlink()
    second = replace(checkout, sandbox="bwrap").build("lib", "app", force=True).report
    digests = [
        [each.sha256 for target in report.targets for each in target.outputs] for report in (first, second)
    ]
    assert digests[0] == digests[1] and second.ok


def test_the_installation_outlives_versions_and_sources(checkout: Checkout) -> None:
    checkout.build("lib", "app")
    checkout.write("packages/lib/new.js", "1\n")
    run = checkout.build("lib", "app", versions=(("lib", "1.5.0"), ("app", "3.0.0")))
    assert run.report.ok
    assert [each for each in run.said if "npm ci" in str(each) and "ran" in str(each)] == []
    assert {each.path for target in run.report.targets for each in target.outputs} == {
        "dist/lib-1.5.0.tgz",
        "dist/app-3.0.0.tgz",
    }
    assert json.loads(content(checkout, "package.json", "app-3*.tgz"))["dependencies"] == {"lib": "^1.5.0"}


def test_a_lock_file_that_is_out_of_date_is_refused_before_anything_runs(checkout: Checkout) -> None:
    """B50: nothing is installed but what is locked."""
    write(
        checkout,
        ".",
        name="root",
        private=True,
        workspaces=["packages/*"],
        devDependencies={"shout": "^2.0.0"},
    )
    with pytest.raises(Problems) as caught:
        checkout.build("lib", "app")
    assert [str(each) for each in caught.value.problems] == [
        "package-lock.json: PIOT_NPM_LOCK: it is out of date: package.json asks for shout ^2.0.0, "
        "locked is ^1.0.0\n    hint: run `npm install` and commit package-lock.json"
    ]


def test_without_a_lock_file_nothing_is_installed(checkout: Checkout) -> None:
    (checkout.root / "package-lock.json").unlink()
    with pytest.raises(Problems) as caught:
        checkout.build("lib")
    assert [str(each) for each in caught.value.problems] == [
        "packages/lib/package.json: PIOT_NPM_LOCK: it has dependencies and scripts, "
        "but no lock file pins them\n"
        "    hint: run `npm install` and commit package-lock.json"
    ]


def test_platform_packages_that_were_never_released_need_not_be_locked(checkout: Checkout) -> None:
    """They do not exist before the first release, and whoever installs leaves them out."""
    manifest = json.loads((checkout.root / "packages/lib/package.json").read_text())
    optional = {**manifest["optionalDependencies"], "lib-linux-x64-gnu": "1.0.0"}
    write(checkout, "packages/lib", **{**manifest, "optionalDependencies": optional})
    run = checkout.build("lib")
    assert run.report.ok, run.outputs
    assert json.loads(content(checkout, "package.json"))["optionalDependencies"] == optional


def test_a_failing_script_fails_the_build_with_what_it_said(checkout: Checkout) -> None:
    manifest = json.loads((checkout.root / "packages/lib/package.json").read_text())
    write(checkout, "packages/lib", **{**manifest, "scripts": {"build": "echo because; exit 3"}})
    run = checkout.build("lib", "app", keep_going=True)
    assert "because" in run.outputs["//packages/lib:package"]
    assert run.target("//packages/lib:package").status == "failed"
    assert run.target("//packages/app:package").status == "skipped"


def test_what_npm_runs_before_it_publishes_runs_before_it_packs(bare: Checkout) -> None:
    packages(bare, lib="lib")
    order = {name: f"echo {name} >> made.txt" for name in ("prepack", "prepublishOnly", "build", "prepare")}
    never = dict.fromkeys(("publish", "postpublish", "prepublish", "install"), "exit 1")
    write(bare, "lib", name="lib", version="1.0.0", scripts={**order, **never})
    bare.build("lib")
    assert content(bare, "made.txt") == "build\nprepublishOnly\nprepack\nprepare\n"


def test_scripts_that_call_each_other_in_a_circle_end(bare: Checkout) -> None:
    packages(bare, lib="lib")
    scripts = {"build": "npm run again --silent", "again": "npm run build --silent"}
    write(bare, "lib", name="lib", version="1.0.0", scripts=scripts)
    run = bare.build("lib")
    message = "scripts of package.json call each other in a circle, at last build"
    assert run.target("//lib:package").status == "failed"
    assert run.outputs["//lib:package"].count(message) == 1


def test_what_lies_about_in_the_checkout_is_not_shipped(bare: Checkout) -> None:
    """B45: an old build in ``dist`` of the package is no source, and results are named one by one."""
    packages(bare, lib="lib")
    script = "mkdir -p dist && echo new > dist/new.js"
    write(bare, "lib", name="lib", version="1.0.0", files=["dist"], scripts={"build": script})
    bare.write(".gitignore", "dist/\n")
    bare.write("lib/dist/old.js", "old\n")
    (target,) = bare.build("lib").report.targets
    assert [each.path for each in target.outputs] == ["dist/lib-1.0.0.tgz"]
    assert set(members(bare, "lib-1*.tgz")) == {"package.json", "dist/new.js"}


def test_every_program_in_a_package_stays_executable(bare: Checkout) -> None:
    """B49: helpers that no "bin" names, committed or made by a script, as well as the main one."""
    packages(bare, lib="lib")
    script = "echo '#!/bin/sh' > made.sh && chmod +x made.sh"
    write(bare, "lib", name="lib", version="1.0.0", bin="main.js", scripts={"build": script})
    bare.write("lib/main.js", "#!/usr/bin/env node\n")
    bare.write("lib/helper.sh", "#!/bin/sh\n", executable=True)
    bare.build("lib")
    modes = {name: each.mode for name, each in members(bare).items()}
    assert modes == {"package.json": 0o644, **dict.fromkeys(("main.js", "helper.sh", "made.sh"), 0o755)}


def test_scripts_of_third_party_packages_do_not_run(checkout: Checkout, registry: Registry) -> None:
    evil = registry.add("evil", "1.0.0", {}, scripts={"postinstall": "exit 1"})
    manifest = json.loads((checkout.root / "package.json").read_text())
    write(checkout, ".", **{**manifest, "devDependencies": {"evil": "1.0.0"}})
    write(checkout, "packages/lib", name="lib", version="1.0.0", scripts={"build": "ls ../../node_modules"})
    write(checkout, "packages/app", name="app", version="1.0.0")
    lock(checkout, {"node_modules/evil": {**evil, "hasInstallScript": True}})
    assert "evil" in checkout.build("lib").outputs["//packages/lib:package"]


def test_a_package_whose_scripts_need_nothing_is_not_installed(bare: Checkout) -> None:
    packages(bare, lib="lib")
    write(bare, "lib", name="lib", version="1.0.0", scripts={"build": "echo $TARGET-$BUILD > made.txt"})
    assert bare.build("lib").report.ran == 1
    assert content(bare, "made.txt") == "noarch-\n"


def test_a_package_that_is_developed_with_another_tool_is_built_all_the_same(bare: Checkout) -> None:
    packages(bare, lib="lib")
    engines = {"packageManager": {"name": "pnpm", "version": "12.0.0", "onFail": "download"}}
    write(
        bare, "lib", name="lib", version="1.0.0", devEngines=engines, scripts={"build": "echo 1 > made.txt"}
    )
    bare.build("lib")
    assert content(bare, "made.txt") == "1\n"
    write(bare, "lib", name="lib", version="1.0.0", devEngines=engines)
    assert bare.build("lib").report.ok


def test_declared_tools_and_variables_are_there_and_no_others(bare: Checkout) -> None:
    (Path(bare.environ["PATH"]) / "dd").symlink_to("/bin/dd")
    script = "command -v dd > made.txt || true; echo $MINE >> made.txt"
    write(bare, "lib", name="lib", version="1.0.0", scripts={"build": script})
    target = 'npm_package(name = "p", directory = "lib", srcs = glob(["lib/**"]), env = {"MINE": "mine"}%s)\n'
    bare.write("BUILD", target % "")
    bare.build("//:p")
    assert content(bare, "made.txt") == "mine\n"
    bare.write("BUILD", target % ', tools = ["dd"]')
    bare.build("//:p")
    assert content(bare, "made.txt").endswith(".piot/bin/dd\nmine\n")


def test_dependencies_that_are_packed_with_a_package_are_installed_first(
    checkout: Checkout, registry: Registry
) -> None:
    packages(checkout, lib=".")
    shutil.rmtree(checkout.root / "packages")
    needs = {"dependencies": {"shout": "^1.0.0"}, "bundleDependencies": ["shout"]}
    write(checkout, ".", name="lib", version="1.0.0", **needs)
    lock(checkout, {"node_modules/shout": {**registry.add("shout", "1.0.0", {}), "inBundle": False}})
    checkout.build("lib")
    assert "node_modules/shout/package.json" in members(checkout)
