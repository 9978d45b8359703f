"""What the registries of a checkout have already, for a plan."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from piot.app.releasing.past_facts import Versions
from piot.app.releasing.places import subject
from piot.app.releasing.registry_answers import RegistryAnswers
from piot.app.releasing.release_plan import PlanRequest, proposed
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.model.package import Package
from piot.release.observe.asking import Unreadable
from tests.support.loopback import Fault, Reply
from tests.support.released import Released, released
from tests.support.small_files import crate

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")


def session(checkout: Released, *, offline: bool = False) -> Session:
    where = Where(directory=checkout.root, environ=checkout.environ, offline=offline)
    return Session(where, lambda _: None)


def test_versions_are_those_of_the_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with released(tmp_path) as checkout:
        opened = session(checkout)
        core, python, js = opened.config.packages
        for version in ("0.9.0", "1.0.0-rc.1"):
            checkout.crates.add("core", version, crate("core", version))
        checkout.pypi.faults.append(
            Fault(what="status", method="GET", path="/simple/", times=9, reply=Reply(status=403))
        )
        with closing(RegistryAnswers(opened)) as answers:
            found = answers.versions((core, python, js))
            assert (found["core"], found["js"]) == (("0.9.0", "1.0.0-rc.1"), ())
            assert isinstance(found["my-py"], Unreadable)
        with closing(RegistryAnswers(session(checkout, offline=True))) as answers:
            assert answers.versions((core, python, js)) == {}


@pytest.mark.parametrize(
    ("path", "text", "own"),
    [
        ("core/Cargo.toml", '[package]\npublish = ["corp"]\n', "corp"),
        ("core/Cargo.toml", '[package]\npublish = ["corp", "other"]\n', None),
        ("core/Cargo.toml", "[package\n", None),
        ("js/package.json", '{"publishConfig": {"registry": "http://127.0.0.1:1/"}}', "http://127.0.0.1:1/"),
        ("js/package.json", '{"publishConfig": 1}', None),
    ],
)
def test_a_manifest_can_name_its_registry(tmp_path: Path, path: str, text: str, own: str | None) -> None:
    with released(tmp_path) as checkout:
        checkout.write(path, text.encode())
        opened = session(checkout)
        (package,) = (each for each in opened.config.packages if path.startswith(f"{each.path}/"))
        assert subject(opened, package).own == own


@pytest.mark.parametrize(
    ("shared", "own"), [('["corp"]', "corp"), ('["corp", "other"]', None), ("true", None)]
)
def test_a_crate_inherits_the_registry_of_its_workspace(tmp_path: Path, shared: str, own: str | None) -> None:
    with released(tmp_path) as checkout:
        root = f'[workspace]\nmembers = ["core"]\n\n[workspace.package]\npublish = {shared}\n'
        checkout.write("Cargo.toml", root.encode())
        crate = '[package]\nname = "core"\nversion = "1.0.0"\nedition = "2021"\npublish.workspace = true\n'
        checkout.write("core/Cargo.toml", crate.encode())
        opened = session(checkout)
        assert subject(opened, opened.config.packages[0]).own == own


@pytest.mark.parametrize(
    ("known", "planned"),
    [
        ((), True),
        (("0.1.0",), True),
        (("0.0.9",), False),
        (("0.0.9", "0.1.0"), False),
    ],
)
def test_a_first_release_stops_where_others_were_before_but_not_at_its_own_half(
    tmp_path: Path, known: tuple[str, ...], planned: bool
) -> None:
    """A run that died between upload and tag leaves the first version without a tag."""
    with released(tmp_path) as checkout:

        def published(packages: Sequence[Package]) -> dict[str, Versions]:
            return {each.name: known if each.name == "core" else () for each in packages}

        found = proposed(session(checkout), PlanRequest(), published)
        said = [each.message for each in found.findings if each.code == "PIOT_ADOPT"]
        highest = "".join(known[:1])
        wrong = f"core has no release tag, but its registry has {highest}: 0.1.0 would be wrong"
        assert said == ([] if planned else [wrong])
