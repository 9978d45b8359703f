"""Packages from lock files of other tools than npm: what is unpacked, linked, run and refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from piot.errors import InputError, Problems
from piot.model.events import ActionFinished
from tests.rules.conftest import Registry, content, packages
from tests.support.checkout import HOST, Checkout

pytestmark = [
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm"),
    pytest.mark.skipif("linux" not in HOST, reason="the packages are for Linux and for others"),
]

SAY = "#!/usr/bin/env node\nconsole.log(require('real').version)\n"
BUILD = "say > made.txt && node -p \"require('other').version\" >> made.txt && node find.js >> made.txt"
FIND = "for (const name of ['linux', 'mac']) try { console.log(require.resolve(name) && name) } catch {}"


@pytest.fixture
def checkout(bare: Checkout, registry: Registry) -> Checkout:
    """One package, ``lib``, with a program that needs another package, and two for one platform each."""
    packages(bare, lib="lib")
    Path(bare.environ["HOME"], ".npmrc").write_text(f"registry={registry.address}\n")
    write(bare)
    rows = {
        "say@^1.0.0": registry.add("say", "1.0.0", {"bin/say.js": SAY}, bin="bin/say.js"),
        "other@npm:real@^2.0.0": registry.add("real", "2.0.0", {"index.js": "exports.version = 2\n"}),
        "real@~1.0.0": registry.add("real", "1.0.0", {"index.js": "exports.version = 1\n"}),
        "linux@*": registry.add("linux", "1.0.0", {"index.js": ""}, os=["linux"]),
        "mac@*": registry.add("mac", "1.0.0", {"index.js": ""}, os=["darwin"]),
    }
    needs = {"say@^1.0.0": 'dependencies:\n    real "~1.0.0"\n'}
    text = "".join(
        f'"{pattern}":\n  version "{row["version"]}"\n  integrity {row["integrity"]}\n'
        f"  {needs.get(pattern, '')}\n"
        for pattern, row in rows.items()
    )
    bare.write("lib/yarn.lock", f"# yarn lockfile v1\n\n\n{text}")
    return bare


def write(checkout: Checkout, **more: Any) -> None:
    values = {
        "name": "lib",
        "version": "1.0.0",
        "dependencies": {"say": "^1.0.0", "other": "npm:real@^2.0.0"},
        "optionalDependencies": {"linux": "*", "mac": "*"},
        "scripts": {"build": BUILD},
    }
    checkout.write("lib/package.json", json.dumps({**values, **more}))
    checkout.write("lib/find.js", FIND)


PATCH = """\
diff --git a/index.js b/index.js
--- a/index.js
+++ b/index.js
@@ -1 +1 @@
-exports.version = 2
+exports.version = 'patched'
"""


def test_a_patch_is_laid_over_a_package_and_is_an_input(checkout: Checkout, registry: Registry) -> None:
    real = registry.add("real", "2.0.0", {"index.js": "exports.version = 2\n"})
    rows = {"workspaces": {"": {"name": "lib", "dependencies": {"real": "2"}}}, "lockfileVersion": 1}
    patches = {"patchedDependencies": {"real@2.0.0": "real.patch"}}
    packages: dict[str, object] = {"packages": {"real": ["real@2.0.0", "", {}, real["integrity"]]}}
    checkout.write("lib/bun.lock", json.dumps({**rows, **patches, **packages}))
    build = "node -p \"require('real').version\" > made.txt"
    write(
        checkout,
        packageManager="bun@1.4.5",
        dependencies={"real": "2"},
        optionalDependencies={},
        scripts={"build": build},
        **patches,
    )
    with pytest.raises(InputError, match=r"bun\.lock names the patch lib/real\.patch, which is not there"):
        checkout.build("lib")
    checkout.write("lib/real.patch", PATCH)
    assert checkout.build("lib").report.ok
    assert content(checkout, "made.txt") == "patched\n"
    checkout.write("lib/real.patch", PATCH.replace("patched", "again"))
    assert checkout.build("lib").report.ok
    assert content(checkout, "made.txt") == "again\n"
    checkout.write("lib/real.patch", PATCH.replace("version = 2", "version = 3"))
    failed = checkout.build("lib")
    assert not failed.report.ok
    (said,) = (each.output for each in failed.said if isinstance(each, ActionFinished) and each.output)
    assert said == b"lib/real.patch does not fit index.js, line 1\n"


def test_everybody_gets_its_own_version_and_nothing_for_other_platforms(
    checkout: Checkout, registry: Registry
) -> None:
    run = checkout.build("lib")
    assert run.report.ok, run.outputs
    assert content(checkout, "made.txt") == "1\n2\nlinux\n"
    assert sorted(registry.asked) == [
        f"/{name}/-/{name}-{version}.tgz"
        for name, version in (
            *(("linux", "1.0.0"), ("mac", "1.0.0"), ("real", "1.0.0")),
            *(("real", "2.0.0"), ("say", "1.0.0")),
        )
    ]


@pytest.mark.parametrize(
    ("build", "made"),
    [
        ("yarn run other", "other\n"),
        ("yarn -s other a 'b c'", "other a b c\n"),
        ("yarn other && yarn say >> made.txt", "other\n1\n"),
        ("yarn exec say > made.txt", "1\n"),
        ("yarn run say > made.txt", "1\n"),
        ("yarn run -T say > made.txt", "1\n"),
        ("yarn node -p 3 > made.txt", "3\n"),
        ("yarn run -T other", None),
        ("yarn run -T", None),
        ("yarn workspaces run other", None),
        ("yarn --cwd x other", None),
        ("yarn run", None),
        ("yarn", None),
    ],
)
def test_scripts_may_call_the_tool_to_run_others(checkout: Checkout, build: str, made: str | None) -> None:
    write(checkout, scripts={"build": build, "other": "echo > made.txt other"})
    run = checkout.build("lib")
    if made is None:
        said = run.outputs["//lib:package"]
        assert "only scripts of package.json and programs of its dependencies run here, without yarn" in said
        assert run.target("//lib:package").status == "failed"
    else:
        assert run.report.ok, run.outputs
        assert content(checkout, "made.txt") == made


def test_another_file_than_the_one_that_was_locked_is_refused(checkout: Checkout, registry: Registry) -> None:
    registry.add("say", "1.0.0", {"bin/say.js": SAY, "evil.js": ""})
    with pytest.raises(InputError, match=r"npm package say 1\.0\.0 from .* is not what was pinned"):
        checkout.build("lib")


def test_dependencies_that_are_packed_need_the_lock_file_of_npm(checkout: Checkout) -> None:
    write(checkout, bundleDependencies=["say"])
    with pytest.raises(Problems) as caught:
        checkout.build("lib")
    (problem,) = caught.value.problems
    message = "//lib:package: lib/package.json has bundleDependencies, which only npm can pack"
    assert (problem.message, problem.hint) == (
        message,
        "commit a package-lock.json, and name npm in packageManager",
    )


def test_a_requirement_that_only_a_workspace_knows_is_refused(checkout: Checkout) -> None:
    write(checkout, peerDependencies={"gone": "workspace:*"})
    with pytest.raises(Problems) as caught:
        checkout.build("lib")
    (problem,) = caught.value.problems
    assert problem.message == "it asks for gone workspace:*, and its workspace has no such package"
