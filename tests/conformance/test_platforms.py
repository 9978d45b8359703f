"""N01 to N24, M01 to M08, L01 to L06: what npm and Linux wheels call a platform."""

from __future__ import annotations

import pytest

from piot.errors import InputError, Problems
from piot.load.config import parse_config
from piot.model.package import NpmBuild, NpmMode, TargetSpec
from piot.model.platforms import PLATFORMS
from piot.model.python.manylinux import applies, compatibility
from piot.model.triple import Triple
from tests.conformance.cases import Case
from tests.model.test_triple import FAMILY
from tests.support.matrices import HEAD, package, targets

CASES = (
    *(Case(f"N{number:02}") for number in range(1, 24)),
    Case(
        "N24", "≠", "those that npm can express are built; what piot does not know is an error with near ones"
    ),
    *(Case(f"M{number:02}") for number in range(1, 6)),
    Case("M06", "≠", "an error: a template with {scope} needs a name that has one"),
    Case("M07"),
    Case("M08", "≠", "{os}, {cpu} and {libc} are placeholders; another one is an error that lists all"),
    *(Case(f"L{number:02}") for number in range(1, 7)),
)

SPELLED = [
    pytest.param(spelling, rust, system, cpu, libc, id=f"N{2 * row + place + 1:02}")
    for row, (napi, rust, system, cpu, libc) in enumerate(FAMILY[:10])
    for place, spelling in enumerate((napi, rust))
]


@pytest.mark.parametrize(("spelling", "rust", "system", "cpu", "libc"), SPELLED)
def test_n01_to_n20_every_spelling(
    spelling: str, rust: str, system: str, cpu: str, libc: tuple[str, ...]
) -> None:
    triple = Triple.parse(spelling)
    found = (triple.text, triple.npm_os, triple.npm_cpu, triple.npm_libc)
    assert found == (rust, (system,), (cpu,), libc)


@pytest.mark.parametrize(
    ("spelling", "rust", "libc"),
    [
        pytest.param("X86_64-UNKNOWN-LINUX-GNU", "x86_64-unknown-linux-gnu", ("glibc",), id="N21"),
        pytest.param("linux-arm-gnueabihf", "armv7-unknown-linux-gnueabihf", ("glibc",), id="N22"),
        pytest.param("darwin-arm64", "aarch64-apple-darwin", (), id="N23"),
    ],
)
def test_n21_to_n23(spelling: str, rust: str, libc: tuple[str, ...]) -> None:
    triple = Triple.parse(spelling)
    assert (triple.text, triple.npm_libc) == (rust, libc)


@pytest.mark.parametrize(
    "spelling",
    [
        *("i686-pc-windows-msvc", "x86_64-pc-windows-gnu", "universal2-apple-darwin", "win32-ia32-msvc"),
        *("riscv64gc-unknown-linux-gnu", "powerpc64le-unknown-linux-gnu", "s390x-unknown-linux-gnu"),
        *("x86_64-unknown-freebsd", "aarch64-linux-android"),
    ],
)
def test_n24_what_npm_can_express_is_known(spelling: str) -> None:
    triple = Triple.parse(spelling)
    assert triple.text in PLATFORMS
    assert triple.npm_os
    assert triple.npm_cpu


@pytest.mark.parametrize("spelling", ["wasm32-wasi", "wasm32-wasip1-threads"])
def test_n24_wasm_runs_on_every_system(spelling: str) -> None:
    assert (Triple.parse(spelling).npm_os, Triple.parse(spelling).npm_cpu) == ((), ("wasm32",))


def test_n24_an_unknown_one_is_an_error_that_names_it() -> None:
    with pytest.raises(InputError, match='unknown triple "arm-unknown-linux-gnueabihf"'):
        Triple.parse("arm-unknown-linux-gnueabihf")


