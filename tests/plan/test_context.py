"""What a rule can ask of its context, and what it declares there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from piot.api.context import Context
from piot.errors import InputError
from piot.model.action import CommandAction, Mount, Output, Produced, Text
from piot.model.label import Label
from piot.model.package import CratesSettings, Package
from piot.model.pins import PinnedFile, Pins, ToolPin
from piot.model.plan import Configured
from piot.model.proof import SdistProof
from piot.model.provider import Crate, Files, Provider, Wheel
from piot.model.rule import Sources
from piot.model.toolchain import Lack, Linker, NodeToolchain, Preparation, SystemTool
from piot.plan.context import ENVIRONMENT, Lacking, Surroundings, TargetContext
from piot.plan.facts import Facts
from tests.plan.conftest import HOST, SURROUNDINGS

LABEL = Label("a", "b")


def context(
    around: Surroundings = SURROUNDINGS,
    *,
    triple: str | None = None,
    providers: Mapping[Label, tuple[Provider, ...]] | None = None,
    actions: dict[str, CommandAction] | None = None,
) -> TargetContext:
    target = Configured(label=LABEL, triple=triple)
    return TargetContext(target, around, providers or {}, {} if actions is None else actions)


def declared(run: Callable[[TargetContext], object]) -> CommandAction:
    actions: dict[str, CommandAction] = {}
    run(context(actions=actions))
    (action,) = actions.values()
    return action


def simple(ctx: Context, *argv: str, **more: object) -> tuple[Output, ...]:
    return ctx.run(*(argv or ("true",)), mnemonic="x", **{"outputs": (), **more})  # type: ignore[arg-type]


def test_a_command_is_started_by_the_launcher_in_the_common_environment() -> None:
    action = declared(lambda ctx: simple(ctx, "cc", "-o", environment={"A": "1", "TZ": "CET"}))
    assert action.argv == (".piot/launch", "cc", "-o")
    assert action.inputs == (SURROUNDINGS.launcher,)
    assert dict(action.environment) == {
        **ENVIRONMENT,
        "A": "1",
        "TZ": "CET",
        "PIOT_EXPAND": "HOME PATH TMPDIR",
    }
    assert list(action.environment) == sorted(action.environment)


def test_the_launcher_is_told_which_variables_and_files_have_holes() -> None:
    action = declared(
        lambda ctx: simple(ctx, environment={"A": "%{tool:x}", "B": "50%"}, expand=["b file", "a"])
    )
    found = dict(action.environment)
    assert (found["PIOT_EXPAND"], found["PIOT_FILES"]) == ("PATH A HOME TMPDIR", "a\nb file")


def test_outputs_that_end_in_a_slash_are_folders() -> None:
    actions: dict[str, CommandAction] = {}
    made = simple(context(actions=actions), outputs=["x/y", "dir/"])
    assert made == (
        Output(action="//a:b", path="x/y"),
        Output(action="//a:b", path="dir", directory=True),
    )
    assert actions["//a:b"].outputs == made


def test_an_action_is_named_by_its_target_and_its_own_name() -> None:
    actions: dict[str, CommandAction] = {}
    ctx = context(actions=actions, triple="aarch64-apple-darwin")
    simple(ctx)
    simple(
        ctx,
        "false",
        name="more",
        memory=5,
        timeout_seconds=3,
        proofs={"x": SdistProof(name="x")},
    )
    assert list(actions) == ["//a:b@triple=aarch64-apple-darwin", "//a:b@triple=aarch64-apple-darwin#more"]
    assert ctx.declared == list(actions)
    one, more = actions.values()
    assert (one.label, one.triple, one.public, one.memory, one.timeout_seconds) == (
        "//a:b",
        "aarch64-apple-darwin",
        True,
        0,
        None,
    )
    assert (more.memory, more.timeout_seconds) == (5, 3)
    assert more.proofs == (("x", SdistProof(name="x")),)


def test_two_equal_declarations_are_one_action_and_two_different_ones_an_error() -> None:
    actions: dict[str, CommandAction] = {}
    ctx = context(actions=actions)
    assert simple(ctx, outputs=["x"]) == simple(ctx, outputs=["x"])
    assert len(actions) == 1
    with pytest.raises(InputError) as caught:
        simple(ctx, "false")
    assert str(caught.value) == "two different actions are called //a:b\n\nhint: give ctx.run a name="


def test_node_is_only_looked_for_when_a_rule_asks() -> None:
    asked: list[str] = []
    tool = SystemTool(name="node", version="v20", digest="1")

    def node() -> NodeToolchain:
        asked.append("node")
        return NodeToolchain(node=tool, npm=replace(tool, name="npm"))

    ctx = context(replace(SURROUNDINGS, node=node))
    simple(ctx)
    assert asked == []
    assert [each.name for each in ctx.node().tools] == ["node", "npm"]
    with pytest.raises(Lacking, match="node: is not on PATH"):
        context().node()


def with_output(path: str) -> Callable[[Context], object]:
    return lambda ctx: simple(ctx, outputs=[path])


WRONG: list[tuple[Callable[[Context], object], str]] = [
    (
        lambda ctx: ctx.run(mnemonic="x", outputs=()),
        "//a:b: an empty command\n\nhint: name the program to run",
    ),
    (
        lambda ctx: simple(ctx, environment={"my-var": "1"}),
        "//a:b: not the name of a variable: 'my-var'\n\nhint: write letters, digits and _",
    ),
    *(
        (
            with_output(path),
            f"//a:b: an output is not a path inside the tree: {path.rstrip('/')!r}\n\n"
            "hint: paths are relative, with / between the parts, and no empty part, . or ..",
        )
        for path in ("", "/", "/etc/x", "../x", "a//b", "./x", "a/../../x/")
    ),
    (lambda ctx: ctx.fail("no", hint="yes"), "//a:b: no\n\nhint: yes"),
    (lambda ctx: ctx.fail("//a:b says no"), "//a:b says no"),
    (
        lambda ctx: ctx.get(Label("", "c"), Files),
        "//a:b needs the provider Files from //:c, but it is no attribute of this target",
    ),
    (
        lambda ctx: ctx.program("perl"),
        "//a:b uses perl, which is not in its attribute tools",
    ),
    (lambda ctx: ctx.pyproject("p"), "no pyproject.toml in p"),
    (lambda ctx: ctx.crate("p"), "no crate in p"),
]


@pytest.mark.parametrize(("declare", "message"), WRONG)
def test_what_cannot_be_is_one_clear_error(declare: Callable[[Context], object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        declare(context())
    assert str(caught.value) == message


FILE = Output(action="//c:d", path="f")


def test_providers_of_dependencies_are_got_by_their_type() -> None:
    crate = Crate(name="x", version="1", folder=FILE)
    files = Files(outputs=(Output(action="//c:d", path="g"),))
    ctx = context(providers={Label("c", "d"): (files, crate)})
    assert ctx.get(Label("c", "d"), Crate) == crate
    assert ctx.outputs(Label("c", "d")) == (*files.outputs, FILE)
    assert ctx.outputs(Label("c", "e")) == ()
    with pytest.raises(InputError) as caught:
        ctx.get(Label("c", "d"), Wheel)
    assert caught.value.message == "//a:b needs the provider Wheel from //c:d, but it provides Files, Crate"


def test_platforms_are_the_hosts_unless_configured() -> None:
    assert (context().triple, context().host, context().profile) == (HOST.text, HOST.text, "release")
    assert context(triple="aarch64-apple-darwin").triple == "aarch64-apple-darwin"
    assert context().label == LABEL


def test_facts_of_the_repository_are_handed_on() -> None:
    assert context().text("Cargo.lock") == "lock" and context().text("none") is None
    assert context().files(Sources(files=("z", "a/x"), globs=("a/**", "!a/y"))) == ("a/x", "z")
    assert context().files(Sources()) == ()


def test_the_files_of_a_crate_are_those_of_its_package() -> None:
    package = Package(
        name="p", kind="crates", path="b", paths=("b/**", "a/y"), settings=CratesSettings(crate="p")
    )
    facts = replace(SURROUNDINGS.facts, packages=(package,))
    assert isinstance(facts, Facts)
    assert context(replace(SURROUNDINGS, facts=facts)).crate_files("b") == ("a/y", "b/x")
    assert context().crate_files("b") == ()


WHEEL = PinnedFile(filename="zig-1-py3-none-any.whl", sha256="0" * 64, size=3)
PINS = Pins(tools=(ToolPin(name="zig", ecosystem="pypi", version="1", files=(WHEEL,)),))


def test_a_pinned_tool_is_mounted() -> None:
    mount = context(replace(SURROUNDINGS, pins=PINS)).tool("zig")
    assert mount.name == "zig"
    ((folder, unpacked),) = mount.entries
    assert (folder, unpacked.kind) == ("", "wheel")
    assert str(unpacked.archive) == "zig 1 (zig-1-py3-none-any.whl)"


def test_a_tool_that_is_not_pinned_is_lacking() -> None:
    with pytest.raises(Lacking) as caught:
        context(replace(SURROUNDINGS, pins=PINS)).tool("maturin")
    assert [str(lack) for lack in caught.value.lacks] == [
        "maturin: the tool maturin is not pinned (run `piot lock maturin` and commit piot.lock)"
    ]


def test_without_a_toolchain_the_target_lacks_what_every_candidate_lacks() -> None:
    with pytest.raises(Lacking) as caught:
        context().rust()
    assert caught.value.lacks == ()


def test_a_declared_program_is_found_or_lacking() -> None:
    perl = SystemTool(name="perl", version="5", digest="1")
    lack = Lack(candidate="awk", reason="not on PATH")
    ctx = context(replace(SURROUNDINGS, programs={"perl": perl, "awk": lack}))
    assert ctx.program("perl") == perl
    with pytest.raises(Lacking, match="awk: not on PATH"):
        ctx.program("awk")


def test_a_library_of_the_machine_is_for_the_machine_alone() -> None:
    library = SystemTool(name="zlib", version="1.3", digest="1", programs=(("pkgconfig-zlib", "/usr/lib"),))
    protoc = SystemTool(name="protoc", version="28", digest="2", programs=(("protoc", "/usr/bin/protoc"),))
    lack = Lack(candidate="openssl", reason="is not here", remedy="apt: libssl-dev")
    around = replace(SURROUNDINGS, system={"zlib": library, "protoc": protoc, "openssl": lack})
    ctx, arm = context(around), context(around, triple="aarch64-unknown-linux-gnu")
    assert (ctx.system("zlib"), ctx.system("protoc"), arm.system("protoc")) == (library, protoc, protoc)
    assert library.search == ("%{tool:pkgconfig-zlib}",) and not protoc.is_library
    with pytest.raises(Lacking, match=re.escape("openssl: is not here (apt: libssl-dev)")):
        ctx.system("openssl")
    with pytest.raises(Lacking) as caught:
        arm.system("zlib")
    assert [str(each) for each in caught.value.lacks] == [
        f"zlib: is here for {HOST}, not for aarch64-unknown-linux-gnu",
        f"this machine: is {HOST} (build it on ubuntu-24.04-arm)",
    ]
    with pytest.raises(InputError, match="//a:b uses zlob, which is not in its attribute system"):
        ctx.system("zlob")


LINKER = Linker(
    triple="x",
    name="zig",
    environment=(("CC", "zig-cc"),),
    scripts=(("bin/zig-cc", "#!%{root}\n"),),
    fetched=("zig",),
)


def test_the_scripts_of_a_linker_are_inputs() -> None:
    inputs = context(replace(SURROUNDINGS, pins=PINS)).prepared(LINKER, stripped=True)
    assert inputs == (Text(dest="bin/zig-cc", content=b"#!%{root}\n", executable=True),)


def test_the_warm_cache_of_a_linker_is_made_once_for_all_targets() -> None:
    preparation = Preparation(
        name="zig for x", argv=("warm", "cache"), scripts=(("warm", "w"),), folder="cache"
    )
    actions: dict[str, CommandAction] = {}
    around = replace(SURROUNDINGS, pins=PINS)
    linker = replace(LINKER, preparation=preparation)
    both = [
        context(around, triple=triple, actions=actions).prepared(linker, stripped=True)
        for triple in (None, "t")
    ]
    assert both[0] == both[1]
    (action,) = actions.values()
    assert both[0][-1] == Produced(
        output=Output(action="@piot//toolchains%zig for x", path="cache", directory=True), dest="cache"
    )
    assert (action.label, action.triple, action.public) == ("@piot//toolchains", None, False)
    assert action.argv[:3] == (".piot/launch", "warm", "cache")
    assert dict(action.environment)["PIOT_FILES"] == "bin/zig-cc\nwarm"
    assert [mount.name for mount in action.mounts] == ["zig"]
    assert isinstance(action.mounts[0], Mount)
