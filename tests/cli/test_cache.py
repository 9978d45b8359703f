"""``piot cache``: what the store holds, and taking things out of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from piot.model.digest import Digest
from piot.model.result import ActionResult, OutputFile
from piot.run.history import History
from piot.run.stores.local import LocalStore

Piot = Callable[..., tuple[int, str, str]]

KEYS = [Digest.of(text) for text in (b"a", b"b", b"c", b"d")]
DATA = b"x" * 100


@pytest.fixture
def store(outside: Path) -> LocalStore:
    """A store with one blob that the results of all keys name."""
    store = LocalStore(outside.parent / "cache" / "store")
    blob = store.put_bytes(DATA)
    for key in KEYS:
        store.put_result(key, ActionResult(files=(OutputFile(path="x", digest=blob, executable=False),)))
    store.close()
    return store


def test_an_empty_cache_is_told_without_making_one(outside: Path, piot: Piot) -> None:
    folder = outside.parent / "cache" / "store"
    assert piot("cache", "info") == (
        0,
        f"folder:          {folder}\nresults:         0\nblobs:           0, 0 B\n"
        "unpacked trees:  0, 0 B\nsize:            0 B of 21.5 GB\n",
        "",
    )
    assert not folder.exists()


def test_info_counts_and_knows_the_limit(
    store: LocalStore, piot: Piot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIOT_CACHE_MAX_SIZE", "2MB")
    assert piot("cache", "info") == (
        0,
        f"folder:          {store.root}\nresults:         4\nblobs:           1, 100 B\n"
        "unpacked trees:  0, 0 B\nsize:            100 B of 2.0 MB\n",
        "",
    )
    code, out, err = piot("cache", "info", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "schema": 1,
        "folder": str(store.root),
        "results": 4,
        "blobs": 1,
        "blob_bytes": 100,
        "trees": 0,
        "tree_bytes": 0,
        "total_bytes": 100,
        "max_bytes": 2_000_000,
        "sessions": 0,
    }


def test_gc_frees_down_to_the_size_that_is_asked_for(store: LocalStore, piot: Piot) -> None:
    before = sum(
        path.stat().st_size for kind in ("blobs", "results") for path in (store.root / kind).rglob("*/*")
    )
    assert piot("cache", "gc") == (0, f"freed 0 B (0 items); {before} B left\n", "")
    assert piot("cache", "gc", "--max-size", "0") == (0, f"freed {before} B (5 items); 0 B left\n", "")
    assert piot("cache", "gc", "--json") == (
        0,
        '{"schema": 1, "removed": 0, "freed_bytes": 0, "kept_bytes": 0}\n',
        "",
    )


def test_verify_removes_what_is_damaged_and_ends_with_7(store: LocalStore, piot: Piot) -> None:
    said = "checked 5; what was removed is made again when it is needed\n"
    assert piot("cache", "verify") == (0, "no problems\n", said)
    blob = Digest.of(DATA)
    store.blob_path(blob).chmod(0o644)
    store.blob_path(blob).write_bytes(b"y" * 100)
    gone = sorted(f"results/{key.hash[:2]}/{key.hash}" for key in KEYS)
    code, out, err = piot("cache", "verify")
    assert (code, err) == (7, said)
    assert out == (
        f"blobs/{blob.hash[:2]}/{blob.hash} was damaged and is removed\n"
        + "".join(f"{path} lacked some of its files and is removed\n" for path in gone)
        + "5 problems\n"
    )
    assert piot("-q", "cache", "verify") == (0, "no problems\n", "")


def test_verify_in_json_ends_with_7_too(store: LocalStore, piot: Piot) -> None:
    blob = Digest.of(DATA)
    store.blob_path(blob).unlink()
    gone = sorted(f"results/{key.hash[:2]}/{key.hash}" for key in KEYS)
    code, out, err = piot("cache", "verify", "--json")
    assert (code, err) == (7, "")
    assert json.loads(out) == {"schema": 1, "checked": 4, "corrupt": [], "incomplete": gone}


def test_rm_forgets_keys_anywhere(store: LocalStore, piot: Piot) -> None:
    there, absent = KEYS[0].hash, "0" * 64
    assert piot("cache", "rm", there, absent) == (
        0,
        f"{there}: 1 result forgotten\n{absent}: nothing is stored\n",
        "",
    )
    assert [store.get_result(key) is None for key in KEYS] == [True, False, False, False]


def test_rm_forgets_every_action_of_a_label(store: LocalStore, checkout: Path, piot: Piot) -> None:
    history = History(checkout / ".piot" / "last")
    actions = ("//py:wheel@triple=a", "//py:wheel@triple=b#layer", "//py:wheel2", "//core:crate")
    for action, key in zip(actions, KEYS, strict=True):
        history.keep(action, key, {}, 1.0)
    (checkout / ".piot" / "last" / "damaged.json").write_text("{")
    assert piot("-C", "py", "cache", "rm", ":wheel") == (0, ":wheel: 2 results forgotten\n", "")
    assert [store.get_result(key) is None for key in KEYS] == [True, True, False, False]
    assert piot("cache", "rm", "--json", "//core:crate", "//py:sdist") == (
        0,
        '{"schema": 1, "forgotten": {"//core:crate": 1, "//py:sdist": 0}}\n',
        "",
    )


def test_rm_forgets_what_only_this_checkout_uses(store: LocalStore, checkout: Path, piot: Piot) -> None:
    own = LocalStore(store.root, results=checkout / ".piot" / "results")
    key = Digest.of(b"own")
    own.put_result(key, ActionResult())
    own.close()
    assert piot("cache", "rm", key.hash) == (0, f"{key.hash}: 1 result forgotten\n", "")
    assert own.get_result(key) is None


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("info", "x"), 2, 'error: cache info does not take "x"\n\nhint: see: piot help cache\n'),
        (("verify", "x"), 2, 'error: cache verify does not take "x"\n\nhint: see: piot help cache\n'),
        (("gc", "x"), 2, 'error: cache gc does not take "x"\n\nhint: see: piot help cache\n'),
        (
            ("info", "--max-size", "1G"),
            2,
            "error: cache info does not take --max-size\n\nhint: it is a flag of cache gc\n",
        ),
        (("rm",), 2, "error: nothing is given to cache rm\n\nhint: piot cache rm KEY|LABEL…\n"),
        (
            ("rm", "//py:weel"),
            2,
            'error: no target //py:weel\n\nhint: did you mean "//py:wheel"?\n',
        ),
        (
            ("rm", "abc"),
            2,
            'error: not a label: "abc"\n\n'
            "hint: write //folder:name, //:name for the root folder or :name for the same folder\n",
        ),
    ],
)
def test_what_a_sub_verb_does_not_take_is_refused(
    checkout: Path, piot: Piot, words: tuple[str, ...], code: int, said: str
) -> None:
    assert checkout.is_dir()
    assert piot("cache", *words) == (code, "", said)


def test_a_label_needs_a_checkout_and_nothing_is_forgotten_without(store: LocalStore, piot: Piot) -> None:
    code, out, err = piot("cache", "rm", KEYS[0].hash, "//a:b")
    assert (code, out) == (3, "")
    assert err.startswith("error: no putitoutthere.toml in ")
    assert store.get_result(KEYS[0]) is not None
