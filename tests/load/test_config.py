"""Both generations of ``putitoutthere.toml`` become the same values."""

from __future__ import annotations

import pytest

from piot.errors import Problems
from piot.load.config import config_as_far, parse_config
from piot.model.package import (
    BundleCli,
    CratesSettings,
    NpmBuild,
    NpmSettings,
    Package,
    PypiSettings,
    TargetSpec,
    TrustPolicy,
)
from piot.model.settings import Config, RegistrySpec, RunnerSpec, Settings
from piot.model.triple import Triple

POLYGLOT = """\
[putitoutthere]
version = 1
cadence = "scheduled"

[[package]]
name = "core"
kind = "crates"
path = "packages/rust/"
paths = ["packages/rust/", "./Cargo.lock", "!**/*.md"]
crate = "my-core"
features = ["simd"]
no_default_features = true
first_version = "0.3.0"
tag_format = "v{version}"
build_workflow = "build.yml"
env = { RUSTFLAGS = "-C target-cpu=native", EMPTY = "" }

[package.trust_policy]
workflow = "release.yml"
environment = "pypi"
repository = "me/my"

[[package]]
name = "py"
kind = "pypi"
path = "packages/python"
globs = ["packages/python/**"]
depends_on = ["core"]
pypi = "my.py"
build = "maturin"
targets = ["x86_64-unknown-linux-gnu", { triple = "LINUX-ARM64-GNU", runner = "big-arm" }]
python_versions = ["3.10", "3.14t"]
manylinux = "2_28"

[package.bundle_cli]
bin = "my"
stage_to = "src/my/_binary"
crate_path = "crates/cli"
features = ["cli"]

[[package]]
name = "@me/js"
kind = "npm"
path = "."
paths = ["**"]
access = "restricted"
tag = "next"
build = ["napi", { mode = "bundled-cli", name = "@{scope}/{base}-cli-{triple}" }]
targets = ["darwin-arm64"]
bundle_cli = { bin = "my", no_default_features = true }
"""

CORE = Package(
    name="core",
    kind="crates",
    path="packages/rust",
    paths=("packages/rust/**", "Cargo.lock", "!**/*.md"),
    settings=CratesSettings(crate="my-core", features=("simd",), no_default_features=True),
    first_version="0.3.0",
    tag_format="v{version}",
    trust_policy=TrustPolicy(workflow="release.yml", environment="pypi", repository="me/my"),
    build_workflow="build.yml",
    env=(("EMPTY", ""), ("RUSTFLAGS", "-C target-cpu=native")),
)
PY = Package(
    name="py",
    kind="pypi",
    path="packages/python",
    paths=("packages/python/**",),
    depends_on=("core",),
    settings=PypiSettings(
        pypi="my.py",
        build="maturin",
        targets=(
            TargetSpec(triple=Triple("x86_64-unknown-linux-gnu"), written="x86_64-unknown-linux-gnu"),
            TargetSpec(
                triple=Triple("aarch64-unknown-linux-gnu"), written="LINUX-ARM64-GNU", runner="big-arm"
            ),
        ),
        python_versions=("3.10", "3.14t"),
        manylinux="2_28",
        bundle_cli=BundleCli(bin="my", stage_to="src/my/_binary", crate_path="crates/cli", features=("cli",)),
    ),
)
JS = Package(
    name="@me/js",
    kind="npm",
    path=".",
    paths=("**",),
    settings=NpmSettings(
        npm="@me/js",
        access="restricted",
        tag="next",
        build=(
            NpmBuild(mode="napi"),
            NpmBuild(mode="bundled-cli", name="@{scope}/{base}-cli-{triple}"),
        ),
        targets=(TargetSpec(triple=Triple("aarch64-apple-darwin"), written="darwin-arm64"),),
        bundle_cli=BundleCli(bin="my", no_default_features=True),
    ),
)


def test_every_key_becomes_its_value() -> None:
    config = parse_config(POLYGLOT, "putitoutthere.toml")
    assert config == Config(packages=(CORE, PY, JS), cadence="scheduled")
    assert [package.location for package in config.packages] == [
        "putitoutthere.toml:5",
        "putitoutthere.toml:23",
        "putitoutthere.toml:41",
    ]


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("crates", CratesSettings(crate="it")),
        ("pypi", PypiSettings(pypi="it", build="setuptools")),
        ("npm", NpmSettings(npm="it", access="public", tag="latest")),
    ],
)
def test_what_is_not_said_has_a_default(
    kind: str, settings: CratesSettings | PypiSettings | NpmSettings
) -> None:
    text = (
        f'[putitoutthere]\nversion = 1\n[[package]]\nname = "it"\nkind = "{kind}"\npath = "./"\nglobs = ["x"]'
    )
    (package,) = parse_config(text, "x.toml").packages
    assert (package.settings, package.path, package.depends_on, package.env) == (settings, ".", (), ())
    assert (package.first_version, package.tag_format) == ("0.1.0", "{name}-v{version}")


