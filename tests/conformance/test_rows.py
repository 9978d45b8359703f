"""R01 to R19: the exact rows of the published fixtures, at their first version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from piot.errors import InputError
from tests.conformance.cases import Case
from tests.support.matrices import CARGO, F5, PYO3, package, pyproject, rows_of, targets

WINDOWS = "windows-latest, as the guides say, where the reference has windows-2022"

CASES = (
    Case("R01"),
    Case("R02", "≠", "a wheel too, unless the project has extension modules: pip then builds nothing"),
    Case("R03"),
    Case("R04"),
    Case("R05", "≠", WINDOWS),
    Case("R06", "≠", WINDOWS),
    Case("R07", "≠", WINDOWS),
    Case("R08", "≠", WINDOWS),
    Case("R09"),
    Case("R10", "≠", WINDOWS),
    Case("R11", "≠", "linux-arm64-gnu is built on ubuntu-24.04-arm, as its other spelling is"),
    Case("R12"),
    Case("R13", "≠", WINDOWS),
    Case("R14"),
    Case("R15", "≠", "as R02"),
    Case("R16"),
    Case("R17", "≠", "an error at the line of the package: maturin needs targets"),
    Case("R18", "≠", "an error at the line of the package: build needs targets"),
    Case("R19", "≠", "npm can express i686 and others, so they are built"),
)

RUNNERS = ("ubuntu-latest", "ubuntu-24.04-arm", "macos-latest", "macos-latest", "windows-latest")
SHORT = ("target", "runs_on", "artifact_name", "artifact_path", "build", "python_version")
LATER = {"runner", "libc", "compatibility", "triple", "command", "label", "input_key", "key", "key_waits_for"}
"""What piot's rows have beyond the published ones."""

Row = dict[str, Any]


def made(root: Path, config: str, files: dict[str, str] | None = None) -> list[Row]:
    """The rows as JSON, as far as the published ones go."""
    found = [json.loads(json.dumps(row.as_json())) for row in rows_of(root, config, files or {})]
    return [{name: value for name, value in row.items() if name not in LATER} for row in found]


def short(rows: list[Row]) -> list[tuple[Any, ...]]:
    return [tuple(row.get(name) for name in SHORT) for row in rows]


def npm(name: str) -> str:
    return json.dumps({"name": name, "version": "0.1.0"})


def test_r01_a_plain_npm_package(tmp_path: Path) -> None:
    name = "@putitoutthere/piot-fixture-zzz-js-vanilla"
    assert made(tmp_path, package(name, "npm", "."), {"package.json": npm(name)}) == [
        {
            "name": name,
            "kind": "npm",
            "version": "0.1.0",
            "target": "noarch",
            "runs_on": "ubuntu-latest",
            "artifact_name": "@putitoutthere__piot-fixture-zzz-js-vanilla-pkg",
            "artifact_path": "package.json",
            "path": ".",
        }
    ]


def test_r02_setuptools(tmp_path: Path) -> None:
    name = "piot-fixture-zzz-python-sdist"
    rows = made(tmp_path, package(name, "pypi", "."), {"pyproject.toml": pyproject("setuptools", name)})
    assert short(rows) == [
        ("sdist", "ubuntu-latest", f"{name}-sdist", "dist", "setuptools", "3.12"),
        ("any", "ubuntu-latest", f"{name}-wheel-any", "dist", "setuptools", "3.12"),
    ]


@pytest.mark.parametrize(
    "files",
    [
        {"setup.py": "from setuptools import setup\nsetup(ext_modules=[])\n"},
        {"pyproject.toml": pyproject("setuptools", "p", None, "[tool.setuptools]\next-modules = []\n")},
    ],
)
def test_r02_setuptools_with_extension_modules_is_an_sdist_alone(
    tmp_path: Path, files: dict[str, str]
) -> None:
    files = {"pyproject.toml": pyproject("setuptools", "p"), **files}
    rows = made(tmp_path, package("p", "pypi", "."), files)
    assert short(rows) == [("sdist", "ubuntu-latest", "p-sdist", "dist", "setuptools", "3.12")]


def test_r03_hatch(tmp_path: Path) -> None:
    name = "piot-fixture-zzz-python-hatch"
    config = package(name, "pypi", ".", 'build = "hatch"')
    assert short(made(tmp_path, config, {"pyproject.toml": pyproject("hatchling", name)})) == [
        ("sdist", "ubuntu-latest", f"{name}-sdist", "dist", "hatch", "3.12"),
        ("any", "ubuntu-latest", f"{name}-wheel-any", "dist", "hatch", "3.12"),
    ]


def test_r04_a_crate(tmp_path: Path) -> None:
    rows = made(tmp_path, package("core", "crates", "."), {"Cargo.toml": CARGO, "src/lib.rs": ""})
    assert short(rows) == [("noarch", "ubuntu-latest", "core-crate", "target/package", None, None)]


