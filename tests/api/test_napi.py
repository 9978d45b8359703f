"""What is taken from a package's own call of ``napi build``."""

from __future__ import annotations

import pytest

from piot.api.napi import BuildOptions, settings
from piot.model.npm.project import NpmManifest
from piot.model.triple import Triple


def manifest(**values: object) -> NpmManifest:
    return NpmManifest(directory="ts", values={"name": "@x/lib", "version": "1.0.0", **values})


@pytest.mark.parametrize(
    ("script", "options"),
    [
        ("napi build --platform --release", BuildOptions()),
        ("tsc", BuildOptions()),
        ("echo 'unbalanced && napi build --esm", BuildOptions()),
        (
            "tsc && napi build --release -t x --js native.cjs --dts=native.d.ts --esm&&rm -rf --strip",
            BuildOptions(kept=("--js", "native.cjs", "--dts", "native.d.ts", "--esm")),
        ),
        (
            'napi build -o ./dist/ --features "a b" --manifest-path ../rust/Cargo.toml --no-default-features',
            BuildOptions(
                kept=("--no-default-features",),
                output_dir="dist",
                manifest_path="../rust/Cargo.toml",
                features=("a", "b"),
                no_default_features=True,
            ),
        ),
        (
            "napi build -x --dts-header '/* by us */' -- --strip",
            BuildOptions(kept=("--dts-header", "/* by us */")),
        ),
    ],
)
def test_what_shapes_the_result_is_kept_and_the_rest_is_for_piot_to_say(
    script: str, options: BuildOptions
) -> None:
    assert settings(manifest(scripts={"test": "node --test", "build": script})).options == options


@pytest.mark.parametrize(
    ("napi", "file", "family"),
    [
        ({}, "index.linux-arm64-gnu.node", "@x/lib-{triple}"),
        ({"binaryName": "core"}, "core.linux-arm64-gnu.node", "@x/lib-{triple}"),
        ({"name": "old", "packageName": "@y/core"}, "old.linux-arm64-gnu.node", "@y/core-{triple}"),
    ],
)
def test_names_are_those_of_the_tool(napi: dict[str, str], file: str, family: str) -> None:
    found = settings(manifest(napi=napi))
    assert found.file(Triple.parse("aarch64-unknown-linux-gnu")) == file
    assert found.loader_family == family
