"""BUILD files: what they declare, what they read, and what is said when they are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from piot.errors import InputError, Problems
from piot.load.build_files import BuildFile, BuildFiles
from piot.load.source_tree import SourceTree
from piot.model.digest import Digest
from piot.model.label import Label
from piot.model.rule import Attr, AttrType, RuleSchema, Sources, StringMap, Triples
from piot.model.select import Select, SelectList

COMMAND = RuleSchema(
    name="command",
    location="@piot//rules:command.py:20",
    attrs=(
        Attr(name="argv", type=AttrType.STRINGS, required=True, doc="the program and its arguments"),
        Attr(name="srcs", type=AttrType.SOURCES),
        Attr(name="deps", type=AttrType.LABELS),
        Attr(name="env", type=AttrType.STRING_MAP),
        Attr(name="network", type=AttrType.BOOL),
        Attr(name="jobs", type=AttrType.INT),
        Attr(name="targets", type=AttrType.TRIPLES),
        Attr(name="script", type=AttrType.SOURCE),
        Attr(name="tool", type=AttrType.LABEL),
        Attr(name="out", type=AttrType.STR),
    ),
)

HELLO = '''\
from dataclasses import dataclass
from piot.api.rule import rule

@dataclass(frozen=True)
class Hello:
    """who: whom to greet"""
    who: str = "world"

@rule
def hello(ctx, attrs: Hello):
    raise SystemExit("rules do not run while BUILD files are read")
'''


class Repository:
    """Files by path, without a disk."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files
        self.tree = SourceTree.of(files)
        self.builds = self.evaluator()

    def evaluator(self, kept: Mapping[str, BuildFile] | None = None) -> BuildFiles:
        schemas = {"command": COMMAND}
        return BuildFiles(root=Path("r"), schemas=schemas, tree=self.tree, read=self.read, kept=kept)

    def read(self, path: Path) -> bytes | None:
        text = self.files.get(path.relative_to("r").as_posix())
        return None if text is None else text.encode()

    def digest_of(self, path: str) -> Digest | None:
        return Digest.of(self.files[path].encode()) if path in self.files else None


def evaluated(text: str, files: dict[str, str] | None = None) -> BuildFile:
    """The BUILD file of the folder ``app``, with other files of the repository."""
    return Repository({"app/BUILD.piot": text, **(files or {})}).builds.evaluate("app")


def message(text: str, files: dict[str, str] | None = None) -> str:
    with pytest.raises(Problems) as caught:
        evaluated(text, files)
    return str(caught.value)


def test_a_target_has_its_attributes_as_values_and_its_place() -> None:
    text = """\
two = 1 + 1
command(
    name = "gen",
    argv = ["sh", "-c", f"echo {two}"],
    srcs = ["a.txt", "sub/b.txt", ":c.txt", "//other:d.txt"],
    deps = [":x", "//other:y"],
    env = {"B": "2", "A": "1"},
    network = False,
    jobs = 3,
    targets = ["linux-x64-gnu"],
    tool = None,
)
"""
    files = dict.fromkeys(["app/a.txt", "app/sub/b.txt", "app/c.txt", "other/d.txt"], "")
    (target,) = evaluated(text, files).targets
    assert str(target.label) == "//app:gen"
    assert target.rule == "command"
    assert target.location == "app/BUILD.piot:2"
    assert dict(target.attrs) == {
        "argv": ("sh", "-c", "echo 2"),
        "srcs": Sources(files=("app/a.txt", "app/sub/b.txt", "app/c.txt", "other/d.txt")),
        "deps": (Label("app", "x"), Label("other", "y")),
        "env": StringMap((("A", "1"), ("B", "2"))),
        "network": False,
        "jobs": 3,
        "targets": Triples(("x86_64-unknown-linux-gnu",)),
    }
    assert target.deps == (Label("app", "x"), Label("other", "y"))


def test_macros_load_macros_and_targets_know_both_places() -> None:
    files = {
        "tools/defs.bzl": 'load(":more.bzl", _two = "two")\ndef both(name):\n    _two(name)\n',
        "tools/more.bzl": "def two(name):\n    for part in ['a', 'b']:\n"
        "        command(name = name + '-' + part, argv = [package_name()])\n",
    }
    found = evaluated('load("//tools:defs.bzl", "both")\n\nboth("x")\n', files)
    assert [(str(target.label), target.get("argv")) for target in found.targets] == [
        ("//app:x-a", ("app",)),
        ("//app:x-b", ("app",)),
    ]
    assert {target.location for target in found.targets} == {"app/BUILD.piot:3 (in two at tools/more.bzl:3)"}
    assert [path for path, _ in found.files] == ["app/BUILD.piot", "tools/defs.bzl", "tools/more.bzl"]


