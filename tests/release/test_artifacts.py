"""The files of a folder that are to be published."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from piot.errors import InputError
from piot.model.package import CratesSettings, NpmBuild, NpmSettings, Package, PypiSettings, TargetSpec
from piot.model.triple import Triple
from piot.release.artifacts import find
from tests.support.small_files import crate, sdist, tgz, wheel

LINUX = TargetSpec(triple=Triple.parse("x86_64-unknown-linux-gnu"), written="linux-x64-gnu")
PACKAGES = (
    Package(name="c", kind="crates", path="c", paths=("c",), settings=CratesSettings(crate="my-crate")),
    Package(name="p", kind="pypi", path="p", paths=("p",), settings=PypiSettings(pypi="My.Py")),
    Package(
        name="n",
        kind="npm",
        path="n",
        paths=("n",),
        settings=NpmSettings(npm="@x/n", build=(NpmBuild(mode="napi"),), targets=(LINUX,)),
    ),
)


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def test_every_file_is_known_by_its_name_or_by_what_is_in_it(tmp_path: Path) -> None:
    filename, data = wheel("my_py", "1.0.0rc1")
    write(
        tmp_path,
        {
            "my-crate-1.0.0-rc.1.crate": crate("my-crate", "1.0.0-rc.1"),
            filename: data,
            "deep/my_py-1.0.0rc1.tar.gz": sdist("my_py", "1.0.0rc1"),
            "x-n-1.0.0-rc.1.tgz": tgz("@x/n", "1.0.0-rc.1"),
            "x-n-linux-x64-gnu-1.0.0-rc.1.tgz": tgz("@x/n-linux-x64-gnu", "1.0.0-rc.1"),
            "other-1.0.0.crate": crate("other", "1.0.0"),
            "other-1.0.0.tar.gz": sdist("other", "1.0.0"),
            "other-1.0.0.tgz": tgz("other", "1.0.0"),
            "readme.txt": b"",
        },
    )
    found = [each.artifact for each in find(tmp_path, PACKAGES)]
    assert [(each.package, each.kind, each.registry_name, each.version, each.file) for each in found] == [
        ("p", "sdist", "My.Py", "1.0.0rc1", "my_py-1.0.0rc1.tar.gz"),
        ("c", "crate", "my-crate", "1.0.0-rc.1", "my-crate-1.0.0-rc.1.crate"),
        ("p", "wheel", "My.Py", "1.0.0rc1", "my_py-1.0.0rc1-py3-none-any.whl"),
        ("n", "npm-package", "@x/n", "1.0.0-rc.1", "n-1.0.0-rc.1.tgz"),
        ("n", "npm-platform", "@x/n-linux-x64-gnu", "1.0.0-rc.1", "n-linux-x64-gnu-1.0.0-rc.1.tgz"),
    ]
    by_file = {each.file: each for each in found}
    assert by_file[filename].sha256 == hashlib.sha256(data).hexdigest()
    assert (by_file["n-1.0.0-rc.1.tgz"].integrity or "").startswith("sha512-")


def test_one_name_is_one_file(tmp_path: Path) -> None:
    write(tmp_path, {"a/x-n-1.0.0.tgz": tgz("@x/n", "1.0.0"), "b/n.tgz": tgz("@x/n", "1.0.0")})
    assert len(find(tmp_path, PACKAGES)) == 1
    write(tmp_path, {"b/n.tgz": tgz("@x/n", "1.0.0", "other")})
    with pytest.raises(InputError) as caught:
        find(tmp_path, PACKAGES)
    assert str(caught.value) == (
        f"{tmp_path}/a/x-n-1.0.0.tgz and {tmp_path}/b/n.tgz are different files of one name"
        "\n\nhint: keep the one that is to be published"
    )


def test_a_tarball_that_is_none_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"n.tgz": b"cut off"})
    with pytest.raises(InputError) as caught:
        find(tmp_path, PACKAGES)
    assert str(caught.value) == f"{tmp_path}/n.tgz is no package of npm: its package.json cannot be read"


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert find(tmp_path / "none", PACKAGES) == ()
