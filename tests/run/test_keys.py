"""What is in a key and what is not, and how a difference is worded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.model.action import CommandAction, Mount, Output, Unpacked
from piot.model.digest import Digest
from piot.model.fetch import PypiFetch
from piot.model.proof import SdistProof
from piot.model.toolchain import SystemTool
from piot.run.keys import ENGINE, LEVELS, difference, keyed, parts, salt, stronger
from piot.run.staged import Staged

RUSTC = SystemTool(name="rustc", version="1.85.0", digest="aa", programs=(("rustc", "/usr/bin/rustc"),))

ACTION = CommandAction(
    id="//a:b",
    label="//a:b",
    triple="x86_64-unknown-linux-gnu",
    mnemonic="command",
    argv=(".piot/launch", "cc", "-o", "out"),
    environment=(("A", "1"), ("B", "")),
    inputs=(),
    tools=(RUSTC,),
    outputs=(Output(action="//a:b", path="out"), Output(action="//a:b", path="more", directory=True)),
    proofs=(("out", SdistProof(name="x")),),
    timeout_seconds=10,
)


def staged(*files: tuple[str, bytes, bool]) -> Staged:
    return Staged.of((f"file {path}", path, Digest.of(content), runs) for path, content, runs in files)


INPUTS = staged(("src/a", b"a", False), ("src/b", b"b", True))


def key(action: CommandAction = ACTION, inputs: Staged = INPUTS, level: str = "dir") -> str:
    return str(keyed(action, inputs.root, level).key)


def test_the_key_of_an_action_is_what_it_always_was() -> None:
    """When this fails, every stored result is lost: raise ENGINE only when results change their meaning."""
    assert ENGINE == 1
    assert key() == "3c5f2b4f8ddd36f6e20c4daf2d56bca516fbac6b289913a89b735d3280b48208/284"


def test_the_salt_is_canonical_json() -> None:
    assert salt(ACTION, "dir") == (
        b'{"engine":1,"folders":["more"],"proofs":[["out","SdistProof(name=\'x\', version=None)"]],'
        b'"sandbox":"dir","tools":[["rustc","1.85.0","aa"]]}'
    )


def other_tool(*, version: str = RUSTC.version, digest: str = RUSTC.digest) -> CommandAction:
    return replace(ACTION, tools=(replace(RUSTC, version=version, digest=digest),))


CHANGES: dict[str, Callable[[], str]] = {
    "argument": lambda: key(replace(ACTION, argv=(*ACTION.argv, "-g"))),
    "argument boundary": lambda: key(replace(ACTION, argv=(".piot/launch", "cc", "-o out"))),
    "value of a variable": lambda: key(replace(ACTION, environment=(("A", "2"), ("B", "")))),
    "absent is not empty": lambda: key(replace(ACTION, environment=(("A", "1"),))),
    "name of a variable": lambda: key(replace(ACTION, environment=(("A", "1"), ("C", "")))),
    "content of an input": lambda: key(inputs=staged(("src/a", b"x", False), ("src/b", b"b", True))),
    "path of an input": lambda: key(inputs=staged(("src/c", b"a", False), ("src/b", b"b", True))),
    "one input more": lambda: key(
        inputs=staged(("src/a", b"a", False), ("src/b", b"b", True), ("c", b"", False))
    ),
    "executable bit": lambda: key(inputs=staged(("src/a", b"a", True), ("src/b", b"b", True))),
    "version of a tool": lambda: key(other_tool(version="1.86.0")),
    "content of a tool": lambda: key(other_tool(digest="bb")),
    "no tool": lambda: key(replace(ACTION, tools=())),
    "second tool of one name": lambda: key(replace(ACTION, tools=(RUSTC, replace(RUSTC, digest="bb")))),
    "sandbox level": lambda: key(level="bwrap"),
    "time limit": lambda: key(replace(ACTION, timeout_seconds=11)),
    "no time limit": lambda: key(replace(ACTION, timeout_seconds=None)),
    "outputs": lambda: key(replace(ACTION, outputs=ACTION.outputs[:1])),
    "file or folder": lambda: key(
        replace(ACTION, outputs=(ACTION.outputs[0], replace(ACTION.outputs[1], directory=False)))
    ),
    "what is proven": lambda: key(replace(ACTION, proofs=(("out", SdistProof(name="x", version="1")),))),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_key_changes_with(name: str) -> None:
    assert CHANGES[name]() != key()


def test_all_these_keys_differ_from_each_other() -> None:
    found = {name: change() for name, change in CHANGES.items()}
    assert len(set(found.values())) == len(found)


SAME: dict[str, CommandAction] = {
    "id, label, triple and words for people": replace(
        ACTION, id="//c:d", label="//c:d", triple=None, mnemonic="other"
    ),
    "memory and publicity": replace(ACTION, memory=1 << 30, public=False),
    "where tools stand": replace(ACTION, tools=(replace(RUSTC, programs=(), roots=("/opt",)),)),
    "order of tools and outputs": replace(ACTION, outputs=ACTION.outputs[::-1]),
}


@pytest.mark.parametrize("name", SAME)
def test_the_key_is_the_same_whatever_the(name: str) -> None:
    assert key(SAME[name]) == key()


words = st.lists(st.text(max_size=4), max_size=4).map(tuple)
variables = st.dictionaries(st.sampled_from(["A", "B", "C"]), st.text(max_size=3)).map(
    lambda found: tuple(sorted(found.items()))
)
contents = st.dictionaries(
    st.sampled_from(["a", "b", "d/e"]), st.tuples(st.binary(max_size=3), st.booleans())
)
timeouts = st.one_of(st.none(), st.integers(0, 3))
cases = st.tuples(words, variables, contents, timeouts, st.sampled_from(LEVELS))


Case: TypeAlias = tuple[
    tuple[str, ...], tuple[tuple[str, str], ...], dict[str, tuple[bytes, bool]], int | None, str
]


def made_of(case: Case) -> tuple[CommandAction, Staged, str]:
    argv, environment, files, timeout, level = case
    action = replace(ACTION, argv=argv, environment=environment, timeout_seconds=timeout)
    return action, staged(*((path, *what) for path, what in files.items())), level


def key_of(case: Case) -> str:
    return key(*made_of(case))


@given(cases, cases)
def test_keys_are_equal_exactly_when_what_they_are_made_of_is(one: Case, other: Case) -> None:
    assert (key_of(one) == key_of(other)) == (one == other)


@given(cases)
def test_the_order_in_which_inputs_and_variables_are_named_does_not_matter(case: Case) -> None:
    argv, environment, files, timeout, level = case
    turned = (argv, environment[::-1], dict(reversed(files.items())), timeout, level)
    assert key_of(turned) == key_of(case)


def test_a_look_up_takes_its_own_level_first_and_then_stronger_ones() -> None:
    assert stronger("none") == ("none", "dir", "bwrap", "remote")
    assert stronger("dir") == ("dir", "bwrap", "remote")
    assert stronger("remote") == ("remote",)


BEFORE = parts(ACTION, INPUTS, "dir")


def said(action: CommandAction = ACTION, inputs: Staged = INPUTS, level: str = "dir") -> str | None:
    return difference(BEFORE, parts(action, inputs, level))


def test_there_is_nothing_to_say_when_nothing_differs() -> None:
    assert said() is None


@pytest.mark.parametrize(
    ("action", "inputs", "level", "text"),
    [
        (
            replace(ACTION, argv=(".piot/launch", "cc", "-O2", "a b", "-o", "out")),
            INPUTS,
            "dir",
            "the rule's command line changed: nothing -> -O2 'a b'",
        ),
        (
            replace(ACTION, argv=(".piot/launch", "gcc", "-o", "out")),
            INPUTS,
            "dir",
            "the rule's command line changed: cc -> gcc",
        ),
        (other_tool(version="1.86.0"), INPUTS, "dir", "rustc: 1.85.0 (aa) -> 1.86.0 (aa)"),
        (other_tool(digest="b" * 64), INPUTS, "dir", f"rustc: 1.85.0 (aa) -> 1.85.0 ({'b' * 12})"),
        (
            other_tool(version="rustc 1.85.0 (x y)", digest=f"{'b' * 64} {'c' * 64}"),
            INPUTS,
            "dir",
            f"rustc: 1.85.0 (aa) -> 1.85.0 (x y) ({'b' * 12} {'c' * 12})",
        ),
        (replace(ACTION, tools=()), INPUTS, "dir", "rustc: 1.85.0 (aa) -> none"),
        (replace(ACTION, environment=(("A", "2"), ("B", ""))), INPUTS, "dir", "variable A: '1' -> '2'"),
        (replace(ACTION, environment=(("A", "1"),)), INPUTS, "dir", "variable B: '' -> not set"),
        (
            replace(ACTION, environment=(*ACTION.environment, ("C", ""))),
            INPUTS,
            "dir",
            "variable C: not set -> ''",
        ),
        (ACTION, staged(("src/a", b"x", False), ("src/b", b"b", True)), "dir", "input changed: src/a"),
        (ACTION, staged(("src/b", b"b", True)), "dir", "input removed: src/a"),
        (
            ACTION,
            staged(("src/a", b"a", False), ("src/b", b"b", True), ("c", b"", False)),
            "dir",
            "input added: c",
        ),
        (
            ACTION,
            staged(("src/a", b"a", True), ("src/b", b"b", True)),
            "dir",
            "input is now executable: src/a",
        ),
        (
            ACTION,
            staged(("src/a", b"a", False), ("src/b", b"b", False)),
            "dir",
            "input is no longer executable: src/b",
        ),
        (ACTION, INPUTS, "bwrap", "sandbox changed: dir -> bwrap"),
        (replace(ACTION, timeout_seconds=None), INPUTS, "dir", "time limit changed: 10 s -> none"),
        (replace(ACTION, outputs=ACTION.outputs[:1]), INPUTS, "dir", "outputs changed: more/ out -> out"),
        (replace(ACTION, proofs=()), INPUTS, "dir", "what its results are checked for changed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_difference_is_named(action: CommandAction, inputs: Staged, level: str, text: str) -> None:
    assert said(action, inputs, level) == text


def with_zig(version: str, sha256: str) -> CommandAction:
    fetch = PypiFetch(project="ziglang", version=version, filename="zig.whl", sha256=sha256)
    return replace(
        ACTION, mounts=(Mount(name="zig", entries=(("", Unpacked(archive=fetch, kind="wheel")),)),)
    )


def test_a_fetched_tool_is_named_by_its_version() -> None:
    before = parts(with_zig("0.14.1", "1" * 64), INPUTS, "dir")
    now = parts(with_zig("0.15.2", "2" * 64), INPUTS, "dir")
    assert difference(before, now) == "zig: 0.14.1 (111111111111) -> 0.15.2 (222222222222)"


DIGESTS = ("1" * 64 + "/5 at x", "2" * 64 + "/5 at x")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mount vendor", "vendor changed: 111111111111 -> 222222222222"),
        ("text .piot/x", "generated input changed: .piot/x"),
        ("output out of //a:b", "output out of //a:b changed: 111111111111 -> 222222222222"),
    ],
)
def test_inputs_that_are_made_are_named_too(name: str, text: str) -> None:
    assert difference({name: DIGESTS[0]}, {name: DIGESTS[1]}) == text


def test_the_most_telling_difference_is_named_first() -> None:
    names = ["output x of y", "text t", "file f", "variable V", "mount m", "tool t", "sandbox"]
    before: dict[str, str] = dict.fromkeys(names, "1 1")
    now: dict[str, str] = dict.fromkeys(names, "2 2")
    order: list[str] = []
    for _ in names:
        found = difference(before, now)
        assert found is not None
        order.append(found)
        name = next(each for each in names if difference({each: "1 1"}, {each: "2 2"}) == found)
        before[name] = now[name]
    assert [text.split()[0] for text in order] == [
        *("t:", "m", "variable", "input", "generated", "output", "sandbox"),
    ]


@given(cases, cases)
def test_whenever_keys_differ_there_is_something_to_say(one: Case, other: Case) -> None:
    assert (difference(parts(*made_of(one)), parts(*made_of(other))) is None) == (one == other)
