"""Wheels through pip: the file that was pinned, whatever machine pip runs on."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from piot.errors import InputError, MachineError
from piot.model.fetch import PypiFetch
from piot.run.fetch.pypi import download, pip_target

Reply = tuple[int, dict[str, str], bytes]
Serve = Callable[[Callable[[str, dict[str, str]], Reply]], str]


def wheel(platform: str) -> tuple[str, bytes]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("t.py", platform)
        archive.writestr("t-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: t\nVersion: 1.0\n")
        archive.writestr("t-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        archive.writestr("t-1.0.dist-info/RECORD", "")
    return f"t-1.0-py3-none-{platform}.whl", buffer.getvalue()


WHEELS = dict(
    wheel(platform) for platform in ("win_arm64", "macosx_11_0_arm64", "manylinux_2_17_s390x", "any")
)


def index(path: str, _headers: dict[str, str]) -> Reply:
    """A PEP 503 index of the project ``t``, which nobody may run on an old Python."""
    if path == "/simple/t/":
        links = (
            f'<a href="/files/{name}#sha256={hashlib.sha256(data).hexdigest()}" '
            f'data-requires-python="&gt;=3.99">{name}</a>'
            for name, data in WHEELS.items()
        )
        return 200, {"Content-Type": "text/html"}, f"<!DOCTYPE html><body>{''.join(links)}</body>".encode()
    name = path.removeprefix("/files/")
    return (200, {}, WHEELS[name]) if name in WHEELS else (404, {}, b"")


def environment(url: str, folder: Path) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("PIP_", "SSL_"))}
    own = {"PIP_INDEX_URL": f"{url}/simple", "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0"}
    return {**kept, **own, "PIP_CACHE_DIR": str(folder)}


def spec(filename: str, sha256: str | None = None) -> PypiFetch:
    data = sha256 or hashlib.sha256(WHEELS[filename]).hexdigest()
    return PypiFetch(project="t", version="1.0", filename=filename, sha256=data)


@pytest.mark.parametrize(
    "filename", ["t-1.0-py3-none-win_arm64.whl", "t-1.0-py3-none-manylinux_2_17_s390x.whl"]
)
def test_the_pinned_file_comes_for_any_platform(filename: str, serve: Serve, tmp_path: Path) -> None:
    assert download(spec(filename), env=environment(serve(index), tmp_path)) == WHEELS[filename]


def test_a_hash_that_the_index_does_not_have_is_refused(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(MachineError) as caught:
        download(spec("t-1.0-py3-none-any.whl", "0" * 64), env=environment(serve(index), tmp_path))
    message, hint = caught.value.message, caught.value.hint
    assert message.startswith("pip could not get t 1.0 (t-1.0-py3-none-any.whl):\n")
    assert "0" * 64 in message
    assert hint == "see `pip config list` for the index in use; `piot lock` pins files that it has"


@pytest.mark.parametrize(
    ("filename", "options"),
    [
        ("t-1-py3-none-any.whl", "--platform any --implementation py --python-version 3.7 --abi none"),
        ("t-1-py2.py3-none-any.whl", "--platform any --implementation py --python-version 3.7 --abi none"),
        (
            "t-1-cp311-cp311-win_amd64.whl",
            "--platform win_amd64 --implementation cp --python-version 311 --abi cp311",
        ),
        ("t-1-cp39-abi3-win32.whl", "--platform win32 --implementation cp --python-version 39 --abi abi3"),
        (
            "t-1-py3-none-manylinux_2_12_x86_64.manylinux2010_x86_64.whl",
            "--platform manylinux2010_x86_64 --platform manylinux_2_12_x86_64 "
            "--implementation py --python-version 3.7 --abi none",
        ),
    ],
)
def test_pip_is_told_the_tags_of_the_file(filename: str, options: str) -> None:
    assert " ".join(pip_target(filename)) == options


def test_only_wheels_can_be_taken() -> None:
    with pytest.raises(InputError) as caught:
        pip_target("t-1.tar.gz")
    assert str(caught.value) == "not the file name of a wheel: t-1.tar.gz"
