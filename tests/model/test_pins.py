"""piot.lock: a round trip, every problem at once, the right file for each machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.errors import InputError, MachineError, Problems
from piot.model.pins import PinnedFile, Pins, ToolPin, parse_lock, write_lock
from piot.model.triple import Triple

ROOT = Path(__file__).resolve().parents[2]
SHA256 = "ab" * 32
PLATFORMS = (
    *("manylinux_2_28_x86_64", "manylinux2014_x86_64", "musllinux_1_1_x86_64"),
    *("macosx_11_0_universal2", "macosx_10_12_x86_64", "win_amd64", "win32", "any"),
)

TEXT = st.text(alphabet='abcxyz019.+_"\\é ', min_size=1, max_size=12)
FILES = st.builds(
    PinnedFile,
    filename=st.sampled_from(["a-1-py3-none-any.whl", "a-1-1-cp311-abi3-win32.whl", "b-2-py3-none-any.whl"]),
    sha256=st.sampled_from([SHA256, "0" * 64]),
    size=st.none() | st.integers(0, 1 << 40),
)
TOOLS = st.builds(
    ToolPin,
    name=st.from_regex(r"[a-z](-?[a-z0-9]){0,6}", fullmatch=True),
    ecosystem=st.just("pypi"),
    version=TEXT,
    files=st.lists(FILES, min_size=1, max_size=3, unique_by=lambda file: file.filename).map(
        lambda files: tuple(sorted(files, key=lambda file: file.filename))
    ),
)
PINS = st.lists(TOOLS, max_size=4, unique_by=lambda tool: tool.name).map(
    lambda tools: Pins(tools=tuple(sorted(tools, key=lambda tool: tool.name)))
)


def tool(name: str, *filenames: str, version: str = "1.0") -> ToolPin:
    files = tuple(PinnedFile(filename=filename, sha256=SHA256) for filename in filenames)
    return ToolPin(name=name, ecosystem="pypi", version=version, files=files)


@given(PINS)
def test_what_is_written_is_read_back(pins: Pins) -> None:
    assert parse_lock(write_lock(pins), "piot.lock") == pins


def test_the_text_is_sorted_whatever_the_order() -> None:
    one, two = tool("b", "b-1-py3-none-win32.whl", "b-1-py3-none-any.whl"), tool("a", "a-1-py3-none-any.whl")
    assert write_lock(Pins(tools=(one, two))) == (
        "# Written by `piot lock`: tools from package indexes, pinned by hash. Commit this file.\n"
        "version = 1\n"
        "\n[[tool]]\n"
        'name = "a"\necosystem = "pypi"\nversion = "1.0"\nfiles = [\n'
        f'    {{ filename = "a-1-py3-none-any.whl", sha256 = "{SHA256}" }},\n]\n'
        "\n[[tool]]\n"
        'name = "b"\necosystem = "pypi"\nversion = "1.0"\nfiles = [\n'
        f'    {{ filename = "b-1-py3-none-any.whl", sha256 = "{SHA256}" }},\n'
        f'    {{ filename = "b-1-py3-none-win32.whl", sha256 = "{SHA256}" }},\n]\n'
    )


def test_all_problems_are_told_with_their_lines() -> None:
    text = (
        "version = 1\n"
        "[[tool]]\n"
        'nam = "x"\n'
        'ecosystem = "gems"\n'
        'version = "1"\n'
        "files = [\n"
        '  { filename = "x.tar.gz", sha256 = "AB", size = -1 },\n'
        "]\n"
        "[[tool]]\n"
        'name = "y"\n'
        'ecosystem = "pypi"\n'
        "version = 3\n"
    )
    with pytest.raises(Problems) as caught:
        parse_lock(text, "piot.lock")
    assert str(caught.value) == (
        "piot.lock:2:1: PIOT_LOCK_KEY: unknown key nam\n"
        '    hint: did you mean "name"?\n'
        "piot.lock:2:1: PIOT_LOCK_VALUE: name is missing\n"
        'piot.lock:2:1: PIOT_LOCK_VALUE: ecosystem is "gems", known is "pypi"\n'
        "piot.lock:7:1: PIOT_LOCK_VALUE: 'x.tar.gz' is not the file name of a wheel\n"
        "piot.lock:7:1: PIOT_LOCK_VALUE: sha256 is not 64 lower-case hex digits: 'AB'\n"
        "piot.lock:7:1: PIOT_LOCK_VALUE: size is not a number of bytes: -1\n"
        "piot.lock:9:1: PIOT_LOCK_VALUE: version is not a text\n"
        "piot.lock:9:1: PIOT_LOCK_VALUE: files is missing or empty"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version = 1\nx = ", "piot.lock:2:5: PIOT_LOCK_SYNTAX: Invalid value"),
        (
            "\nversion = 2\n",
            "piot.lock:2:1: PIOT_LOCK_VERSION: version is 2, this piot reads 1\n"
            "    hint: a newer piot wrote it: use that one, or run `piot lock` again",
        ),
        (
            write_lock(
                Pins(tools=(tool("a-b", "a-1-py3-none-any.whl"), tool("a_b", "a-1-py3-none-any.whl")))
            ),
            "piot.lock:12:1: PIOT_LOCK_TWICE: the tool a-b is pinned twice",
        ),
    ],
)
def test_a_lock_that_cannot_be_used_is_refused(text: str, expected: str) -> None:
    with pytest.raises(Problems) as caught:
        parse_lock(text, "piot.lock")
    assert str(caught.value) == expected


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
