"""What piot.lock pins: the right file for each machine, and whose pins win."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.errors import InputError, MachineError
from piot.model.pins import Pins
from piot.model.pins_text import parse_lock, write_lock
from piot.model.triple import Triple
from tests.model.test_pins_text import SHA256, tool

ROOT = Path(__file__).resolve().parents[2]
PLATFORMS = (
    *("manylinux_2_28_x86_64", "manylinux2014_x86_64", "musllinux_1_1_x86_64"),
    *("macosx_11_0_universal2", "macosx_10_12_x86_64", "win_amd64", "win32", "any"),
)


def test_pins_override_the_defaults_tool_by_tool() -> None:
    defaults = Pins(tools=(tool("a", version="1"), tool("b", version="1")))
    mine = Pins(tools=(tool("b", version="2"), tool("c", version="2")))
    merged = mine.over(defaults)
    assert [(pin.name, pin.version) for pin in merged.tools] == [("a", "1"), ("b", "2"), ("c", "2")]
    assert merged.tool("B").version == "2"


@pytest.mark.parametrize(
    ("name", "hint"),
    [("maturing", 'did you mean "maturin"?'), ("wheel", "run `piot lock wheel` and commit piot.lock")],
)
def test_a_tool_that_is_not_pinned_says_what_to_do(name: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        Pins(tools=(tool("maturin"),)).tool(name)
    assert str(caught.value) == f"the tool {name} is not pinned\n\nhint: {hint}"


@pytest.mark.parametrize(
    ("host", "system", "expected"),
    [
        ("x86_64-unknown-linux-gnu", None, "manylinux_2_28_x86_64"),
        ("x86_64-unknown-linux-gnu", (2, 28), "manylinux_2_28_x86_64"),
        ("x86_64-unknown-linux-gnu", (2, 27), "manylinux2014_x86_64"),
        ("x86_64-unknown-linux-musl", (1, 2), "musllinux_1_1_x86_64"),
        ("aarch64-apple-darwin", (14, 0), "macosx_11_0_universal2"),
        ("x86_64-apple-darwin", (10, 15), "macosx_10_12_x86_64"),
        ("x86_64-pc-windows-msvc", None, "win_amd64"),
        ("x86_64-pc-windows-gnu", None, "win_amd64"),
        ("aarch64-pc-windows-msvc", None, "win_amd64"),
        ("i686-pc-windows-msvc", None, "win32"),
        ("x86_64-unknown-freebsd", None, "any"),
    ],
)
def test_the_best_file_for_a_machine_is_taken(
    host: str, system: tuple[int, int] | None, expected: str
) -> None:
    pin = tool("t", *(f"t-1.0-py3-none-{platform}.whl" for platform in PLATFORMS))
    spec = pin.file_for(Triple.parse(host), system=system)
    assert spec.filename == f"t-1.0-py3-none-{expected}.whl"
    assert (spec.project, spec.version, spec.sha256) == ("t", "1.0", SHA256)


def test_wheels_for_a_python_are_taken_by_that_python_only() -> None:
    pin = tool("t", "t-1-cp311-cp311-win_amd64.whl", "t-1-cp39-abi3-win_amd64.whl", "t-1-py3-none-any.whl")
    windows = Triple.parse("x86_64-pc-windows-msvc")
    chosen = [pin.file_for(windows, python=version).filename for version in ((3, 11), (3, 12), (3, 8))]
    assert chosen == [file.filename for file in pin.files]


def test_a_machine_without_a_file_is_told_what_there_is() -> None:
    with pytest.raises(MachineError) as caught:
        tool("t", "t-1.0-py3-none-win32.whl").file_for(Triple.parse("aarch64-apple-darwin"))
    assert str(caught.value) == (
        "t 1.0 has no pinned file for aarch64-apple-darwin\n\nhint: it has t-1.0-py3-none-win32.whl"
    )


@pytest.mark.parametrize("name", ["cargo-zigbuild", "maturin", "ziglang"])
@pytest.mark.parametrize(
    "host",
    [
        "x86_64-unknown-linux-gnu",
        "aarch64-unknown-linux-gnu",
        "x86_64-apple-darwin",
        "aarch64-apple-darwin",
    ],
)
def test_the_built_in_pins_serve_the_common_machines(name: str, host: str) -> None:
    text = (ROOT / "toolchains" / "tools.lock").read_text(encoding="utf-8")
    pins = parse_lock(text, "toolchains/tools.lock")
    assert write_lock(pins) == text
    assert "://" not in text
    system = (2, 17) if "linux" in host else (13, 0)
    assert pins.tool(name).file_for(Triple.parse(host), system=system).project == name