@pytest.mark.parametrize("value", ["auto", "1", "2010", "2014", "2_17", "2_28", "musllinux_1_2"])
def test_every_manylinux_policy_is_accepted(value: str) -> None:
    text = POLYGLOT.replace('"2_28"', f'"{value}"')
    settings = parse_config(text, "x.toml").packages[1].settings
    assert isinstance(settings, PypiSettings)
    assert settings.manylinux == value


def test_two_builds_of_one_template_differ_by_their_mode() -> None:
    name = "{name}-{mode}-{triple}"
    builds = f'[{{ mode = "napi", name = "{name}" }}, {{ mode = "bundled-cli", name = "{name}" }}]'
    text = POLYGLOT.replace(
        POLYGLOT[POLYGLOT.index('["napi"') : POLYGLOT.index('\ntargets = ["darwin')], builds
    )
    settings = parse_config(text, "x.toml").packages[2].settings
    assert isinstance(settings, NpmSettings)
    assert [build.name for build in settings.build] == [name, name]


def test_a_crate_a_wheel_and_an_npm_package_may_share_a_registered_name() -> None:
    head = "[putitoutthere]\nversion = 1\n"
    body = "".join(
        f'[[package]]\nname = "my-{kind}"\n{key} = "my"\nkind = "{kind}"\npath = "."\npaths = ["**"]\n'
        for kind, key in (("crates", "crate"), ("pypi", "pypi"), ("npm", "npm"))
    )
    assert [p.registry_name for p in parse_config(head + body, "x.toml").packages] == ["my", "my", "my"]


def test_own_settings_stand_in_the_same_file() -> None:
    text = POLYGLOT + (
        '[piot]\nsandbox = "dir"\njobs = 4\n'
        '[piot.cache]\ndir = "/var/cache/piot"\nmax_size = "1.5GiB"\n'
        '[piot.toolchain]\nglibc = "2.28"\n[piot.toolchain.xwin]\nsdk = "/opt/xwin"\n'
        '[[piot.runner]]\nname = "big"\nendpoint = "grpc://localhost:1"\ninstance = "main"\n'
        'properties = { OSFamily = "linux", Arch = "arm64" }\n'
        '[piot.registry.mine]\nkind = "pypi"\nindex = "http://localhost/simple/"\nports = [1, { a = 2 }]\n'
    )
    assert parse_config(text, "x.toml").settings == Settings(
        cache_dir="/var/cache/piot",
        cache_max_size=1610612736,
        sandbox="dir",
        jobs=4,
        glibc="2.28",
        windows_sdk="/opt/xwin",
        runners=(
            RunnerSpec(
                name="big",
                endpoint="grpc://localhost:1",
                instance="main",
                properties=(("Arch", "arm64"), ("OSFamily", "linux")),
            ),
        ),
        registries=(
            RegistrySpec(
                name="mine",
                values=(("index", "http://localhost/simple/"), ("kind", "pypi"), ("ports", (1, (("a", 2),)))),
            ),
        ),
    )


def test_values_of_a_configuration_can_be_hashed() -> None:
    config = parse_config(POLYGLOT + "[piot.registry.mine]\nday = 2026-01-01\n", "x.toml")
    assert hash(config) == hash(parse_config(POLYGLOT + "[piot.registry.mine]\nday = 2026-01-01", "x.toml"))


def test_a_long_chain_of_packages_in_the_wrong_order_is_read() -> None:
    count = 3000
    packages = "".join(
        f'[[package]]\nname = "p{i}"\nkind = "crates"\npath = "p{i}"\npaths = ["p{i}/**"]\n'
        f"depends_on = {[f'p{i + 1}'] if i < count - 1 else []}\n"
        for i in range(count)
    )
    config = parse_config("[putitoutthere]\nversion = 1\n" + packages, "x.toml")
    assert (len(config.packages), config.packages[-1].location) == (count, f"x.toml:{3 + 6 * (count - 1)}")


PACKAGES = "".join(
    f'[[package]]\nname = "{name}"\nkind = "crates"\npath = "{name}"\npaths = ["{name}/**"]\n'
    for name in ("a", "b", "c", "d")
)


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("", "", "a b c d"),
        ('path = "b"', 'path = "/b"', "a c d"),
        ('name = "c"\nkind = "crates"', 'name = "c"\nkind = "gem"', "a b d"),
        ('paths = ["c/**"]\n', "", "a b d"),
        ('paths = ["d/**"]\n', 'paths = ["d/**"]\ndepends_on = ["x"]\nenv = 1\n', "a b c d"),
        ('name = "b"', 'name = "a"', "a c d"),
        (PACKAGES, "[package]\nname = 'a'\n", ""),
        (PACKAGES, "[x]\npackage = [1, 2]\n", ""),
        ("[putitoutthere]", "[other]", "a b c d"),
    ],
)
def test_packages_that_can_be_told_what_they_are_are_read_beside_problems(
    old: str, new: str, names: str
) -> None:
    text = f"[putitoutthere]\nversion = 1\n{PACKAGES}"
    config, wrong = config_as_far(text.replace(old, new), "x.toml")
    assert " ".join(package.name for package in config.packages) == names
    assert bool(wrong) == bool(old)


def test_what_is_no_toml_has_no_packages() -> None:
    with pytest.raises(Problems):
        config_as_far("[", "x.toml")