def test_r05_maturin_with_a_policy(tmp_path: Path) -> None:
    name = "piot-fixture-zzz-python-maturin"
    config = package(name, "pypi", ".", 'build = "maturin"', 'manylinux = "2_28"', targets(*F5))
    files = {"Cargo.toml": PYO3, "src/lib.rs": "", "pyproject.toml": pyproject("maturin", name)}
    rows = made(tmp_path, config, files)
    assert short(rows) == [
        *(
            (triple, runner, f"{name}-wheel-{triple}", "dist", "maturin", "3.12")
            for triple, runner in zip(F5, RUNNERS, strict=True)
        ),
        ("sdist", "ubuntu-latest", f"{name}-sdist", "dist", "maturin", "3.12"),
    ]
    assert [row.get("manylinux") for row in rows] == ["2_28", "2_28", None, None, None, None]


def test_r06_maturin_below_the_root(tmp_path: Path) -> None:
    config = package("p", "pypi", "crates/ext", 'build = "maturin"', targets(*F5))
    files = {f"crates/ext/{path}": text for path, text in maturin("p").items()}
    rows = made(tmp_path, config, files)
    assert [row["target"] for row in rows] == [*F5, "sdist"]
    assert {row["artifact_path"] for row in rows} == {"crates/ext/dist"}
    assert not any("manylinux" in row for row in rows)


def maturin(name: str, requires_python: str | None = None) -> dict[str, str]:
    text = pyproject("maturin", name, requires_python)
    return {"Cargo.toml": PYO3, "src/lib.rs": "", "pyproject.toml": text}


def test_r07_napi(tmp_path: Path) -> None:
    name = "@putitoutthere/piot-fixture-zzz-js-napi"
    safe = name.replace("/", "__")
    config = package(name, "npm", ".", 'build = "napi"', targets(*F5))
    rows = made(tmp_path, config, {"package.json": npm(name), "Cargo.toml": CARGO, "src/lib.rs": ""})
    assert short(rows) == [
        *(
            (triple, runner, f"{safe}-{triple}", f"build/{triple}", "napi", None)
            for triple, runner in zip(F5, RUNNERS, strict=True)
        ),
        ("main", "ubuntu-latest", f"{safe}-main", "package.json", "napi", None),
    ]
    assert not any("rust_target" in row for row in rows)


def test_r08_a_bundled_program(tmp_path: Path) -> None:
    name = "@putitoutthere/piot-fixture-zzz-js-bundled"
    config = package(
        name, "npm", ".", 'build = "bundled-cli"', targets(*F5), 'bundle_cli = { bin = "piot-fixture-zzz" }'
    )
    rows = made(tmp_path, config, {"package.json": npm(name), "Cargo.toml": CARGO, "src/main.rs": ""})
    bundled: Row = {
        "bin": "piot-fixture-zzz",
        "crate_path": ".",
        "features": [],
        "no_default_features": False,
    }
    assert [(row.get("bundle_cli"), row.get("rust_target")) for row in rows] == [
        *((bundled, triple) for triple in F5),
        (None, None),
    ]
    assert rows[5]["target"] == "main"


def test_r09_python_and_js_without_rust(tmp_path: Path) -> None:
    config = package("py", "pypi", "packages/python", 'build = "hatch"') + package("js", "npm", "packages/js")
    files = {
        "packages/python/pyproject.toml": pyproject("hatchling", "py"),
        "packages/js/package.json": npm("js"),
    }
    rows = made(tmp_path, config, files)
    assert [(row["kind"], row["target"], row["artifact_path"]) for row in rows] == [
        ("pypi", "sdist", "packages/python/dist"),
        ("pypi", "any", "packages/python/dist"),
        ("npm", "noarch", "packages/js/package.json"),
    ]


def test_r10_everything(tmp_path: Path) -> None:
    cli = "@putitoutthere/piot-fixture-zzz-cli"
    config = (
        package("core", "crates", "packages/rust")
        + package("py", "pypi", "packages/python", 'build = "maturin"', targets(*F5))
        + package(
            cli,
            "npm",
            "packages/ts",
            'build = [{ mode = "bundled-cli", name = "{name}-cli-{triple}" }, "napi"]',
            targets(*F5),
        )
    )
    files = {
        "packages/rust/Cargo.toml": CARGO,
        "packages/rust/src/lib.rs": "",
        "packages/ts/package.json": npm(cli),
        **{f"packages/python/{path}": text for path, text in maturin("py").items()},
    }
    rows = made(tmp_path, config, files)
    assert len(rows) == 18
    assert [row["build"] for row in rows[7:]] == ["bundled-cli"] * 5 + ["napi"] * 5 + ["bundled-cli"]
    assert rows[12]["artifact_name"] == "@putitoutthere__piot-fixture-zzz-cli-napi-x86_64-unknown-linux-gnu"
    assert rows[12]["artifact_path"] == "packages/ts/build/napi-x86_64-unknown-linux-gnu"
    assert rows[17]["target"] == "main"
    assert not any("rust_target" in row for row in rows)


