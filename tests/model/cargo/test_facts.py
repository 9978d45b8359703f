"""What crates and workspaces answer: reach, the stable ABI, the emptiest sources."""

from __future__ import annotations

import pytest

from piot.errors import InputError
from piot.model.cargo.facts import (
    ANY_ABI3,
    Crate,
    PathDependency,
    Workspace,
    abi3_floor,
)
from piot.model.cargo.lockfile import Patch


def crate(directory: str, *needs: str) -> Crate:
    return Crate(
        name=directory,
        version="0.1.0",
        directory=directory,
        manifest=f"{directory}/Cargo.toml",
        path_dependencies=tuple(PathDependency(name=one, directory=one, kind="dev") for one in needs),
    )


WORKSPACE = Workspace(
    root=".",
    manifest="Cargo.toml",
    members={"py": crate("py", "rust"), "rust": crate("rust", "words", "py"), "cli": crate("cli", "rust")},
    others={"words": crate("words"), "fork": crate("fork", "words")},
    lock_path="Cargo.lock",
    patches=(Patch(name="fork", directory="fork"), Patch(name="x", git="https://x")),
)


def test_reach_follows_path_dependencies_of_every_kind_and_survives_cycles() -> None:
    assert [one.directory for one in WORKSPACE.reach("py")] == ["py", "rust", "words"]
    assert WORKSPACE.kept("cli") == ("cli", "py", "rust")
    assert WORKSPACE.patched_paths == ("fork",)
    assert [one.directory for one in WORKSPACE.patched()] == ["fork", "words"]


def test_a_folder_without_a_crate_is_an_error() -> None:
    with pytest.raises(InputError) as wrong:
        WORKSPACE.crate("rusty")
    assert str(wrong.value) == 'there is no crate in rusty\n\nhint: did you mean "rust"?'


@pytest.mark.parametrize(
    ("features", "floor"),
    [
        ((), None),
        (("extension-module", "abi3-extra", "abi3t"), None),
        (("abi3",), ANY_ABI3),
        (("abi3-py310", "abi3", "abi3-py39"), (3, 9)),
    ],
)
def test_pyo3_builds_for_the_lowest_python_that_is_asked_for(
    features: tuple[str, ...], floor: tuple[int, int] | None
) -> None:
    assert abi3_floor(features) == floor


@pytest.mark.parametrize(
    ("features", "defaults", "floor"),
    [
        ((), True, (3, 11)),
        ((), False, None),
        (("pyo3/abi3",), False, ANY_ABI3),
        (("pyo3?/abi3-py38",), True, (3, 8)),
        (("stable",), False, (3, 10)),
        (("py/stable", "loop"), False, (3, 10)),
        (("abi3-extra", "other/abi3"), False, None),
    ],
)
def test_features_may_ask_for_the_stable_abi(
    features: tuple[str, ...], defaults: bool, floor: tuple[int, int] | None
) -> None:
    one = Crate(
        name="py",
        version="0.1.0",
        directory=".",
        manifest="Cargo.toml",
        feature_map=(
            ("default", ("newer",)),
            ("loop", ("loop",)),
            ("newer", ("pyo3/abi3-py311",)),
            ("stable", ("dep:pyo3", "pyo3-ffi/abi3-py310")),
        ),
    )
    assert one.abi3(features, defaults=defaults) == floor
