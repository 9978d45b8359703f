"""Plain Python packages before anything runs: pins that are missing or old, and their versions."""

from __future__ import annotations

import pytest

from piot.app.building.planning import make_plan
from piot.app.building.request import BuildRequest
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.errors import InputError, Problems
from piot.model.build_pins import BuildPins
from piot.model.pins import Pins
from piot.model.pins_text import write_lock
from piot.model.proof import SdistProof, WheelProof
from tests.support.checkout import HOST, Checkout, MakeCheckout
from tests.support.repository import do

CONFIG = """\
[putitoutthere]
version = 1

[[package]]
name = "one"
kind = "pypi"
path = "one"
paths = ["one/"]

[[package]]
name = "two"
kind = "pypi"
build = "hatch"
path = "two"
paths = ["two/"]
first_version = "0.4.0"

[[package]]
name = "three"
kind = "pypi"
build = "setuptools"
path = "three"
paths = ["three/"]
targets = ["aarch64-apple-darwin", { triple = "x86_64-pc-windows-msvc", runner = "our-windows" }, "HOST"]
"""
ONE = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "one"
dynamic = ["version"]

[tool.setuptools.dynamic]
version = { attr = "one.__version__" }
"""
TWO = """\
[build-system]
requires = ["hatchling", "hatch-vcs"]
build-backend = "hatchling.build"

[project]
name = "two"
dynamic = ["version"]

[tool.hatch.version]
source = "vcs"
"""
THREE = """\
[project]
name = "three"
version = "1.0"
"""


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    made = make_checkout()
    texts = {
        "putitoutthere.toml": CONFIG.replace("HOST", HOST),
        "one/pyproject.toml": ONE,
        "two/pyproject.toml": TWO,
        "three/pyproject.toml": THREE,
    }
    for path, text in texts.items():
        made.write(path, text)
    return made


def pins(**requires: tuple[str, ...]) -> str:
    return write_lock(
        Pins(builds=tuple(BuildPins(path=path, requires=each) for path, each in requires.items()))
    )


PINNED = pins(one=("setuptools>=77",), two=("hatch-vcs", "hatchling"), three=("setuptools>=40.8.0",))


def session(checkout: Checkout, **versions: str) -> Session:
    where = Where(directory=checkout.root, environ=checkout.environ)
    return Session(where, lambda _: None, versions=versions)


def proofs(checkout: Checkout, pattern: str, **versions: str) -> list[WheelProof | SdistProof]:
    request = BuildRequest(patterns=(pattern,), dry_run=True)
    plan = make_plan(session(checkout, **versions), request)
    assert plan.unbuildable == ()
    found = [proof for action in plan.actions.values() for _, proof in action.proofs]
    return [each for each in found if isinstance(each, WheelProof | SdistProof)]


def test_all_projects_without_pins_are_told_at_once(checkout: Checkout) -> None:
    checkout.write("piot.lock", pins(two=("hatchling",)))
    with pytest.raises(Problems) as raised:
        make_plan(session(checkout), BuildRequest(patterns=("//...",)))
    assert str(raised.value) == (
        "one/pyproject.toml:2:12: PIOT_NOT_PINNED: piot.lock does not pin the build requirements:"
        " setuptools>=77\n"
        "    hint: run `piot lock one` and commit piot.lock\n"
        "three/pyproject.toml:1:1: PIOT_NOT_PINNED: piot.lock does not pin the build requirements:"
        " setuptools>=40.8.0\n"
        "    hint: run `piot lock three` and commit piot.lock\n"
        "two/pyproject.toml:2:12: PIOT_NOT_PINNED: the build requires hatch-vcs and hatchling,"
        " but piot.lock was made for hatchling\n"
        "    hint: run `piot lock two` and commit piot.lock"
    )
    assert raised.value.exit_code == 3


def test_other_targets_need_no_pins(checkout: Checkout) -> None:
    checkout.write("piot.lock", pins(two=("hatch-vcs", "hatchling")))
    assert len(proofs(checkout, "two")) == 2


def test_without_a_plan_a_version_from_tags_is_the_next_ones(checkout: Checkout) -> None:
    checkout.write("piot.lock", PINNED)
    assert proofs(checkout, "//two:wheel") == [WheelProof(name="two", version="0.4.0.dev0", pure=True)]
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "x"), ("tag", "two-v1.2.3")):
        do(checkout.root, *words)
    assert proofs(checkout, "//two:sdist") == [SdistProof(name="two", version="1.2.4.dev0")]


def test_a_planned_version_is_what_the_back_end_is_told(checkout: Checkout) -> None:
    checkout.write("piot.lock", PINNED)
    request = BuildRequest(patterns=("//two:wheel",), dry_run=True)
    (action,) = make_plan(session(checkout, two="2.0.0-rc.1"), request).actions.values()
    assert dict(action.environment)["SETUPTOOLS_SCM_PRETEND_VERSION"] == "2.0.0rc1"
    assert action.proofs == (("out", WheelProof(name="two", version="2.0.0rc1", pure=True)),)


def test_a_version_in_a_file_is_read_there_and_planned_ones_are_written_into_what_is_staged(
    checkout: Checkout,
) -> None:
    checkout.write("piot.lock", PINNED)
    source = checkout.write("one/src/one/__init__.py", 'import x\n\n__version__ = "1.5.0"\n')
    assert proofs(checkout, "//one:wheel") == [WheelProof(name="one", version="1.5.0", pure=True)]
    assert proofs(checkout, "//one:wheel", one="2.0.0") == [
        WheelProof(name="one", version="2.0.0", pure=True)
    ]
    planned = session(checkout, one="2.0.0").repository.overlay
    assert planned == {"one/src/one/__init__.py": 'import x\n\n__version__ = "2.0.0"\n'}
    assert "1.5.0" in source.read_text()


def test_a_version_that_code_decides_cannot_be_planned(checkout: Checkout) -> None:
    checkout.write("piot.lock", PINNED)
    assert proofs(checkout, "//one:wheel") == [WheelProof(name="one", pure=True)]
    with pytest.raises(InputError) as raised:
        proofs(checkout, "//one:wheel", one="2.0.0")
    assert str(raised.value) == (
        "one has a dynamic version, and piot finds no place to write 2.0.0 to\n\n"
        'hint: write version = "0.0.0" into [project], or take it from tags with hatch-vcs or setuptools-scm'
    )


def test_extension_modules_are_built_on_their_own_platform(checkout: Checkout) -> None:
    checkout.write("piot.lock", PINNED)
    request = BuildRequest(patterns=("//three:wheel",), triples=("all",), dry_run=True)
    plan = make_plan(session(checkout), request)
    lacks = {each.target.triple: str(each.lacks[0]) for each in plan.unbuildable}
    own = f"this machine: is {HOST}, and extension modules are compiled on their own platform"
    assert lacks.pop("aarch64-apple-darwin") == f"{own} (build it on macos-latest)"
    assert lacks.pop("x86_64-pc-windows-msvc") == f"{own} (build it on our-windows)"
    assert [each.target.triple for each in plan.requested] + [*lacks] == [HOST]
