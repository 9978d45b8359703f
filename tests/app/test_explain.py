"""``piot explain --since``: what differs from an earlier build."""

from __future__ import annotations

import json

import pytest

from tests.support.checkout import HOST, Checkout, MakeCheckout, command

BUILD = (
    command("a", "cp in a", srcs=["in"], outputs=("a",))
    + command("b", "cat other; exit 3", srcs=["other"], outputs=("b",))
    + command("c", "cp deps/b/b c", outputs=("c",), deps=[":b"])
)


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    made = make_checkout(BUILD)
    made.write("in", "1")
    made.write("other", "1")
    return made


def since(checkout: Checkout, number: int, *words: str) -> dict[str, str]:
    """By label; the level is that of the builds."""
    code, out, err = checkout.with_environ(PIOT_SANDBOX="dir").run(
        "explain", *(words or ("//:all",)), "--since", str(number)
    )
    assert (code, err) == (0, "")
    lines = (line.split("  command sh: ") for line in out.splitlines())
    return {name.removesuffix(f"@triple={HOST}"): said for name, said in lines}


def test_each_build_is_compared_with_what_it_had(checkout: Checkout) -> None:
    checkout.build(keep_going=True)
    checkout.write("in", "2")
    checkout.build("//:a")
    checkout.write("other", "2")
    checkout.write("in", "3")
    checkout.build("//:a")
    assert since(checkout, 1) == {
        "//:a": "since build 1: input changed: in",
        "//:b": "since build 1, where it failed: input changed: other",
        "//:c": "build 1 did not come to it",
    }
    assert since(checkout, 3) == {
        "//:a": "the same as in build 3",
        "//:b": "build 3 did not have it",
        "//:c": "build 3 did not have it",
    }
    checkout.write("in", "1")
    assert since(checkout, 1, "//:a") == {"//:a": "the same as in build 1"}
    assert since(checkout, 2, "//:a") == {"//:a": "since build 2: input changed: in"}


def test_what_is_no_longer_remembered_is_said(checkout: Checkout) -> None:
    checkout.build("//:a")
    for path in (checkout.root / ".piot/last").iterdir():
        path.unlink()
    checkout.write("in", "2")
    assert since(checkout, 1, "//:a") == {"//:a": "what build 1 made it from is no longer remembered"}


def test_json_has_it_too_and_only_when_asked_for(checkout: Checkout) -> None:
    checkout.build("//:a")
    for words, said in (((), None), (("--since", "1"), "the same as in build 1")):
        out = checkout.with_environ(PIOT_SANDBOX="dir").run("explain", "//:a", "--json", *words)[1]
        (found,) = json.loads(out)["actions"]
        assert (found["label"], found["cached"], found["since"]) == ("//:a", True, said)


def test_a_build_that_is_not_remembered_is_refused(checkout: Checkout) -> None:
    refused = (3, "", "error: no build of this checkout is remembered\n\nhint: run piot build first\n")
    assert checkout.run("explain", "//:a", "--since", "4") == refused
    checkout.build("//:a")
    refused = (3, "", "error: build 4 is not remembered\n\nhint: these are: 1\n")
    assert checkout.run("explain", "//:a", "--since", "4") == refused
