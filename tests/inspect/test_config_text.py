"""What discovery writes is what the real parser reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.inspect.config_text import config_text, package_text
from piot.inspect.discover.discover import Discovery
from piot.inspect.discover.draft import LeftOut
from piot.load.config import parse_config
from piot.model.package import (
    BundleCli,
    CratesSettings,
    NpmBuild,
    NpmSettings,
    Package,
    PypiSettings,
    TargetSpec,
)
from piot.model.triple import Triple

TRIPLES = ("x86_64-unknown-linux-gnu", "linux-arm64-gnu", "darwin-arm64", "x86_64-pc-windows-msvc")

words = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5})?", fullmatch=True)
folders = st.one_of(st.just("."), st.lists(words, min_size=1, max_size=3).map("/".join))
targets = st.lists(st.sampled_from(TRIPLES), min_size=1, unique=True).map(
    lambda names: tuple(TargetSpec(triple=Triple.parse(name), written=name) for name in names)
)
npm_builds = st.sampled_from(
    [
        (NpmBuild(mode="napi"),),
        (NpmBuild(mode="bundled-cli"),),
        (NpmBuild(mode="bundled-cli", name="@{scope}/{base}-bin-{triple}"),),
        (NpmBuild(mode="napi"), NpmBuild(mode="bundled-cli", name="{name}-cli-{triple}")),
    ]
)


@st.composite
def settings(draw: st.DrawFn, name: str) -> CratesSettings | PypiSettings | NpmSettings:
    """Those that discovery can come to, the registered name another one than ``name`` or not."""
    registered = draw(st.sampled_from([name, f"{name}-x"]))
    kind = draw(st.sampled_from(["crates", "maturin", "plain", "npm", "family"]))
    cli = BundleCli(bin="tool", crate_path=draw(folders))
    if kind == "crates":
        return CratesSettings(crate=registered)
    if kind == "maturin":
        staged = BundleCli(bin="tool", stage_to="py/_bin", crate_path=draw(folders))
        bundled = draw(st.sampled_from([None, staged]))
        return PypiSettings(pypi=registered, build="maturin", targets=draw(targets), bundle_cli=bundled)
    if kind == "plain":
        build = draw(st.sampled_from(["hatch", "setuptools"]))
        return PypiSettings(pypi=registered, build="hatch" if build == "hatch" else "setuptools")
    if kind == "npm":
        return NpmSettings(npm=f"@me/{registered}", access="restricted")
    builds = draw(npm_builds)
    bundled = cli if any(each.mode == "bundled-cli" for each in builds) else None
    return NpmSettings(npm=f"@me/{registered}", build=builds, targets=draw(targets), bundle_cli=bundled)


@st.composite
def packages(draw: st.DrawFn) -> tuple[Package, ...]:
    """Some packages, each of which may depend on those before it."""
    found: list[Package] = []
    for name in draw(st.lists(words, min_size=1, max_size=4, unique=True)):
        own = draw(settings(name))
        before = [each.name for each in found]
        needed = draw(st.lists(st.sampled_from(before), unique=True)) if before else []
        kind = {"CratesSettings": "crates", "PypiSettings": "pypi", "NpmSettings": "npm"}
        found.append(
            Package(
                name=name,
                kind=kind[type(own).__name__],  # type: ignore[arg-type]
                path=draw(folders),
                paths=("**", "!docs/**"),
                settings=own,
                depends_on=tuple(needed),
                first_version=draw(st.sampled_from(["0.1.0", "2.3.4"])),
                tag_format=draw(st.sampled_from(["{name}-v{version}", "{name}@{version}"])),
                baseline_tags=draw(st.sampled_from([(), ("v{version}",)])),
            )
        )
    return tuple(found)


@given(packages())
def test_the_text_is_read_as_the_packages_that_it_was_written_from(found: tuple[Package, ...]) -> None:
    registered = {(each.kind, each.registry_name) for each in found}
    if len(registered) == len(found):
        assert parse_config(config_text(Discovery(packages=found)), "x").packages == found


def test_a_whole_file_reads_like_this() -> None:
    core = Package(
        name="core", kind="crates", path="core", paths=("core/**",), settings=CratesSettings(crate="core")
    )
    program = BundleCli(bin="tool", stage_to="py/_bin", crate_path="cli")
    wheel = Package(
        name="core-py",
        kind="pypi",
        path="py",
        paths=("py/**",),
        depends_on=("core",),
        first_version="1.2.3",
        settings=PypiSettings(
            pypi="core",
            build="maturin",
            targets=tuple(TargetSpec(triple=Triple.parse(each), written=each) for each in TRIPLES),
            bundle_cli=program,
        ),
    )
    found = Discovery(
        packages=(core, wheel),
        left_out=(LeftOut(path="cli/Cargo.toml", name="tool", reason="it has no description"),),
        remarks={"core-py": ("check bundle_cli",)},
        shared_tag="v1.2.3",
    )
    assert (
        config_text(found).partition('"scheduled": once a day, what gathered\n')[2]
        == """
[[package]]
name = "core"
kind = "crates"
path = "core"
paths = ["core/**"]

# check bundle_cli
[[package]]
name = "core-py"
kind = "pypi"
pypi = "core"
path = "py"
paths = ["py/**"]
depends_on = ["core"]
first_version = "1.2.3"
build = "maturin"
targets = ["x86_64-unknown-linux-gnu", "linux-arm64-gnu", "darwin-arm64", "x86_64-pc-windows-msvc"]
bundle_cli = { bin = "tool", stage_to = "py/_bin", crate_path = "cli" }

# The tag v1.2.3 gave one version to the whole repository. From now on every package has tags of
# its own (tag_format); until its first one, baseline_tags says what was released. With
# version_group all go on sharing one version.

# Left out:
# - tool (cli/Cargo.toml): it has no description
"""
    )


def test_a_package_for_a_file_that_is_there_has_no_head() -> None:
    core = Package(name="a", kind="crates", path=".", paths=("**",), settings=CratesSettings(crate="a-crate"))
    assert package_text(core) == (
        '[[package]]\nname = "a"\nkind = "crates"\ncrate = "a-crate"\npath = "."\npaths = ["**"]\n'
    )


def test_another_branch_than_main_is_said() -> None:
    core = Package(name="a", kind="crates", path=".", paths=("**",), settings=CratesSettings(crate="a"))
    text = config_text(Discovery(packages=(core,)), "trunk")
    assert '\n[piot.release]\nbranches = ["trunk"]\n\n[[package]]\n' in text
    assert parse_config(text, "x").settings.release.branches == ("trunk",)


def test_without_packages_there_is_no_file() -> None:
    with pytest.raises(ValueError, match="at least one package"):
        config_text(Discovery(packages=()))
