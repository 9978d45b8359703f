"""What a command sees and does not see, at each level; and how it is repeated by hand."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from piot.effects import host
from piot.model.action import CommandAction
from piot.model.toolchain import SystemTool
from piot.run import bubblewrap, sandbox
from piot.run.programs import BASE, base
from piot.run.sandbox import Sandbox
from piot.run.staged import Staged
from piot.run.stores.local import LocalStore
from tests.support.checkout import Checkout, MakeCheckout, command, shell

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX sandbox")

ENVIRONMENT = {
    "HOME": "{root}/.piot/home",
    "LC_ALL": "C.UTF-8",
    "PATH": "{root}/.piot/shims:{root}/.piot/bin",
    "PIOT_ROOT": "{root}",
    "PWD": "{root}",
    "SOURCE_DATE_EPOCH": "315532800",
    "TMPDIR": "{root}/.piot/tmp",
    "TZ": "UTC",
}


@pytest.fixture(scope="module")
def bwrap(tmp_path_factory: pytest.TempPathFactory) -> None:
    found = host.which("bwrap", os.environ["PATH"])
    store = LocalStore(tmp_path_factory.mktemp("store"))
    if (reason := bubblewrap.obstacle(str(found[0]) if found else None, store)) is not None:
        pytest.skip(f"bubblewrap cannot be used here: {reason}")


@pytest.fixture(params=["dir", "bwrap"])
def level(request: pytest.FixtureRequest) -> str:
    if request.param == "bwrap":
        request.getfixturevalue("bwrap")
    level: str = request.param
    return level


def seen(checkout: Checkout, script: str, **attributes: object) -> str:
    """What a shell script prints when it runs as an action."""
    checkout.write("BUILD", command("a", f"{{ {script}; }} > out 2>&1", outputs=("out",), **attributes))
    run = checkout.build("//:a")
    assert run.report.ok, run.outputs
    return checkout.read("out")


def environment(text: str) -> dict[str, str]:
    found = dict(line.split("=", 1) for line in text.splitlines())
    return {name: value for name, value in found.items() if name not in ("_", "SHLVL", "OLDPWD")}


def test_the_environment_is_what_is_declared(make_checkout: MakeCheckout, level: str) -> None:
    checkout = make_checkout(sandbox=level)
    checkout = checkout.with_environ(USER="me", LANG="de_DE", RUSTFLAGS="-g", CARGO_HOME="/c", SECRET="s")
    found = environment(seen(checkout, "env", env={"DECLARED": "yes", "EMPTY": ""}))
    root = found["PWD"]
    makeflags = found.pop("MAKEFLAGS")
    assert makeflags == found.pop("CARGO_MAKEFLAGS")
    assert makeflags.startswith("-j --jobserver-auth=fifo:")
    expected = {name: value.format(root=root) for name, value in ENVIRONMENT.items()}
    assert found == expected | {"DECLARED": "yes", "EMPTY": ""}
    assert root == "/build" or level == "dir"


def test_without_a_sandbox_the_users_environment_lies_underneath(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(sandbox="none").with_environ(USER="me", HOME="/home/me")
    found = environment(seen(checkout, "env", env={"DECLARED": "yes"}))
    assert (found["USER"], found["DECLARED"]) == ("me", "yes")
    assert found["HOME"] == f"{found['PWD']}/.piot/home"
    assert found["PATH"].endswith(os.pathsep + checkout.environ["PATH"])


def test_only_declared_files_are_there(make_checkout: MakeCheckout, level: str) -> None:
    checkout = make_checkout(sandbox=level)
    checkout.write("in", "1")
    checkout.write("undeclared", "2")
    text = seen(checkout, "ls -A . .piot .piot/home .piot/tmp", srcs=["in"])
    assert text.split("\n\n") == [
        ".:\n.piot\nin\nout",
        ".piot:\nbin\nhome\nlaunch\ntmp",
        ".piot/home:",
        ".piot/tmp:\n",
    ]


def test_only_base_utilities_are_on_the_path(make_checkout: MakeCheckout, level: str) -> None:
    script = "ls .piot/bin; for name in python3 perl cc git curl; do command -v $name || true; done"
    found = seen(make_checkout(sandbox=level), script).split()
    assert set(found) <= set(BASE)
    assert {"sh", "cat", "sed", "grep", "tar"} <= set(found)


def test_home_and_the_temporary_folder_can_be_written_to(make_checkout: MakeCheckout, level: str) -> None:
    script = "echo 1 > ~/x; echo 2 > $TMPDIR/y; cat ~/x $(mktemp) $TMPDIR/y"
    assert seen(make_checkout(sandbox=level), script) == "1\n2\n"


def test_inputs_have_one_time_and_plain_modes(make_checkout: MakeCheckout, level: str) -> None:
    checkout = make_checkout(sandbox=level)
    checkout.write("a", "").chmod(0o600)
    checkout.write("b", "", executable=True).chmod(0o700)
    checkout.write("d/c", "")
    text = seen(checkout, "stat -c '%n %a %Y' a b d/c d", srcs=["a", "b", "d/c"])
    assert text == "a 644 946684800\nb 755 946684800\nd/c 644 946684800\nd 755 946684800\n"


def test_the_folders_of_outputs_are_there(make_checkout: MakeCheckout, level: str) -> None:
    checkout = make_checkout(command("a", "echo 1 > x/y/out", outputs=("x/y/out",)), sandbox=level)
    assert checkout.build().report.ok


@pytest.mark.usefixtures("bwrap")
class TestBubblewrap:
    """What only the strongest level on this machine keeps out."""

    @pytest.fixture
    def checkout(self, make_checkout: MakeCheckout) -> Checkout:
        return make_checkout(sandbox="bwrap")

    def test_there_is_no_network(self, checkout: Checkout) -> None:
        text = seen(checkout, "grep : /proc/net/dev | cut -d: -f1")
        assert text.split() == ["lo"]

    @pytest.mark.parametrize(
        "path", ["/home", "/root", "/etc/passwd", "/etc/hosts", "/var", "/usr/include", "/opt"]
    )
    def test_nothing_of_the_machine_is_visible_but_libraries(self, checkout: Checkout, path: str) -> None:
        assert seen(checkout, f"test -e {path} || echo none") == "none\n"

    def test_the_base_utilities_stand_at_their_places(self, checkout: Checkout) -> None:
        script = "for name in .piot/bin/*; do readlink $name; test -x $name || echo gone; done"
        assert seen(checkout, script).split() == sorted(str(path) for path in base().values())
        assert seen(checkout, "/usr/bin/env sh -c '/bin/echo x | /usr/bin/awk \"{print \\$1}\"'") == "x\n"

    def test_neither_checkout_nor_store_are_visible(self, checkout: Checkout) -> None:
        checkout.write("secret", "")
        store = checkout.store.root
        script = f"ls {checkout.root} {store}/blobs {store}/results 2>/dev/null; ls {store}/tmp"
        assert len(seen(checkout, script).split()) == 1, "of the store, the jobserver's fifo alone"

    def test_inputs_of_another_action_are_not_visible(self, checkout: Checkout) -> None:
        checkout.write("secret", "s")
        checkout.write(
            "BUILD",
            command("other", "sleep 0.5", srcs=["secret"])
            + command("look", "find / -name secret > out 2>/dev/null || true", outputs=("out",)),
        )
        checkout.build(jobs=2)
        assert checkout.read("out") == ""

    @pytest.mark.parametrize("path", ["/x", "/usr/lib/x", "/etc/x", "/usr/bin/x", "/proc/sys/x"])
    def test_all_but_the_exec_root_is_read_only(self, checkout: Checkout, path: str) -> None:
        assert seen(checkout, f"touch {path} 2>/dev/null || echo refused") == "refused\n"
        assert not Path(path).exists()

    def test_the_temporary_folder_of_the_system_is_private(self, checkout: Checkout) -> None:
        assert seen(checkout, "touch /tmp/piot-test-x && echo made") == "made\n"
        assert not Path("/tmp/piot-test-x").exists()

    def test_processes_of_the_machine_are_not_visible(self, checkout: Checkout) -> None:
        assert int(seen(checkout, "ls /proc | grep -c '^[0-9]'")) < 10


def kept(checkout: Checkout, script: str, **attributes: object) -> Path:
    """Builds with ``--keep-sandbox`` and gives the script that runs the action again."""
    checkout.write("BUILD", command("a", script, outputs=("out",), **attributes))
    run = checkout.build("//:a", keep_sandbox=True)
    words = (run.target("//:a").by_hand or run.texts[-1]).rpartition("sh ")[2]
    return Path(words)


@pytest.mark.parametrize("sandboxed", ["none", "dir", "bwrap"])
def test_a_kept_sandbox_runs_again_by_hand(
    make_checkout: MakeCheckout, request: pytest.FixtureRequest, sandboxed: str
) -> None:
    if sandboxed == "bwrap":
        request.getfixturevalue("bwrap")
    checkout = make_checkout(sandbox=sandboxed)
    checkout.write("in", "x")
    script = "echo \"$A\" 'it''s' %{root} $0; cat in; env | grep -c MAKEFLAGS; test -e pass && echo 1 > out"
    by_hand = kept(checkout, script, srcs=["in"], env={"A": "a b\n'\"$c\\"})
    code, said = shell(f"sh '{by_hand}'", checkout.root)
    root = "/build" if sandboxed == "bwrap" else str(by_hand.parent / "root")
    assert said == f"a b\n'\"$c\\ its {root} sh\nx0\n"
    assert code == 1
    (by_hand.parent / "root/pass").touch()
    assert shell(f"'{by_hand}'", Path("/"))[0] == 0
    assert (by_hand.parent / "root/out").read_text() == "1\n"


def test_files_with_holes_are_not_expanded_twice_by_hand(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout()
    checkout.write(
        "rules.py",
        "from dataclasses import dataclass\n"
        "from piot.api import Context, Files, Text, rule\n"
        "@dataclass(frozen=True)\n"
        "class Show:\n"
        '    """Shows an expanded file."""\n'
        "@rule\n"
        "def show(ctx: Context, attrs: Show) -> tuple[Files]:\n"
        '    text = Text(dest="a file", content=b"%{root}\\n")\n'
        "    script = \"cat 'a file'; cp 'a file' out\"\n"
        '    made = ctx.run("sh", "-c", script, mnemonic="show", outputs=["out"],\n'
        '                   inputs=[text], expand=["a file"])\n'
        "    return (Files(outputs=made),)\n",
    )
    checkout.write("BUILD", 'load("//:rules.py", "show")\nshow(name = "a")\n')
    run = checkout.build(keep_sandbox=True)
    by_hand = Path(run.texts[-1].rpartition("sh ")[2])
    for _ in range(2):
        code, said = shell(f"sh '{by_hand}'", checkout.root)
        assert (code, said) == (0, f"{by_hand.parent}/root\n")


def test_a_failure_names_the_script_that_repeats_it(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout()
    by_hand = kept(checkout, "echo broken; exit 3")
    assert shell(f"sh '{by_hand}'", checkout.root) == (3, "broken\n")


def test_without_a_sandbox_no_value_of_the_users_environment_is_written_down(
    make_checkout: MakeCheckout,
) -> None:
    checkout = make_checkout(sandbox="none").with_environ(TOKEN="secret-value")
    by_hand = kept(checkout, "echo $TOKEN; echo 1 > out")
    assert "secret-value" not in by_hand.read_text()


def prepared(
    store: LocalStore, *tools: SystemTool, level: str = "dir", outside: Mapping[str, str] | None = None
) -> Sandbox:
    action = CommandAction(
        id="x",
        label="x",
        triple=None,
        mnemonic="x",
        argv=("x",),
        environment=(("PATH", "p"),),
        inputs=(),
        tools=tools,
    )
    return sandbox.prepare(store, action, Staged.of(()), level=level, outside=outside or {}, jobserver=None)


def test_declared_tools_are_on_the_path_and_placed_for_the_launcher(tmp_path: Path) -> None:
    tool = SystemTool(
        name="cc",
        version="1",
        digest="1",
        programs=(("cc", "/opt/bin/gcc"), ("awk", "/opt/awk"), ("c++", "/opt/g++")),
    )
    box = prepared(LocalStore(tmp_path), tool)
    places = {name: (box.root / ".piot/bin" / name).readlink() for name in ("cc", "c++", "awk")}
    assert places == {"cc": Path("/opt/bin/gcc"), "c++": Path("/opt/g++"), "awk": Path("/opt/awk")}
    assert dict(box.call.environment) == {
        "PATH": "p",
        "PIOT_TOOL_cc": "/opt/bin/gcc",
        "PIOT_TOOL_c__": "/opt/g++",
        "PIOT_TOOL_awk": "/opt/awk",
        "PIOT_TOOLS": "PIOT_TOOL_awk\nPIOT_TOOL_c__\nPIOT_TOOL_cc",
    }


def test_the_command_of_bubblewrap_shows_a_tools_folders(tmp_path: Path) -> None:
    folder = tmp_path / "tool"
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin/cc"
    program.touch()
    tool = SystemTool(
        name="cc",
        version="1",
        digest="1",
        programs=(("cc", str(program)),),
        roots=(str(folder), "/usr", "/", "/none"),
    )
    argv = prepared(LocalStore(tmp_path / "store"), tool, level="bwrap").call.argv
    binds = [argv[at + 1] for at, word in enumerate(argv) if word == "--ro-bind"]
    assert str(folder) in binds and str(program) in binds
    assert not {"/usr", "/", "/none"} & set(binds)


def test_a_failed_preparation_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("full")

    monkeypatch.setattr(sandbox, "_lay_out", full)
    store = LocalStore(tmp_path)
    with pytest.raises(OSError, match="full"):
        prepared(store)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_bubblewrap_that_is_not_installed_or_forbidden_says_why(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    assert bubblewrap.obstacle(None, store) == "bwrap is not installed"
    program = tmp_path / "bwrap"
    program.write_text(f"#!/bin/sh\necho x >> {tmp_path}/asked\necho 'bwrap: not permitted' >&2\nexit 1\n")
    program.chmod(0o755)
    for _ in range(2):
        assert bubblewrap.obstacle(str(program), store) == "bwrap: not permitted"
    assert (tmp_path / "asked").read_text() == "x\n"
    assert bubblewrap.obstacle(str(tmp_path / "none"), store) == (
        f"cannot run {tmp_path}/none: no such program"
    )


def test_why_there_is_no_bubblewrap_is_said_once(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(command("a", ":"), sandbox="auto")
    (Path(checkout.environ["PATH"]) / "bwrap").unlink(missing_ok=True)
    note = "no bubblewrap here (bwrap is not installed); actions run in plain folders (--sandbox dir)"
    first = checkout.build()
    assert first.texts == [note]
    assert checkout.build().texts == []
    assert checkout.build(sandbox="dir").actions == {"//:a": "cached"}
    code, _, said = checkout.run("build", "//:all", "--sandbox", "bwrap")
    assert code == 5
    assert said == (
        "error: bubblewrap cannot be used here: bwrap is not installed\n\n"
        "hint: install it, or use --sandbox dir\n"
    )


@pytest.mark.usefixtures("bwrap")
def test_bubblewrap_is_used_where_it_works(make_checkout: MakeCheckout) -> None:
    assert seen(make_checkout(sandbox="auto"), "pwd") == "/build\n"
