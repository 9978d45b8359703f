"""piot.lock: a round trip, and every problem at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.errors import Problems
from piot.model.pins import PinnedFile, Pins, ToolPin
from piot.model.pins_text import parse_lock, write_lock

ROOT = Path(__file__).resolve().parents[2]
SHA256 = "ab" * 32
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
