"""Which Pythons a requires-python means, and how versions are spelled for PyPI."""

from __future__ import annotations

import pytest

from piot.errors import InputError
from piot.model.python.pyproject import Maturin, Pyproject, python_tag, python_version, python_versions

ALL = "3.8 3.9 3.10 3.11 3.12 3.13 3.14"


@pytest.mark.parametrize(
    ("requires", "found"),
    [
        (">=3.10", "3.10 3.11 3.12 3.13 3.14"),
        (">=3.9,<3.12", "3.9 3.10 3.11"),
        ("~=3.11", "3.11 3.12 3.13 3.14"),
        ("==3.12", "3.12"),
        ("===3.12", "3.12"),
        (">3.11,<=3.13", "3.12 3.13"),
        (">=3.10,!=3.12", "3.10 3.11 3.13 3.14"),
        ("==3.*", ALL),
        (">=3", ALL),
        (">=3.7", ALL),
        (">=3.8,<4", ALL),
        ("==3.11.*", "3.11"),
        ("!=3.11.*,>=3.10", "3.10 3.12 3.13 3.14"),
        ("<3.10", "3.8 3.9"),
        (">=3.11.0", "3.11 3.12 3.13 3.14"),
        (" >= 3.10 , <3.13", "3.10 3.11 3.12"),
        (">=3.10.5", "3.10 3.11 3.12 3.13 3.14"),
        ("~=3.10.2", "3.10"),
        ("~=3.8.0", "3.8"),
        (">=3.9,!=3.9.0", "3.9 3.10 3.11 3.12 3.13 3.14"),
        (">3.9.0,<3.9.2", "3.9"),
        (None, "3.12"),
    ],
)
def test_requires_python_means_minor_versions(requires: str | None, found: str) -> None:
    assert " ".join(python_versions(requires)) == found


@pytest.mark.parametrize(
    ("requires", "message"),
    [
        (
            "==3.11.4",
            'requires-python "==3.11.4" pins one patch release\n\n'
            "hint: name the minor version, as in ==3.12.*",
        ),
        (
            ">=3.15",
            'no Python that piot knows satisfies requires-python ">=3.15"\n\nhint: known are 3.8 to 3.14',
        ),
        ("", 'no Python that piot knows satisfies requires-python ""\n\nhint: known are 3.8 to 3.14'),
        (
            "^3.9",
            'requires-python is "^3.9", which is no version specifier\n\nhint: write it as in ">=3.9,<4"',
        ),
    ],
)
def test_a_requires_python_that_leaves_nothing_is_an_error(requires: str, message: str) -> None:
    with pytest.raises(InputError) as wrong:
        python_versions(requires)
    assert str(wrong.value) == message


@pytest.mark.parametrize(
    ("cargo", "python"),
    [
        ("1.3.0", "1.3.0"),
        ("1.3.0-rc.1", "1.3.0rc1"),
        ("1.3.0-alpha.2", "1.3.0a2"),
        ("1.3.0-beta", "1.3.0b0"),
        ("1.3.0-dev.4", "1.3.0.dev4"),
        ("1.3.0+abc.1", "1.3.0+abc.1"),
    ],
)
def test_versions_are_spelled_as_pep_440_says(cargo: str, python: str) -> None:
    assert python_version(cargo) == python


@pytest.mark.parametrize("version", ["1.0.0-1", "1.0.0-nightly", "1.0.0-rc.1.2"])
def test_a_version_that_python_cannot_say_is_refused(version: str) -> None:
    with pytest.raises(InputError) as wrong:
        python_version(version)
    assert str(wrong.value) == (
        f'a Python package cannot have the version "{version}" (PEP 440)\n\n'
        "hint: use alpha, beta, rc or dev with a number, as in 1.3.0-rc.1"
    )


def test_maturin_may_build_a_crate_elsewhere() -> None:
    project = Pyproject(directory="packages/py", maturin=Maturin(manifest_path="../rust/Cargo.toml"))
    assert project.crate_directory == "packages/rust"
    assert Pyproject(directory=".").crate_directory == "."
    assert [Maturin(bindings=one).interpreter_free for one in (None, "pyo3", "bin", "cffi")] == [
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("settings", "staged", "ships"),
    [
        pytest.param(Maturin(), "./pkg/_binary/tool", True, id="X10"),
        pytest.param(Maturin(python_source="python"), "pythonx/pkg/tool", False, id="X11 begins alike"),
        pytest.param(
            Maturin(python_source="python", include=("pythonx/pkg/*",)), "pythonx/pkg/tool", True, id="X11"
        ),
        pytest.param(Maturin(include=("pkg/_binary/**",)), "pkg/_binary/tool", True, id="X12"),
        pytest.param(Maturin(include=("pkg/*",)), "pkg/_binary/tool", True, id="X13"),
        pytest.param(Maturin(include=("other/**",)), "bin/tool", False, id="X14"),
    ],
)
def test_where_a_program_is_staged_decides_whether_a_wheel_has_it(
    settings: Maturin, staged: str, *, ships: bool
) -> None:
    """X10 to X14: it is in the package, or a pattern takes it.

    X12 and X13 are in the package; their patterns alone take no file, as the rows below show.
    """
    assert settings.ships(staged, "pkg") is ships


@pytest.mark.parametrize(
    ("settings", "ships"),
    [
        (Maturin(python_source="py", module_name="pkg._core"), True),
        (Maturin(python_source="./py/", module_name="pkg"), True),
        (Maturin(python_source="py"), True),  # the module is called as the crate is
        (Maturin(module_name="pkg._core"), False),
        (Maturin(python_source="src", module_name="pkg._core"), False),
        (Maturin(python_source="py", module_name="pkgs"), False),
        (Maturin(include=("**/*",)), True),
        (Maturin(include=("py/pkg/**/*",)), True),
        (Maturin(include=("py/pkg/_bin/**",)), False),
        (Maturin(include=("py/pkg/_bin/tool",)), True),
        (Maturin(include=("py/*",)), False),
        (Maturin(include=("other/**",)), False),
    ],
)
def test_what_maturin_takes_into_a_wheel(settings: Maturin, *, ships: bool) -> None:
    assert settings.ships("py/pkg/_bin/tool", "pkg") is ships


@pytest.mark.parametrize(
    ("version", "tag"), [("3.12", "cp312"), ("3.14t", "cp314t"), ("pypy3.11", "pp311"), ("3.9", "cp39")]
)
def test_the_tag_of_a_python(version: str, tag: str) -> None:
    assert python_tag(version) == tag
