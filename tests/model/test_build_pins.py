"""Build requirements in ``piot.lock``: written, read back, refused."""

from __future__ import annotations

import pytest

from piot.errors import Problems
from piot.model.build_pins import BuildPins
from piot.model.pins import PinnedFile, Pins, ToolPin
from piot.model.pins_text import parse_lock, write_lock

SHA256 = "0f" * 32


def pin(name: str, version: str = "1.0") -> ToolPin:
    file = PinnedFile(filename=f"{name}-{version}-py3-none-any.whl", sha256=SHA256)
    return ToolPin(name=name, ecosystem="pypi", version=version, files=(file,))


def build(path: str, *pins: ToolPin, requires: tuple[str, ...] = (), python: str = "") -> BuildPins:
    return BuildPins(
        path=path, requires=requires, python=python, pins=tuple((each.name, each.version) for each in pins)
    )


OLD, NEW, OTHER = pin("a", "1.0"), pin("a", "2.0"), pin("b")

PINS = Pins(
    tools=(pin("maturin"),),
    requirements=(OLD, NEW, OTHER),
    builds=(
        build(".", OLD),
        build("packages/py", NEW, OTHER, requires=('a[x]>=2; python_version < "3.9"', "b"), python=">=3.9"),
    ),
)

TEXT = f"""\
[[requirement]]
name = "a"
ecosystem = "pypi"
version = "2.0"
files = [
    {{ filename = "a-2.0-py3-none-any.whl", sha256 = "{SHA256}" }},
]

[[requirement]]
name = "b"
ecosystem = "pypi"
version = "1.0"
files = [
    {{ filename = "b-1.0-py3-none-any.whl", sha256 = "{SHA256}" }},
]

[[build]]
path = "."
requires = []
python = ""
pins = [
    "a==1.0",
]

[[build]]
path = "packages/py"
requires = [
    "a[x]>=2; python_version < \\"3.9\\"",
    "b",
]
python = ">=3.9"
pins = [
    "a==2.0",
    "b==1.0",
]
"""


def test_what_is_written_is_read_back() -> None:
    assert write_lock(PINS).endswith(TEXT)
    assert parse_lock(write_lock(PINS), "piot.lock") == PINS


def test_projects_may_need_different_versions() -> None:
    first, second = PINS.builds
    assert (PINS.build("."), PINS.build("nowhere")) == (first, None)
    assert PINS.environment(first) == (OLD,)
    assert PINS.environment(second) == (NEW, OTHER)


def test_new_pins_of_a_build_take_the_place_of_old_ones_and_unused_files_go() -> None:
    fresh = Pins(requirements=(NEW,), builds=(build(".", NEW),)).over(PINS)
    assert fresh.builds == (build(".", NEW), PINS.builds[1])
    assert fresh.requirements == (NEW, OTHER)
    assert fresh.tools == PINS.tools


def test_what_a_package_is_tried_with_stands_beside_what_it_is_built_with() -> None:
    tried = Pins(requirements=(OTHER,), runtimes=(build(".", OTHER, requires=("b",)),))
    both = tried.over(PINS)
    assert both.requirements == PINS.requirements and both.builds == PINS.builds
    assert parse_lock(write_lock(both), "piot.lock") == both
    assert (both.runtime("."), both.runtime("packages/py")) == (tried.runtimes[0], None)
    table = '[[runtime]]\npath = "."\nrequires = ["b"]\npython = ""\npins = ["b==1.0"]\n'
    with pytest.raises(Problems) as caught:
        parse_lock(f"version = 1\n{table}{table}", "piot.lock")
    assert [each.message for each in caught.value.problems] == [
        "pins names b==1.0, which is no [[requirement]]",
        "the runtime of . is pinned twice",
        "pins names b==1.0, which is no [[requirement]]",
    ]


def test_pins_hold_as_long_as_pyproject_asks_for_the_same() -> None:
    both = build("p", requires=("a", "b"))
    assert both.fits(["b", "a"])
    assert not both.fits(["a"])


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ('path = "p"\npins = []\n', "a [[build]] has path, requires, python and pins"),
        (
            'path = "p"\nrequires = [1]\npython = ""\npins = []\n',
            "a [[build]] has path, requires, python and pins",
        ),
        (
            'path = "p"\nrequires = []\npython = ""\npins = ["a=1"]\n',
            "not a pin, such as NAME==1.2.3: 'a=1'",
        ),
        (
            'path = "p"\nrequires = []\npython = ""\npins = ["a==9"]\n',
            "pins names a==9, which is no [[requirement]]",
        ),
    ],
)
def test_a_build_that_cannot_be_read_is_refused(table: str, expected: str) -> None:
    with pytest.raises(Problems) as caught:
        parse_lock(f"version = 1\n[[build]]\n{table}", "piot.lock")
    assert str(caught.value) == f"piot.lock:2:1: PIOT_LOCK_VALUE: {expected}"


def test_what_stands_twice_or_is_unknown_is_refused() -> None:
    plain = 'path = "p"\nrequires = []\npython = ""\npins = []\n'
    requirement = write_lock(Pins(requirements=(OTHER,))).partition("version = 1\n\n")[2]
    text = f"version = 1\n[[build]]\n{plain}[[build]]\n{plain}why = 1\n{requirement}{requirement}"
    with pytest.raises(Problems) as caught:
        parse_lock(text, "piot.lock")
    assert str(caught.value) == (
        "piot.lock:7:1: PIOT_LOCK_KEY: unknown key why\n"
        "piot.lock:7:1: PIOT_LOCK_TWICE: the build of p is pinned twice\n"
        "piot.lock:20:1: PIOT_LOCK_TWICE: b 1.0 is pinned twice"
    )
