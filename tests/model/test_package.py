"""The values of the configuration."""

from __future__ import annotations

from dataclasses import replace

import pytest

from piot.model.package import (
    CratesSettings,
    NpmBuild,
    NpmSettings,
    Package,
    PypiSettings,
    TargetSpec,
    platform_name,
)
from piot.model.platforms import PLATFORMS
from piot.model.settings import Config, Settings
from piot.model.triple import Triple

LINUX = TargetSpec(triple=Triple.parse("linux-x64-gnu"), written="linux-x64-gnu")
CRATE = Package(
    name="core",
    kind="crates",
    path=".",
    paths=("src/**",),
    settings=CratesSettings(crate="me-core"),
    location="putitoutthere.toml:4",
)


def test_where_a_package_was_written_is_no_part_of_it() -> None:
    assert replace(CRATE, location="putitoutthere.toml:9") == CRATE
    assert replace(CRATE, path="x") != CRATE


def test_a_package_knows_its_platforms_and_registered_name() -> None:
    wheel = replace(CRATE, name="py", kind="pypi", settings=PypiSettings(pypi="me", targets=(LINUX,)))
    npm = replace(CRATE, name="js", kind="npm", settings=NpmSettings(npm="@me/js", targets=(LINUX,)))
    assert [p.targets for p in (CRATE, wheel, npm)] == [(), (LINUX,), (LINUX,)]
    assert [p.registry_name for p in (CRATE, wheel, npm)] == ["me-core", "me", "@me/js"]


def test_a_package_is_found_by_its_name() -> None:
    config = Config(packages=(CRATE,))
    assert config.package("core") is CRATE
    assert config.package("cora") is None


def test_settings_have_defaults_for_everything() -> None:
    settings = Settings()
    assert (settings.sandbox, settings.jobs, settings.glibc) == ("auto", None, "2.17")
    assert settings.cache_max_size == 20 * 1024**3


@pytest.mark.parametrize(
    ("template", "triple", "name"),
    [
        ("{name}-{triple}", "linux-x64-gnu", "@me/js-linux-x64-gnu"),
        ("@{scope}/{base}-{os}-{cpu}", "darwin-arm64", "@me/js-darwin-arm64"),
        ("{name}-{os}-{cpu}-{libc}", "linux-x64-gnu", "@me/js-linux-x64-glibc"),
        ("{name}-{os}-{cpu}-{libc}", "linux-x64-musl", "@me/js-linux-x64-musl"),
        ("{name}-{os}-{cpu}-{libc}", "win32-x64-msvc", "@me/js-win32-x64"),
        ("{name}-{os}-{cpu}", "darwin-universal", "@me/js-darwin-universal"),
        ("{name}-{os}-{cpu}", "wasm32-wasi", "@me/js-wasm32"),
        ("{name}-{mode}-{cpu}", "linux-arm-gnueabihf", "@me/js-napi-arm"),
    ],
)
def test_a_template_names_the_package_of_each_platform(template: str, triple: str, name: str) -> None:
    spec = TargetSpec(triple=Triple.parse(triple), written=triple)
    build = NpmBuild(mode="napi", name=template)
    assert build.platform_name("@me/js", spec) == name
    assert build.platform_name("@me/js", replace(spec, name="older")) == "older"


def test_system_processor_and_libc_tell_nearly_all_platforms_apart() -> None:
    build = NpmBuild(mode="napi", name="{os}-{cpu}-{libc}")
    specs = [TargetSpec(triple=Triple.parse(text), written=text) for text in PLATFORMS]
    names = [build.platform_name("x", spec) for spec in specs if spec.triple.libc != "msvc"]
    assert len({*names}) == len(names) - 1  # wasm32 with and without threads


def test_braces_in_the_name_of_a_package_are_no_placeholders() -> None:
    triple = Triple.parse("x86_64-unknown-linux-gnu")
    assert platform_name("'{'-{triple}", triple, "linux-x64-gnu") == "'{'-linux-x64-gnu"
    assert platform_name("{0}-{os}-{cpu}", triple, "") == "{0}-linux-x64"
