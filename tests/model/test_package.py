"""The values of the configuration."""

from __future__ import annotations

from dataclasses import replace

from piot.model.package import (
    Config,
    CratesSettings,
    NpmSettings,
    Package,
    PypiSettings,
    Settings,
    TargetSpec,
)
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
