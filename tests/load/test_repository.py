"""A checkout as it is read: files, manifests, settings, and all targets in one graph."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.errors import InputError, Problems
from piot.load.repository import (
    Reader,
    Repository,
    builtin_schemas,
    load_targets,
    open_repository,
    read,
    read_repository,
)
from piot.model.label import Label

CONFIG = """\
[putitoutthere]
version = 1

[[package]]
name = "rs"
kind = "crates"
path = "rust"
paths = ["rust/**"]
"""

FILES = {
    "putitoutthere.toml": CONFIG,
    "Cargo.toml": '[workspace]\nmembers = ["rust"]\n',
    "rust/Cargo.toml": '[package]\nname = "rs"\nversion = "0.1.0"\n',
    "rust/src/lib.rs": "",
    "sub/BUILD": 'command(name = "x", argv = ["true"], outputs = [])\n',
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    for path, text in FILES.items():
        write(folder, path, text)
    return folder


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def environ(root: Path, **more: str) -> dict[str, str]:
    return {"PIOT_CONFIG": str(root.parent / "user.toml"), **more}


def opened(root: Path) -> Repository:
    return read_repository(*open_repository(root, environ(root)))


def test_the_checkout_is_found_from_any_folder_in_it(root: Path) -> None:
    reader, config, _ = open_repository(root / "rust/src", environ(root))
    assert reader.root == root
    assert [package.name for package in config.packages] == ["rs"]


def test_another_configuration_file_may_be_named(root: Path) -> None:
    write(root, "other.toml", CONFIG.replace('"rs"', '"other"'))
    _, config, _ = open_repository(root, environ(root), Path("other.toml"))
    assert [package.name for package in config.packages] == ["other"]
    with pytest.raises(InputError, match=r"^no file none\.toml$"):
        open_repository(root, environ(root), Path("none.toml"))


def test_variables_go_over_the_users_file_and_that_over_the_checkouts(root: Path) -> None:
    write(root, "putitoutthere.toml", f'{CONFIG}\n[piot]\njobs = 1\nsandbox = "none"\n')
    settings = open_repository(root, environ(root))[2]
    assert (settings.jobs, settings.sandbox) == (1, "none")
    write(root.parent, "user.toml", '[piot]\njobs = 2\nsandbox = "dir"\n')
    settings = open_repository(root, environ(root))[2]
    assert (settings.jobs, settings.sandbox) == (2, "dir")
    settings = open_repository(root, environ(root, PIOT_JOBS="3"))[2]
    assert (settings.jobs, settings.sandbox) == (3, "dir")


def test_files_and_manifests_are_read_once(root: Path) -> None:
    found = opened(root)
    assert found.tree.paths == tuple(sorted(FILES))
    assert list(found.workspaces[0].members) == ["rust"]
    assert found.texts["rust/Cargo.toml"] == FILES["rust/Cargo.toml"]
    assert "rust/src/lib.rs" not in found.texts


def test_piots_own_folders_are_no_sources(root: Path) -> None:
    write(root, "dist/x", "")
    write(root, ".piot/index", "")
    assert opened(root).tree.paths == tuple(sorted(FILES))


def test_a_text_stands_before_the_disk_when_it_is_overlaid(root: Path) -> None:
    reader = Reader(root)
    assert reader.text("rust/Cargo.toml") == FILES["rust/Cargo.toml"]
    reader.overlay["rust/Cargo.toml"] = "planned"
    assert reader.text("rust/Cargo.toml") == "planned"
    assert reader.text("none") is None and reader.text("Cargo.toml/x") is None


def test_a_manifest_that_is_not_text_is_one_clear_error(root: Path) -> None:
    (root / "rust/Cargo.toml").write_bytes(b"[package]\nname = '\xff'")
    with pytest.raises(InputError) as caught:
        opened(root)
    assert str(caught.value) == "rust/Cargo.toml is not UTF-8 text\n\nhint: byte 18 is wrong"


def test_a_file_that_is_absent_has_no_bytes(root: Path) -> None:
    assert read(root / "none") is None
    assert read(root / "putitoutthere.toml/x") is None
    assert read(root / "rust/src/lib.rs") == b""


def test_targets_of_packages_and_of_build_files_are_one_graph(root: Path) -> None:
    graph = load_targets(opened(root)).graph
    assert [str(target.label) for target in graph.targets] == [*("//rust:crate", "//rust:publish", "//sub:x")]
    assert graph.schema(Label("sub", "x")).name == "command"
    assert graph.schema(Label("rust", "crate")).name == "rust_crate"


def test_the_problems_of_all_build_files_are_told_at_once(root: Path) -> None:
    write(root, "a/BUILD", "nonsense()\n")
    write(root, "b/BUILD", 'command(name = "x")\n')
    with pytest.raises(Problems) as caught:
        load_targets(opened(root))
    assert {problem.path for problem in caught.value.problems} == {"a/BUILD", "b/BUILD"}


def test_a_target_that_a_package_has_already_is_an_error(root: Path) -> None:
    write(root, "rust/BUILD", 'command(name = "crate", argv = ["true"], outputs = [])\n')
    with pytest.raises(Problems) as caught:
        load_targets(opened(root))
    (problem,) = caught.value.problems
    assert (problem.code, problem.message) == ("PIOT_DUPLICATE_TARGET", "//rust:crate is declared twice")


def test_crates_that_test_each_other_make_no_cycle(root: Path) -> None:
    write(
        root,
        "putitoutthere.toml",
        CONFIG + '[[package]]\nname = "testing"\nkind = "crates"\npath = "testing"\npaths = ["testing/**"]\n',
    )
    write(root, "Cargo.toml", '[workspace]\nmembers = ["rust", "testing"]\n')
    write(
        root,
        "rust/Cargo.toml",
        FILES["rust/Cargo.toml"] + '[dev-dependencies]\ntesting = { path = "../testing" }\n',
    )
    write(
        root,
        "testing/Cargo.toml",
        '[package]\nname = "testing"\nversion = "0.1.0"\n'
        '[dependencies]\nrs = { path = "../rust", version = "0.1" }\n',
    )
    write(root, "testing/src/lib.rs", "")
    graph = load_targets(opened(root)).graph
    assert graph[Label("testing", "crate")].deps == (Label("rust", "crate"),)


def test_piots_own_rules_are_known_without_running_them(root: Path) -> None:
    assert {"command", "test", "rust_crate", "maturin_wheel", "maturin_sdist"} <= set(builtin_schemas(root))
