"""Everything that a plan needs is fetched before anything runs."""

from __future__ import annotations

import io
import threading
import zipfile
from pathlib import Path
from typing import cast

import pytest

from piot.errors import MachineError
from piot.model.action import CommandAction, Mount, Output, Unpacked
from piot.model.digest import Digest
from piot.model.events import Event, FetchFinished, FetchStarted
from piot.model.fetch import Fetch, PypiFetch
from piot.model.plan import BuildPlan
from piot.run.fetch.fetcher import Fetcher
from piot.run.inputs import Stager
from piot.run.prefetch import AT_ONCE, fetch_all
from piot.run.stores.local import LocalStore


def wheel(name: str) -> PypiFetch:
    return PypiFetch(project=name, version="1", filename=f"{name}-1-py3-none-any.whl", sha256="0" * 64)


class Wheels:
    """Makes a wheel of whatever is asked for, but for ``broken``."""

    def __init__(self, store: LocalStore, *, broken: str = "", known: tuple[str, ...] = ()) -> None:
        self.store = store
        self.broken = broken
        self.known = set(known)
        self.asked: list[str] = []

    def fetch(self, spec: Fetch) -> Digest:
        self.asked.append(spec.name)
        if spec.name == self.broken:
            raise MachineError(f"{spec.name} cannot be had")
        self.known.add(spec.name)
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr(zipfile.ZipInfo(f"{spec.name}.py"), "pass")
        return self.store.put_bytes(data.getvalue())

    def has(self, spec: Fetch) -> bool:
        return spec.name in self.known


def plan(*archives: Fetch | Output) -> BuildPlan:
    actions = {
        str(number): CommandAction(
            id=str(number),
            label="//a:b",
            triple=None,
            mnemonic="x",
            argv=(),
            environment=(),
            inputs=(),
            mounts=(Mount(name="m", entries=(("", Unpacked(archive=archive, kind="wheel")),)),),
        )
        for number, archive in enumerate(archives)
    }
    return BuildPlan(actions=actions, requested=())


def fetched(store: LocalStore, wheels: Wheels, wanted: BuildPlan) -> tuple[tuple[int, int], list[Event]]:
    said: list[Event] = []
    fetcher = cast("Fetcher", wheels)
    return fetch_all(fetcher, Stager(store, fetcher), store, wanted, said.append), said


def test_what_is_missing_is_fetched_once_and_unpacked(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    wheels = Wheels(store, known=("b",))
    made = Output(action="0", path="out")
    counts, said = fetched(store, wheels, plan(wheel("a"), wheel("b"), wheel("a"), made))
    assert counts == (2, 1)
    assert set(wheels.asked) == {"a"}
    assert len(list((tmp_path / "trees").rglob("a.py"))) == 1
    assert [type(each) for each in said] == [FetchStarted, FetchFinished]


def test_nothing_is_asked_for_when_all_is_there(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    wheels = Wheels(store, known=("a",))
    assert fetched(store, wheels, plan(wheel("a"))) == ((1, 0), [])
    assert wheels.asked == []


def test_the_first_error_ends_it_and_what_had_not_begun_is_left(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    wheels = Wheels(store, broken="bad")
    names = ["bad", *(f"good{number}" for number in range(200))]
    with pytest.raises(MachineError, match="bad cannot be had"):
        fetched(store, wheels, plan(*map(wheel, names)))
    assert len(set(wheels.asked)) < len(names)
    assert not [each for each in threading.enumerate() if each.name.startswith("fetch")]


def test_as_many_downloads_run_at_once_as_may_and_no_more(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    together = threading.Barrier(AT_ONCE, timeout=20)
    guard, running, most = threading.Lock(), set[str](), 0

    class Slow(Wheels):
        def fetch(self, spec: Fetch) -> Digest:
            nonlocal most
            if spec.name in self.known:
                return super().fetch(spec)
            with guard:
                self.known.add(spec.name)
                running.add(spec.name)
                most = max(most, len(running))
            together.wait()
            with guard:
                running.remove(spec.name)
            return super().fetch(spec)

    fetched(store, Slow(store), plan(*(wheel(f"w{number}") for number in range(3 * AT_ONCE))))
    assert most == AT_ONCE