def test_a_rule_written_in_python_is_loaded_without_running_it() -> None:
    found = evaluated(
        'load("//build_defs:hello.py", "hello")\nhello(name = "hi", who = "you")\n',
        {"build_defs/hello.py": HELLO},
    )
    (target,) = found.targets
    assert target.rule == "//build_defs:hello.py%hello"
    assert target.attrs == (("who", "you"),)
    assert [schema.key for schema in found.rules] == [target.rule]
    assert [path for path, _ in found.files] == ["app/BUILD.piot", "build_defs/hello.py"]


def test_glob_stays_in_its_package_and_is_sorted() -> None:
    files = dict.fromkeys(
        [
            "app/z.txt",
            "app/a.txt",
            "app/no.txt",
            "app/sub/b.txt",
            "app/inner/BUILD",
            "app/inner/c.txt",
            "d.txt",
        ],
        "",
    )
    text = 'command(name = "x", argv = [], srcs = glob(["**/*.txt"], exclude = ["no.*"]))'
    (target,) = evaluated(text, files).targets
    assert target.get("srcs") == Sources(files=("app/a.txt", "app/sub/b.txt", "app/z.txt"))


def test_glob_in_the_root_folder_leaves_packages_out() -> None:
    files = {
        "BUILD": 'command(name = "x", argv = glob(["*", "*/*"]))',
        "a": "",
        "s/b": "",
        "p/BUILD": "",
        "p/c": "",
    }
    (target,) = Repository(files).builds.evaluate("").targets
    assert target.get("argv") == ("BUILD", "a", "s/b")


def test_select_is_a_whole_attribute_or_a_part_of_a_list() -> None:
    text = """\
command(
    name = "x",
    argv = select_list(["cc"], {"linux-musl": ["-static"], "darwin-arm64": ["-w"]}),
    out = select({"windows": "x.exe", "//conditions:default": "x"}),
    tool = select({"linux": ":a", "default": "//b:c"}),
)
"""
    (target,) = evaluated(text).targets
    assert target.attrs == (
        (
            "argv",
            SelectList(
                base=("cc",), branches=(("linux-musl", ("-static",)), ("aarch64-apple-darwin", ("-w",)))
            ),
        ),
        ("out", Select(branches=(("windows", "x.exe"), ("default", "x")))),
        ("tool", Select(branches=(("linux", Label("app", "a")), ("default", Label("b", "c"))))),
    )
    assert target.deps == (Label("app", "a"), Label("b", "c"))


def test_build_piot_wins_over_build() -> None:
    tree = SourceTree.of(["a/BUILD", "a/BUILD.piot", "b/BUILD", "BUILD.piot", "c/MYBUILD", "d/REBUILD/x"])
    assert tree.build_files == {"": "BUILD.piot", "a": "a/BUILD.piot", "b": "b/BUILD"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'comand(name = "x")',
            "app/BUILD.piot:1:1: PIOT_BUILD_FILE: Variable `comand` not found, did you mean `command`?",
        ),
        (
            'zzzzzz(name = "x")',
            "app/BUILD.piot:1:1: PIOT_BUILD_FILE: Variable `zzzzzz` not found\n"
            "    hint: `piot rules` lists the rules; load() brings macros and rules of your own",
        ),
        ("x = [1,\ny = 2\n", "app/BUILD.piot:2:3: PIOT_BUILD_FILE: Parse error: unexpected symbol '=' here"),
        *(
            (
                text,
                f"app/BUILD.piot:{place}: PIOT_BUILD_FILE: Parse error: the file ends, and something is "
                "still open\n    hint: close the bracket",
            )
            for text, place in (("x = 1\ny = [\n", "2:6"), ('x = dict(\n    a = "b",\n\n', "2:13"))
        ),
        (
            'x = 1\ny = x + "a"',
            "app/BUILD.piot:2:5: PIOT_BUILD_FILE: Operation `+` not supported for types `int` and `string`",
        ),
        (
            '  \ncommand("x")',
            "app/BUILD.piot:2:1: PIOT_BUILD_FILE: Found 1 extra positional argument(s) for call to command",
        ),
        (
            'command(name = "x", argv = ["a"] + select({"linux": ["b"]}))',
            "app/BUILD.piot:1:28: PIOT_BUILD_FILE: "
            "Operation `+` not supported for types `list` and `select()`\n"
            "    hint: select() is a whole attribute; select_list([…], {…}) adds a part to a list",
        ),
        (
            'x = 1\nif x:\n    command(name = "x", argv = len)',
            "app/BUILD.piot:3:5: PIOT_BUILD_FILE: a function cannot be the value of an attribute",
        ),
        (
            'command(name = "x", argv = glob(["*.c"]))',
            'app/BUILD.piot:1:1: PIOT_BUILD_FILE: glob() finds no file for "*.c" in app\n'
            "    hint: write allow_empty = True if that is meant; files that git ignores do not count",
        ),
        (
            'load("//tools:nope.bzl", "x")',
            "app/BUILD.piot:1:1: PIOT_BUILD_FILE: no file tools/nope.bzl\n"
            "    hint: files that git ignores do not count",
        ),
        (
            'load("//tools:nope.py", "x")',
            "app/BUILD.piot:1:1: PIOT_BUILD_FILE: no rule file tools/nope.py\n"
            "    hint: //tools:nope.py must be a file of the repository",
        ),
        (
            'load("tools/nope.bzl", "x")',
            'app/BUILD.piot:1:1: PIOT_BUILD_FILE: not a label: "tools/nope.bzl"\n'
            "    hint: write //folder:name, //:name for the root folder or :name for the same folder",
        ),
        (
            'load("//tools:rules.txt", "x")',
            "app/BUILD.piot:1:1: PIOT_BUILD_FILE: cannot load //tools:rules.txt\n"
            "    hint: load() takes .bzl files with macros and .py files with rules",
        ),
    ],
)
def test_an_error_of_starlark_is_one_line_with_a_place(text: str, expected: str) -> None:
    assert message(text) == expected


