"""From what was chosen to what is planned, or to one clear error."""

from __future__ import annotations

import pytest

from piot.app.building import planning
from piot.app.building.planning import make_plan
from piot.app.building.request import BuildRequest
from piot.app.session.session import Session
from piot.errors import InputError
from piot.model.toolchain import Linker, RustToolchain, SystemTool
from piot.model.triple import Triple
from tests.app.building.test_choosing import ARM, MAC, checkout, session
from tests.support.checkout import HOST, Checkout, command

__all__ = ["checkout"]


class Different:
    """Toolchains of another version for every triple."""

    def __init__(self, _session: Session) -> None:
        pass

    interpreters = None

    def choose(self, _targets: object, **_: object) -> Different:
        return self

    def programs(self, *_: object) -> dict[str, object]:
        return {}

    system = programs

    def of(self, kind: str, _target: Triple) -> tuple[()]:
        raise AssertionError(kind)

    def node(self) -> tuple[()]:
        return ()

    def rust(self, target: Triple) -> RustToolchain:
        version = {HOST: "1.85.0"}.get(target.text, "1.80.1")
        return RustToolchain(
            host=HOST,
            target=target.text,
            version=version,
            sysroot="",
            commit="",
            rustc=SystemTool(name="rustc", version=version, digest=""),
            linkers=(Linker(triple=target.text, name="cc", environment=()),),
        )


def test_different_compilers_for_different_platforms_are_noted(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "Tooling", Different)
    request = BuildRequest(patterns=("//:made",), triples=("host", ARM))
    assert make_plan(session(checkout), request).notes == (
        f"different compilers are used: rustc 1.80.1 for {ARM} and rustc 1.85.0 for {HOST}; "
        "pin one in rust-toolchain.toml to have the same for all",
    )
    alike = BuildRequest(patterns=("//:made",), triples=(MAC, ARM))
    assert make_plan(session(checkout), alike).notes == ()


LACKING = """\
from dataclasses import dataclass
from piot.api import Context, Files, rule

@dataclass(frozen=True)
class Needy:
    \"\"\"Needs a tool that is not pinned.\"\"\"

@rule(configured_by=("triple",))
def needy(ctx: Context, attrs: Needy) -> tuple[Files]:
    made = ctx.run("x", mnemonic="x", outputs=["x"], mounts=[ctx.tool("nonesuch")])
    return (Files(outputs=made),)
"""


def test_what_cannot_be_built_here_is_reported_and_the_rest_is_built(checkout: Checkout) -> None:
    checkout.write("rules.py", LACKING)
    checkout.write(
        "BUILD",
        'load("//:rules.py", "needy")\nneedy(name = "a")\n' + command("b", "echo > b", outputs=("b",)),
    )
    report = checkout.build("//:a", "//:b").report
    (blocked,) = report.blocked
    assert (blocked.label, blocked.triple) == ("//:a", HOST)
    assert blocked.lacks == (
        "nonesuch: the tool nonesuch is not pinned (run `piot lock nonesuch` and commit piot.lock)",
    )
    assert [(each.label, each.status) for each in report.targets] == [("//:b", "built")]
    assert (report.ok, report.exit_code) == (False, 5)


def test_an_error_in_a_users_rule_points_at_its_own_line(checkout: Checkout) -> None:
    checkout.write("rules.py", LACKING.replace('ctx.tool("nonesuch")', "1 / 0"))
    checkout.write("BUILD", 'load("//:rules.py", "needy")\nneedy(name = "a")\n')
    with pytest.raises(InputError) as caught:
        checkout.build("//:a")
    line = LACKING.splitlines().index(next(each for each in LACKING.splitlines() if "ctx.run" in each)) + 1
    assert str(caught.value).startswith(f"rules.py:{line}:")
    assert "ZeroDivisionError: division by zero" in str(caught.value)
