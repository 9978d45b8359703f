"""``piot status``: the table, the object, and the exit code."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.support.loopback import Fault, Reply
from tests.support.released import Released, released
from tests.support.schema import problems
from tests.support.small_files import crate, wheel

Piot = Callable[..., tuple[int, str, str]]

SCHEMAS = Path(__file__).parents[2] / "docs/reference/schemas"

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Released, None, None]:
    with released(tmp_path) as made:
        for name, text in {**made.environ, "NO_PROXY": "127.0.0.1"}.items():
            monkeypatch.setenv(name, text)
        monkeypatch.chdir(made.root)
        yield made


@pytest.fixture
def drifted(checkout: Released) -> Released:
    """core is in sync, my-py was published with other bytes, and js does not answer."""
    checkout.tag("core-v1.0.0", "my-py-v1.0.0", "js-v1.0.0")
    checkout.crates.add("core", "1.0.0", crate("core", "1.0.0"))
    checkout.pypi.add("my-py", *wheel("my_py", "1.0.0", "theirs"))
    filename, data = wheel("my_py", "1.0.0", "ours")
    checkout.write(f"dist/{filename}", data)
    refused = Reply(status=403)
    checkout.npm.faults.append(Fault(what="status", method="GET", path="/", times=99, reply=refused))
    return checkout


def test_the_table_says_what_is_to_be_done(drifted: Released, piot: Piot) -> None:
    code, out, err = piot("status")
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[:2] == [
        "package  tag           registry           state",
        "core     core-v1.0.0   1.0.0 (crates-io)  in sync",
    ]
    assert lines[2] == "my-py    my-py-v1.0.0  1.0.0 (pypi)       different bytes"
    assert lines[3].strip() == "my_py-1.0.0-py3-none-any.whl as built here is not what the registry has"
    assert lines[4].strip().startswith("my_py-1.0.0-py3-none-any.whl: different: ours ")
    assert lines[5:7] == [
        "js       js-v1.0.0     none (npm)         registry unreachable",
        f"{'':44}{drifted.npm.url}/@x%2fjs answered 403: reading it needs credentials",
    ]


def test_drift_is_exit_7_when_asked_for(drifted: Released, piot: Piot) -> None:
    assert piot("status")[0] == 0
    assert piot("status", "--check")[0] == 7
    (drifted.root / "dist/my_py-1.0.0-py3-none-any.whl").unlink()
    assert piot("status", "--check")[0] == 0, "S07: a registry that does not answer is no drift"


@pytest.mark.usefixtures("drifted")
def test_the_object_has_the_names_of_putitoutthere(piot: Piot) -> None:
    code, out, _ = piot("status", "--json")
    said = json.loads(out)
    schema = json.loads((SCHEMAS / "status.schema.json").read_text())
    assert (code, problems(said, schema, schema)) == (0, [])
    core, python, js = said["packages"]
    assert core == {
        "package": "core",
        "kind": "crates",
        "tag": "core-v1.0.0",
        "tagVersion": "1.0.0",
        "registry": "1.0.0",
        "registryUnreachable": False,
        "state": "in sync",
        "drift": False,
        "place": "crates-io",
        "detail": "",
        "artifacts": [],
        "staged": [],
    }
    assert [each["state"] for each in python["artifacts"]] == ["different"]
    assert (js["registryUnreachable"], js["registry"], js["drift"]) == (True, None, False)


@pytest.mark.usefixtures("drifted")
def test_files_of_another_folder_and_another_registry(piot: Piot, tmp_path: Path) -> None:
    filename, data = wheel("my_py", "1.0.0", "theirs")
    (tmp_path / "built").mkdir()
    (tmp_path / "built" / filename).write_bytes(data)
    code, out, _ = piot("status", "--check", "--registry", "pypi", "--artifacts", str(tmp_path / "built"))
    assert (code, out) == (
        0,
        "package  tag           registry      state\nmy-py    my-py-v1.0.0  1.0.0 (pypi)  in sync\n",
    )


@pytest.mark.usefixtures("checkout")
def test_a_registry_that_nobody_knows_is_a_mistake_of_the_command_line(piot: Piot) -> None:
    assert piot("status", "--registry", "nmp") == (
        2,
        "",
        'error: no registry is called "nmp"\n\nhint: did you mean "npm"?\n',
    )