ATTRIBUTES = [
    (
        "argz = []",
        'PIOT_UNKNOWN_ATTRIBUTE: command has no attribute "argz"\n    hint: did you mean "argv"?',
    ),
    (
        "wholly = 1",
        'PIOT_UNKNOWN_ATTRIBUTE: command has no attribute "wholly"\n'
        "    hint: it has name, argv, srcs, deps, env, network, jobs, targets, script, tool and out",
    ),
    (
        'srcs = "a.txt"',
        "PIOT_BAD_ATTRIBUTE: attribute \"srcs\" of command: expected a list of files, got the str 'a.txt'\n"
        "    hint: write [ ] around it",
    ),
    (
        "deps = [':a', 3]",
        'PIOT_BAD_ATTRIBUTE: attribute "deps" of command: expected a list of labels, but item 2 is the int 3',
    ),
    (
        "deps = ['//a/...']",
        'PIOT_BAD_ATTRIBUTE: attribute "deps" of command: not a label: "//a/..."\n'
        "    hint: in files only labels stand; a pattern like this is for the command line",
    ),
    (
        "srcs = ['a.tx']",
        'PIOT_BAD_ATTRIBUTE: attribute "srcs" of command: no file app/a.tx\n'
        '    hint: did you mean "app/a.txt"?',
    ),
    (
        "srcs = ['sub']",
        'PIOT_BAD_ATTRIBUTE: attribute "srcs" of command: no file app/sub\n'
        '    hint: it is a folder: glob(["sub/**"]) gives its files',
    ),
    (
        "env = {'A': 1}",
        'PIOT_BAD_ATTRIBUTE: attribute "env" of command: expected a dict of str to str, '
        "but 'A' is the int 1",
    ),
    (
        "env = ['A']",
        'PIOT_BAD_ATTRIBUTE: attribute "env" of command: expected a dict of str to str, got a list',
    ),
    ("network = 1", 'PIOT_BAD_ATTRIBUTE: attribute "network" of command: expected a bool, got the int 1'),
    ("jobs = True", 'PIOT_BAD_ATTRIBUTE: attribute "jobs" of command: expected an int, got the bool True'),
    ("tool = ['x']", 'PIOT_BAD_ATTRIBUTE: attribute "tool" of command: expected a label, got a list'),
    (
        "targets = ['x86_64-unknown-linux-gnuu']",
        'PIOT_BAD_ATTRIBUTE: attribute "targets" of command: unknown triple "x86_64-unknown-linux-gnuu"\n'
        '    hint: did you mean "x86_64-unknown-linux-gnu"',
    ),
    (
        "out = select({'linx': 'a'})",
        'PIOT_BAD_ATTRIBUTE: attribute "out" of command: unknown condition "linx" in select()\n'
        '    hint: did you mean "linux"?',
    ),
    (
        "out = select({'linux-x64-gnu': 'a', 'x86_64-unknown-linux-gnu': 'b'})",
        'PIOT_BAD_ATTRIBUTE: attribute "out" of command: '
        'two branches of select() mean "x86_64-unknown-linux-gnu"',
    ),
    (
        "out = select(['a'])",
        'PIOT_BAD_ATTRIBUTE: attribute "out" of command: select() takes a dict of condition to value\n'
        '    hint: select({"linux": …, "default": …})',
    ),
    (
        "out = select_list('a', {'linux': 'b'})",
        'PIOT_BAD_ATTRIBUTE: attribute "out" of command: select_list() is for lists, this is a str\n'
        "    hint: write select({…})",
    ),
    (
        "deps = [select({'linux': 'b'})]",
        'PIOT_BAD_ATTRIBUTE: attribute "deps" of command: expected a list of labels, but item 1 is select()\n'
        "    hint: select_list([…], {…}) adds to a list",
    ),
]