def two_modes(target: str) -> str:
    builds = '[{ mode = "napi", name = "@s/l-{triple}" }, { mode = "bundled-cli", name = "@s/c-{triple}" }]'
    return package(
        "n", "npm", ".", f"build = {builds}", f"targets = [{target}]", 'bundle_cli = { bin = "c" }'
    )


@pytest.mark.parametrize(
    ("target", "spelled", "runner", "rust"),
    [
        pytest.param(
            '"linux-arm64-gnu"', "linux-arm64-gnu", "ubuntu-24.04-arm", "aarch64-unknown-linux-gnu", id="R11"
        ),
        pytest.param(
            '{ triple = "darwin-arm64", runner = "self-hosted" }',
            "darwin-arm64",
            "self-hosted",
            "aarch64-apple-darwin",
            id="R12",
        ),
        pytest.param(
            '"win32-arm64-msvc"', "win32-arm64-msvc", "windows-latest", "aarch64-pc-windows-msvc", id="R13"
        ),
    ],
)
def test_r11_to_r13_two_modes(tmp_path: Path, target: str, spelled: str, runner: str, rust: str) -> None:
    files = {"package.json": npm("n"), "Cargo.toml": CARGO, "src/main.rs": ""}
    addon, program, main = made(tmp_path, two_modes(target), files)
    assert short([addon, program]) == [
        (spelled, runner, f"n-napi-{spelled}", f"build/napi-{spelled}", "napi", None),
        (spelled, runner, f"n-bundled-cli-{spelled}", f"build/bundled-cli-{spelled}", "bundled-cli", None),
    ]
    assert ("rust_target" in addon, program["rust_target"], main["build"]) == (False, rust, "napi")
    labels = [row.label for row in rows_of(tmp_path, two_modes(target), files)]
    assert labels == ["//:platforms-napi", "//:platforms-bundled-cli", "//:package"]


def test_r14_two_pythons_on_four_platforms(tmp_path: Path) -> None:
    gnu, musl, arm, mac = (
        "x86_64-unknown-linux-gnu",
        "x86_64-unknown-linux-musl",
        "armv7-unknown-linux-gnueabihf",
        "aarch64-apple-darwin",
    )
    config = package(
        "p", "pypi", ".", 'build = "maturin"', 'manylinux = "2_28"', targets(gnu, musl, arm, mac)
    )
    rows = made(tmp_path, config, maturin("p", ">=3.12,<3.14"))
    assert [(row["artifact_name"], row["python_version"], row.get("manylinux")) for row in rows] == [
        *(
            (f"p-wheel-{triple}-py{python}", python, "2_28" if triple in (gnu, arm) else None)
            for triple in (gnu, musl, arm, mac)
            for python in ("3.12", "3.13")
        ),
        ("p-sdist", "3.13", None),
    ]


def test_r15_a_slash_in_the_name(tmp_path: Path) -> None:
    files = {"pyproject.toml": pyproject("setuptools", "foo")}
    rows = made(tmp_path, package("py/foo", "pypi", ".", 'pypi = "foo"'), files)
    assert rows[0]["artifact_name"] == "py__foo-sdist"


def test_r16_the_root_is_not_written(tmp_path: Path) -> None:
    rows = made(tmp_path, package("p", "pypi", "."), {"pyproject.toml": pyproject("setuptools", "p")})
    assert rows[0]["artifact_path"] == "dist"
    assert rows[0]["path"] == "."


@pytest.mark.parametrize(
    ("config", "message"),
    [
        pytest.param(
            package("p", "pypi", ".", 'build = "maturin"'), 'build = "maturin" needs "targets"', id="R17"
        ),
        pytest.param(package("p", "npm", ".", 'build = "napi"'), '"build" needs "targets"', id="R18"),
    ],
)
def test_r17_and_r18_nothing_is_left_out_silently(tmp_path: Path, config: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        made(tmp_path, config)
    assert f'PIOT_TARGETS: package "p": {message}' in error.value.message


def test_r19_what_npm_can_express_is_built(tmp_path: Path) -> None:
    config = package("n", "npm", ".", 'build = "napi"', targets("i686-unknown-linux-gnu"))
    row, _ = made(tmp_path, config, {"package.json": npm("n"), "Cargo.toml": CARGO, "src/lib.rs": ""})
    assert (row["artifact_name"], row["runs_on"]) == ("n-i686-unknown-linux-gnu", "ubuntu-latest")


def test_r19_what_no_machine_builds_is_an_error_that_names_package_and_triple(tmp_path: Path) -> None:
    config = package("n", "npm", ".", 'build = "napi"', targets("x86_64-unknown-freebsd"))
    with pytest.raises(InputError) as error:
        made(tmp_path, config, {"package.json": npm("n"), "Cargo.toml": CARGO, "src/lib.rs": ""})
    assert str(error.value) == (
        'putitoutthere.toml:4:1: PIOT_NO_RUNNER: package "n" is built for x86_64-unknown-freebsd, '
        "and GitHub has no machine for that\n"
        '    hint: name one in "targets": { triple = "x86_64-unknown-freebsd", runner = "my-runner" }'
    )
