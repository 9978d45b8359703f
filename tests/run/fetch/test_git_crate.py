"""One crate out of a repository: found by name, made whole, its links kept or followed."""

from __future__ import annotations

import tomllib

import pytest

from piot.errors import InputError
from piot.model.fetch import CargoGitFetch
from piot.run.fetch.git_crate import crate_of
from piot.run.fetch.tars import Entry

WORKSPACE = """\
[workspace]
members = ["crates/*"]
[workspace.package]
version = "1.2.3"
edition = "2021"
readme = "README.md"
authors = ["a"]
[workspace.dependencies]
plain = "1"
rich = { version = "2", features = ["x"], default-features = false }
sibling = { path = "crates/sibling", version = "1" }
[workspace.lints.rust]
unsafe_code = "forbid"
[profile.release]
lto = true
"""
MEMBER = """\
[package]
name = "member"
version.workspace = true
edition = { workspace = true }
readme.workspace = true
license = "MIT"
[lints]
workspace = true
[dependencies]
plain.workspace = true
rich = { workspace = true, features = ["y", "x"], optional = true }
sibling = { workspace = true }
own = { version = "3" }
[dev-dependencies]
rich = { workspace = true, default-features = true }
[target.'cfg(unix)'.dependencies]
plain.workspace = true
[features]
f = ["dep:rich"]
"""


def spec(name: str) -> CargoGitFetch:
    return CargoGitFetch(name=name, url="https://git.example/r", revision="ab" * 20)


def entries(**files: str) -> dict[str, Entry]:
    return {path: Entry(data=text.encode()) for path, text in files.items()}


def manifest(files: dict[str, Entry]) -> dict[str, object]:
    return tomllib.loads(files["Cargo.toml"].data.decode())


def test_what_a_member_inherits_is_written_out() -> None:
    whole = entries(**{"Cargo.toml": WORKSPACE, "crates/member/Cargo.toml": MEMBER})
    assert manifest(crate_of(whole, spec("member"))) == {
        "package": {
            "name": "member",
            "version": "1.2.3",
            "edition": "2021",
            "readme": "../../README.md",
            "license": "MIT",
        },
        "lints": {"rust": {"unsafe_code": "forbid"}},
        "dependencies": {
            "plain": {"version": "1"},
            "rich": {"version": "2", "features": ["x", "y"], "default-features": False, "optional": True},
            "sibling": {"version": "1", "path": "../../crates/sibling"},
            "own": {"version": "3"},
        },
        "dev-dependencies": {"rich": {"version": "2", "features": ["x"], "default-features": True}},
        "target": {"cfg(unix)": {"dependencies": {"plain": {"version": "1"}}}},
        "features": {"f": ["dep:rich"]},
    }


def test_a_root_package_is_no_workspace_any_more() -> None:
    root = '[package]\nname = "root"\nversion.workspace = true\n' + WORKSPACE
    files = crate_of(entries(**{"Cargo.toml": root, "src/lib.rs": "x"}), spec("root"))
    assert manifest(files) == {"package": {"name": "root", "version": "1.2.3"}}
    assert files[".cargo-checksum.json"].data == b'{"files":{},"package":null}'
    assert files["src/lib.rs"].data == b"x"


def test_a_workspace_may_be_named_by_its_path() -> None:
    member = '[package]\nname = "m"\nworkspace = "../ws"\nversion.workspace = true\n'
    files = crate_of(entries(**{"ws/Cargo.toml": WORKSPACE, "m/Cargo.toml": member}), spec("m"))
    assert manifest(files) == {"package": {"name": "m", "version": "1.2.3"}}


def test_the_crate_nearest_to_the_top_is_meant() -> None:
    text = '[package]\nname = "m"\nedition = "{}"\n'
    whole = entries(
        **{
            "a/tests/m/Cargo.toml": text.format("2015"),
            "m/Cargo.toml": text.format("2024"),
            "x/Cargo.toml": "= broken",
        }
    )
    assert manifest(crate_of(whole, spec("m"))) == {"package": {"name": "m", "edition": "2024"}}


def test_links_inside_stay_and_links_outside_are_followed() -> None:
    whole = {
        **entries(**{"m/Cargo.toml": '[package]\nname = "m"\n', "m/src/a.rs": "a", "LICENSE": "free"}),
        **entries(**{"shared/x.rs": "x", "shared/deep/y.rs": "y"}),
        "m/src/b.rs": Entry(link="a.rs"),
        "m/LICENSE": Entry(link="../LICENSE.md"),
        "LICENSE.md": Entry(link="LICENSE"),
        "m/src/shared": Entry(link="../../shared"),
        "m/gone": Entry(link="../nothing"),
        "m/etc": Entry(link="/etc/passwd"),
        "m/round": Entry(link="../round"),
        "round": Entry(link="round"),
    }
    files = crate_of(whole, spec("m"))
    assert {path: entry for path, entry in files.items() if not path.endswith((".toml", ".json"))} == {
        "src/a.rs": Entry(data=b"a"),
        "src/b.rs": Entry(link="a.rs"),
        "LICENSE": Entry(data=b"free"),
        "src/shared/x.rs": Entry(data=b"x"),
        "src/shared/deep/y.rs": Entry(data=b"y"),
    }


def test_a_name_that_is_not_there_lists_those_that_are() -> None:
    whole = entries(**{"a/Cargo.toml": '[package]\nname = "a"\n', "b/Cargo.toml": '[package]\nname = "b"\n'})
    with pytest.raises(InputError) as caught:
        crate_of(whole, spec("c"))
    assert str(caught.value) == "no crate c in https://git.example/r at abababababab\n\nhint: it has a and b"