@pytest.mark.parametrize(("attribute", "expected"), ATTRIBUTES)
def test_a_wrong_attribute_says_what_was_expected(attribute: str, expected: str) -> None:
    text = f'command(name = "x", argv = [], {attribute})'
    found = message(text, {"app/a.txt": "", "app/sub/b.txt": ""})
    assert found[: len("app/BUILD.piot:1:1: ") + len(expected)] == f"app/BUILD.piot:1:1: {expected}"


def test_all_problems_of_a_file_come_at_once() -> None:
    text = """\
command(name = "a")
command(argv = [])
command(name = "b c", argv = [])
command(name = 3, argv = [])
command(name = "a", argv = [], jobs = "many")
fail("enough")
"""
    assert message(text) == (
        'app/BUILD.piot:1:1: PIOT_MISSING_ATTRIBUTE: command needs the attribute "argv", a list of str\n'
        "    hint: the program and its arguments\n"
        'app/BUILD.piot:2:1: PIOT_MISSING_ATTRIBUTE: command needs a name\n    hint: write name = "…"\n'
        'app/BUILD.piot:3:1: PIOT_BAD_ATTRIBUTE: the name "b c" in ":b c" has space\n'
        "    hint: allowed are letters, digits and _ . - + ~ @ /\n"
        "app/BUILD.piot:4:1: PIOT_MISSING_ATTRIBUTE: command has a name that is no string: 3\n"
        '    hint: write name = "…"\n'
        'app/BUILD.piot:5:1: PIOT_BAD_ATTRIBUTE: attribute "jobs" of command: '
        "expected an int, got the str 'many'\n"
        'app/BUILD.piot:5:1: PIOT_DUPLICATE_TARGET: "a" is already the name of a target\n'
        "    hint: at app/BUILD.piot:1\n"
        "app/BUILD.piot:6:1: PIOT_BUILD_FILE: enough"
    )


def test_a_problem_inside_a_macro_names_the_call_and_the_macro() -> None:
    files = {"tools/d.bzl": "def m(name):\n    command(name = name, args = [])\n"}
    assert message('load("//tools:d.bzl", "m")\nx = 1\nm("a")\n', files) == (
        'app/BUILD.piot:3:1: PIOT_MISSING_ATTRIBUTE: command needs the attribute "argv", a list of str '
        "(in m at tools/d.bzl:2)\n    hint: the program and its arguments\n"
        'app/BUILD.piot:3:1: PIOT_UNKNOWN_ATTRIBUTE: command has no attribute "args" '
        "(in m at tools/d.bzl:2)\n"
        '    hint: did you mean "argv"?'
    )


def test_an_error_inside_a_macro_is_shown_there_with_who_called() -> None:
    files = {"tools/d.bzl": 'def m(name):\n    fail("no " + name)\n'}
    assert message('load("//tools:d.bzl", "m")\nm("a")\n', files) == (
        "tools/d.bzl:2:5: PIOT_BUILD_FILE: no a, called from app/BUILD.piot:2"
    )


def test_an_error_in_a_loaded_file_is_that_files_own() -> None:
    files = {"tools/d.bzl": "x = 1\ndef f(:\n"}
    assert message('load("//tools:d.bzl", "m")\n', files).startswith(
        "tools/d.bzl:2:7: PIOT_BUILD_FILE: Parse error"
    )


def test_an_error_in_a_python_rule_file_is_that_files_own() -> None:
    files = {"build_defs/hello.py": HELLO.replace("who: str", "who: complex")}
    found = message('load("//build_defs:hello.py", "hello")\n', files)
    assert found.startswith('build_defs/hello.py:7:10: PIOT_RULE_TYPE: attribute "who" has the type complex')