@pytest.mark.parametrize(
    ("template", "name", "spelled", "mode", "found"),
    [
        pytest.param(
            None, "my-cli", "x86_64-unknown-linux-gnu", "napi", "my-cli-x86_64-unknown-linux-gnu", id="M01"
        ),
        pytest.param(None, "@myorg/core", "linux-x64-gnu", "napi", "@myorg/core-linux-x64-gnu", id="M02"),
        pytest.param(
            "{name}-napi-{triple}", "my-cli", "linux-x64-gnu", "napi", "my-cli-napi-linux-x64-gnu", id="M03"
        ),
        pytest.param(
            "@{scope}/{base}-{mode}-{triple}",
            "@myorg/core",
            "darwin-arm64",
            "bundled-cli",
            "@myorg/core-bundled-cli-darwin-arm64",
            id="M04",
        ),
        pytest.param(
            "{base}-{triple}", "@myorg/core", "linux-x64-gnu", "napi", "core-linux-x64-gnu", id="M05"
        ),
    ],
)
def test_m01_to_m05_names_of_platform_packages(
    template: str | None, name: str, spelled: str, mode: NpmMode, found: str
) -> None:
    build = NpmBuild(mode=mode) if template is None else NpmBuild(mode=mode, name=template)
    assert build.platform_name(name, TargetSpec(triple=Triple.parse(spelled), written=spelled)) == found


@pytest.mark.parametrize(
    ("template", "message"),
    [
        pytest.param("{scope}/{base}-{triple}", 'needs a scope, but "core" has none', id="M06"),
        pytest.param("{name}", "{triple}", id="M07"),
        pytest.param("{name}-{system}-{triple}", "{system}", id="M08"),
    ],
)
def test_m06_to_m08_templates_that_cannot_be(template: str, message: str) -> None:
    build = f'build = [{{ mode = "napi", name = "{template}" }}]'
    text = HEAD + package("core", "npm", ".", build, targets("linux-x64-gnu"))
    with pytest.raises(Problems) as error:
        parse_config(text, "putitoutthere.toml")
    assert [problem.code for problem in error.value.problems] == ["PIOT_NAME_TEMPLATE"]
    assert message in str(error.value)


GNU, MUSL = "x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl"


@pytest.mark.parametrize(
    ("triple", "policy", "stamped"),
    [
        pytest.param(GNU, "2_28", True, id="L01-gnu"),
        pytest.param("armv7-unknown-linux-gnueabihf", "2014", True, id="L01-armv7"),
        pytest.param(MUSL, "2_28", False, id="L02-musl"),
        pytest.param(GNU, "musllinux_1_2", False, id="L02-gnu"),
        pytest.param("aarch64-apple-darwin", "2014", False, id="L02-darwin"),
        pytest.param("x86_64-pc-windows-gnu", "auto", False, id="L02-windows"),
        pytest.param(MUSL, "musllinux_1_2", True, id="L03"),
    ],
)
def test_l01_to_l03_a_policy_is_about_one_libc(triple: str, policy: str, stamped: bool) -> None:
    assert applies(policy, Triple.parse(triple)) == stamped


@pytest.mark.parametrize("policy", ["auto", "1", "2010", "2014", "2_17", "2_28", "musllinux_1_2"])
def test_l04_policies(policy: str) -> None:
    text = HEAD + package("p", "pypi", ".", 'build = "maturin"', targets(GNU), f'manylinux = "{policy}"')
    (found,) = parse_config(text, "putitoutthere.toml").packages
    assert found.settings.manylinux == policy  # type: ignore[union-attr]  # a package for PyPI


@pytest.mark.parametrize("policy", ["2.28", "manylinux2014", "musllinux"])
def test_l05_what_is_no_policy(policy: str) -> None:
    text = HEAD + package("p", "pypi", ".", 'build = "maturin"', targets(GNU), f'manylinux = "{policy}"')
    with pytest.raises(Problems) as error:
        parse_config(text, "putitoutthere.toml")
    assert [problem.code for problem in error.value.problems] == ["PIOT_MANYLINUX"]


@pytest.mark.parametrize(
    ("policy", "triple", "asked"),
    [
        ("1", GNU, "manylinux1"),
        ("2010", GNU, "manylinux2010"),
        ("2014", GNU, "manylinux2014"),
        ("2_28", GNU, "manylinux_2_28"),
        ("musllinux_1_2", MUSL, "musllinux_1_2"),
        ("auto", GNU, "manylinux_2_17"),
        ("", GNU, "manylinux_2_17"),
    ],
)
def test_l06_maturin_is_told_the_tag_that_the_wheel_must_have(policy: str, triple: str, asked: str) -> None:
    assert compatibility(policy, Triple.parse(triple), "2.17") == asked


def test_m08_a_system_is_a_placeholder() -> None:
    build = NpmBuild(mode="napi", name="{name}-{os}-{triple}")
    spec = TargetSpec(triple=Triple.parse("linux-x64-gnu"), written="linux-x64-gnu")
    assert build.platform_name("core", spec) == "core-linux-linux-x64-gnu"
