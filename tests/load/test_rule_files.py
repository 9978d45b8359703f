"""Rule files: schemas without running, running by label, and errors at the file's own line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from piot.errors import InputError, Problems
from piot.load.rule_files import RuleFile, execute, find, rules, schemas
from piot.model.digest import Digest
from piot.model.label import Label
from piot.model.rule import Attr, AttrType, RuleSchema, Sources

HELLO = '''\
from dataclasses import dataclass
from piot.api.rule import rule

@dataclass(frozen=True)
class Hello:
    """who: whom to greet"""
    who: str = "world"

@rule
def hello(ctx, attrs: Hello):
    """Greets."""
    return (f"Hello, {attrs.who}, {1 // ctx}!",)
'''

ctx: Any = 1
zero: Any = 0


def file(text: str, label: str = "//build_defs:hello.py") -> RuleFile:
    where = Label.parse(label)
    return RuleFile(label=where, text=text, digest=Digest.of(text.encode()), path=Path("repo") / where.path)


def test_a_user_rule_of_twelve_lines_has_a_schema_and_runs() -> None:
    assert len(HELLO.splitlines()) == 12
    assert schemas(file(HELLO)) == (
        RuleSchema(
            name="hello",
            attrs=(Attr(name="who", type=AttrType.STR, default="world", doc="whom to greet"),),
            location="//build_defs:hello.py:10",
            doc="Greets.",
        ),
    )
    assert rules(file(HELLO))["hello"].analyse(ctx, {"who": "you"}) == ("Hello, you, 1!",)


@pytest.mark.parametrize(
    ("annotation", "provides"),
    [
        ("", ()),
        (" -> tuple[Wheel]", ("Wheel",)),
        (" -> tuple[api.Wheel, Files]", ("Wheel", "Files")),
        (" -> tuple[Files, ...]", ("Files",)),
        (' -> "tuple[Executable]"', ("Executable",)),
        (' -> "tuple["', ()),
        (" -> object", ()),
    ],
)
def test_what_a_rule_provides_is_read_from_its_annotation(annotation: str, provides: tuple[str, ...]) -> None:
    text = HELLO.replace("attrs: Hello):", f"attrs: Hello){annotation}:")
    assert schemas(file(text))[0].provides == provides


def test_the_key_of_a_rule_names_its_file_unless_it_is_one_of_piots() -> None:
    assert schemas(file(HELLO))[0].key == "//build_defs:hello.py%hello"
    assert schemas(file(HELLO, "@piot//rules:hello.py"))[0].key == "hello"


def test_a_failing_rule_is_blamed_on_its_own_line() -> None:
    with pytest.raises(Problems) as caught:
        rules(file(HELLO))["hello"].analyse(zero, {})
    assert str(caught.value) == (
        "build_defs/hello.py:12:36: PIOT_RULE_FAILED: ZeroDivisionError: integer division or modulo by zero"
    )


def test_a_complaint_of_the_context_gets_the_line_that_asked() -> None:
    text = HELLO.replace("1 // ctx", "ctx()")

    def complain() -> None:
        raise InputError("no provider Wheel in //a:b", hint="it provides Crate")

    asked: Any = complain
    with pytest.raises(Problems) as caught:
        rules(file(text))["hello"].analyse(asked, {})
    assert str(caught.value) == (
        "build_defs/hello.py:12:36: PIOT_RULE: no provider Wheel in //a:b\n    hint: it provides Crate"
    )


def test_a_file_that_fails_while_it_is_loaded_is_blamed_on_its_own_line_and_forgotten() -> None:
    with pytest.raises(Problems) as caught:
        execute(file("import json\n\n\ntable = json.loads('[')\n", "//build_defs:bad.py"))
    assert str(caught.value) == (
        "build_defs/bad.py:4:9: PIOT_RULE_FAILED: JSONDecodeError: Expecting value: line 1 column 2 (char 1)"
    )
    assert "//build_defs:bad.py" not in sys.modules


def test_a_file_that_ends_the_program_is_an_error_too() -> None:
    with pytest.raises(Problems) as caught:
        execute(file("import sys\nsys.exit(0)\n", "//build_defs:bad.py"))
    assert str(caught.value) == "build_defs/bad.py:2:1: PIOT_RULE_FAILED: SystemExit: 0"


ALL_TYPES = '''\
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

from piot import api
from piot.api.rule import Label, Source, Sources, StringMap, Triples, rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """All that an attribute can be.

    In two paragraphs.

    text: some text,
        which goes on here
    srcs: what is read
    """

    text: str
    flag: bool = False
    count: int = -1
    words: tuple[str, ...] = ("a", "b")
    env: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = StringMap()
    crate: Label
    maybe: Label | None = None
    deps: tuple[Label, ...] = ()
    file: Source | None = None
    srcs: Sources = Sources()
    targets: Triples = Triples()


@rule(configured_by=("triple", "python"), test=True)
def everything(ctx: object, attrs: Everything) -> tuple[object, ...]:
    return ()
'''


def test_every_attribute_type_is_read() -> None:
    (schema,) = schemas(file(ALL_TYPES.replace("from piot import api\n", "")))
    shown = [(attr.name, attr.type.value, attr.required, str(attr.default)) for attr in schema.attrs]
    assert shown == [
        ("text", "str", True, "None"),
        ("flag", "bool", False, "False"),
        ("count", "int", False, "-1"),
        ("words", "list of str", False, "('a', 'b')"),
        ("env", "dict of str to str", False, "StringMap(entries=())"),
        ("more", "dict of str to str", False, "StringMap(entries=())"),
        ("crate", "label", True, "None"),
        ("maybe", "label", False, "None"),
        ("deps", "list of labels", False, "()"),
        ("file", "file", False, "None"),
        ("srcs", "list of files", False, str(Sources())),
        ("targets", "list of triples", False, "Triples(names=())"),
    ]
    assert schema.doc == "All that an attribute can be.\n\nIn two paragraphs."
    assert [attr.doc for attr in schema.attrs if attr.doc] == [
        "some text, which goes on here",
        "what is read",
    ]
    assert schema.configured_by == {"triple", "python"}
    assert schema.test


def test_the_schema_and_the_module_agree_on_every_default() -> None:
    text = ALL_TYPES.replace("from piot import api\n", "")
    (schema,) = schemas(file(text))
    made = rules(file(text))["everything"].attrs(text="", crate=Label("", "x"))
    given = {attr.name: getattr(made, attr.name) for attr in schema.attrs if not attr.required}
    assert given == {attr.name: attr.default for attr in schema.attrs if not attr.required} | {"env": {}}


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("def hello(", "def hello(:", "10:11: PIOT_RULE_SYNTAX: invalid syntax"),
        (
            "from dataclasses import dataclass",
            "import os, requests; from dataclasses import dataclass",
            '1:1: PIOT_RULE_IMPORT: a rule file cannot import "requests"\n'
            "    hint: rule files import piot.api and the standard library only",
        ),
        (
            "from piot.api.rule import rule",
            "from piot.plan import rule",
            '2:1: PIOT_RULE_IMPORT: a rule file cannot import "piot.plan"\n'
            "    hint: rule files import piot.api and the standard library only",
        ),
        (
            "from piot.api.rule import rule",
            "from .api import rule",
            '2:1: PIOT_RULE_IMPORT: a rule file cannot import ".api"\n'
            "    hint: rule files import piot.api and the standard library only",
        ),
        (
            "attrs: Hello",
            "attrs",
            "10:1: PIOT_RULE_SHAPE: rule hello takes a context and a dataclass of attributes "
            "from the same file\n"
            "    hint: a rule is written: def hello(ctx: Context, attrs: Hello) -> tuple[…]:",
        ),
        (
            "@dataclass(frozen=True)",
            "@dataclass",
            "5:1: PIOT_RULE_SHAPE: the attributes Hello are not a frozen dataclass of their own\n"
            "    hint: write @dataclass(frozen=True) above class Hello, without base classes",
        ),
        (
            "@rule",
            "@rule(cached=False)",
            "9:14: PIOT_RULE_SHAPE: @rule does not understand cached=False\n"
            '    hint: options are configured_by=("triple", "python") and test=True, as literals',
        ),
        (
            "who: str =",
            "who: set[str] =",
            '7:10: PIOT_RULE_TYPE: attribute "who" has the type set[str]\n'
            "    hint: types of attributes are str, bool, int, tuple[str, ...], Mapping[str, str], Label, "
            "tuple[Label, ...], Source, Sources and Triples; also X | None for single values",
        ),
        (
            "who: str =",
            "name: str =",
            '7:5: PIOT_RULE_TYPE: no attribute can be called "name"\n    hint: it is ctx.label.name',
        ),
        (
            '"world"',
            "str(3)",
            '7:16: PIOT_RULE_DEFAULT: attribute "who": the default str(3) is not a literal\n'
            "    hint: literals can be read without running the file, and Sources(), Triples(), StringMap(), "
            "Label.parse(…)",
        ),
        ('"world"', "3", '7:16: PIOT_RULE_DEFAULT: attribute "who": the default 3 is not a str'),
    ],
)
def test_what_is_wrong_with_a_rule_file_is_said_without_running_it(
    before: str, after: str, message: str
) -> None:
    assert before in HELLO
    with pytest.raises(Problems) as caught:
        schemas(file(HELLO.replace(before, after, 1)))
    assert str(caught.value) == f"build_defs/hello.py:{message}"


def test_all_problems_of_a_rule_file_come_at_once() -> None:
    text = (
        HELLO.replace("who: str", "who: float")
        .replace("frozen=True", "")
        .replace("from d", "import numpy\nfrom d")
    )
    with pytest.raises(Problems) as caught:
        schemas(file(text))
    assert [(problem.line, problem.code) for problem in caught.value.problems] == [
        (1, "PIOT_RULE_IMPORT"),
        (6, "PIOT_RULE_SHAPE"),
        (8, "PIOT_RULE_TYPE"),
    ]


def test_piots_own_files_are_found_by_the_same_loader(tmp_path: Path) -> None:
    asked: list[Path] = []

    def read(path: Path) -> bytes | None:
        asked.append(path)
        return b"x = 1\n" if "prelude" not in path.parts else None

    found = find(Label.parse("@piot//rules:rust.py"), tmp_path, read)
    assert found.path.parts[-2:] == ("rules", "rust.py")
    assert found.digest == Digest.of(b"x = 1\n")
    assert asked[0].parts[-3:] == ("prelude", "rules", "rust.py")


def test_a_missing_rule_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        find(Label.parse("//build_defs:nope.py"), tmp_path, lambda _: None)
    assert str(caught.value) == (
        "no rule file build_defs/nope.py\n\nhint: //build_defs:nope.py must be a file of the repository"
    )


def test_a_rule_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        find(Label.parse("//build_defs:nope.py"), tmp_path, lambda _: b"a\xff")
    assert str(caught.value) == "build_defs/nope.py is not UTF-8 text\n\nhint: byte 1 is wrong"