def test_files_that_load_each_other_are_shown_as_a_path() -> None:
    files = {"a.bzl": 'load("//:b.bzl", "y")\nx = 1', "b.bzl": 'load("//:a.bzl", "x")\ny = 1'}
    assert message('load("//:a.bzl", "x")', files) == (
        "b.bzl:1:1: PIOT_BUILD_FILE: files load each other: //:a.bzl -> //:b.bzl -> //:a.bzl"
    )


def test_a_macro_file_declares_nothing_by_itself() -> None:
    assert message('load("//:a.bzl", "x")', {"a.bzl": 'x = 1\ncommand(name = "x", argv = [])'}) == (
        "a.bzl:2:1: PIOT_BUILD_FILE: command() works in BUILD files only, not while a file is loaded\n"
        "    hint: put it into a function and call that in the BUILD file"
    )


def test_an_endless_recursion_ends_with_a_message() -> None:
    assert message("def f():\n    f()\nf()\n").startswith(
        "app/BUILD.piot:2:5: PIOT_BUILD_FILE: Starlark call stack overflow"
    )


def test_a_build_file_that_is_no_text_is_refused() -> None:
    builds = BuildFiles(root=Path("r"), schemas={}, tree=SourceTree.of(["BUILD"]), read=lambda _: b"\xff")
    with pytest.raises(InputError) as caught:
        builds.evaluate("")
    assert str(caught.value) == "BUILD is not UTF-8 text\n\nhint: byte 0 is wrong"


FRESH = {
    "app/BUILD.piot": (
        'load("//:d.bzl", "m")\n'
        'm(name = "x", argv = glob(["*.txt"]), script = "run.sh", srcs = ["//lib:f"])\n'
    ),
    "d.bzl": "def m(**more):\n    command(**more)\n",
    "lib/f": "",
    "app/a.txt": "",
    "app/run.sh": "",
}


@pytest.mark.parametrize(
    ("change", "fresh"),
    [
        ({}, True),
        ({"lib/other": "", "application/c": "", "other.c": ""}, True),
        ({"app/a.txt": "changed"}, True),
        ({"app/BUILD.piot": ""}, False),
        ({"d.bzl": "changed"}, False),
        ({"app/b.txt": ""}, False),
        ({"app/sub/c": ""}, False),
        ({"app/run.sh": None}, False),
        ({"lib/f": None}, False),
        ({"lib/f": "changed"}, True),
    ],
)
def test_an_evaluated_file_stays_fresh_until_something_it_read_changes(
    change: dict[str, str | None], fresh: bool
) -> None:
    found = Repository(FRESH).builds.evaluate("app")
    after = Repository({path: text for path, text in {**FRESH, **change}.items() if text is not None})
    assert found.fresh(after.digest_of, after.tree) is fresh


def test_one_evaluator_reads_many_build_files_and_loads_a_macro_once() -> None:
    files = {f"p{number}/BUILD": 'load("//:d.bzl", "m")\nm(name = "x", argv = [])\n' for number in range(3)}
    repository = Repository({**files, "d.bzl": FRESH["d.bzl"]})
    found = [repository.builds.evaluate(package) for package in repository.tree.build_files]
    assert [str(target.label) for each in found for target in each.targets] == ["//p0:x", "//p1:x", "//p2:x"]
    assert all(("d.bzl", repository.digest_of("d.bzl")) in each.files for each in found)


RULED = {
    "build_defs/hello.py": HELLO,
    "a/BUILD": 'load("//build_defs:hello.py", "hello")\nhello(name = "x", who = "a")\n',
    "b/BUILD": 'command(name = "x", argv = [])\n',
}


def test_what_was_kept_is_given_while_it_is_fresh_and_nothing_is_evaluated() -> None:
    first = Repository(RULED).builds
    kept = {package: replace(first.get(package), rules=()) for package in ("a", "b")}
    assert first.evaluated == {"a", "b"}
    again = Repository(RULED).evaluator(kept)
    assert [again.get(package) for package in kept] == [first.evaluate(package) for package in kept]
    assert [schema.name for schema in again.get("a").rules] == ["hello"]
    assert again.evaluated == set()


@pytest.mark.parametrize(
    ("path", "text"), [("build_defs/hello.py", HELLO.replace("world", "moon")), ("a/BUILD", "")]
)
def test_what_is_not_fresh_is_evaluated_and_nothing_else(path: str, text: str) -> None:
    first = Repository(RULED).builds
    kept = {package: first.get(package) for package in ("a", "b")}
    changed = Repository({**RULED, path: text})
    again = changed.evaluator(kept)
    assert [again.get(package) for package in kept] == [changed.builds.evaluate(each) for each in kept]
    assert again.evaluated == {"a"}
