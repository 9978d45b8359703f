"""``piot doctor`` as text and JSON, its exit code, and that no secret is ever in what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from piot.app.inspecting import doctor_machine
from piot.app.machine import toolchain_rows as table
from piot.app.session.session import Session
from piot.cli.doctor import WIDTH, diagnosis_text
from piot.effects import host
from piot.effects.host import HostFacts
from piot.model.diagnosis import Diagnosis, Topic, facts
from piot.model.finding import Finding
from piot.model.toolchain import Interpreter, Lack, SystemTool
from piot.model.triple import Triple
from tests.support.planted import ENVIRONMENT, forms, plant
from tests.support.repository import do

Piot = Callable[..., tuple[int, str, str]]

PYTHON = SystemTool(name="python", version="3.12.1", digest="d", programs=(("python3.12", "/bin/python3"),))


class Tools:
    """A machine with a Python and without a Rust toolchain."""

    def __init__(self, session: Session) -> None:
        assert session.host.text == "x86_64-unknown-linux-gnu"

    def choose(self, _targets: object) -> Tools:
        return self

    def rust(self, _triple: Triple) -> tuple[Lack, ...]:
        return (Lack(candidate="rustc", reason="is not on PATH", remedy="install Rust"),)

    def interpreters(self, requires: tuple[str, ...]) -> Interpreter:
        assert requires == ()
        return Interpreter(version="3.12.1", headers=False, tool=PYTHON)

    def programs(self, names: Iterable[str]) -> dict[str, Lack]:
        assert list(names) == []
        return {}

    def system(self, names: Iterable[str]) -> dict[str, Lack | SystemTool]:
        assert list(names) in ([], ["openssl", "nasm"])
        lack = Lack(candidate="nasm", reason="is not on PATH", remedy="apt: nasm")
        library = SystemTool(
            name="openssl", version="3.0.11", digest="d", programs=(("pkgconfig-openssl", "/x"),)
        )
        return {"nasm": lack, "openssl": library} if list(names) else {}


@pytest.fixture(autouse=True)
def machine(outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert outside.is_dir()
    for module in (table, doctor_machine):
        monkeypatch.setattr(module, "Tooling", Tools)
    monkeypatch.setattr(host, "host_triple_facts", lambda: HostFacts("Linux", "x86_64", "glibc", "2.36"))
    for name in ("GITLAB_CI", "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", *ENVIRONMENT):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CARGO_HOME", str(outside.parent / "home/.cargo"))


DIAGNOSIS = Diagnosis(
    topics=(
        Topic(
            name="tools",
            facts=facts(
                (
                    ("npm", "11.5.1 (/bin/npm)"),
                    ("a name that is longer than what values are aligned behind", "value"),
                    ("node", " ".join(f"word{number}" for number in range(14))),
                    ("nothing", ""),
                )
            ),
            findings=(
                Finding(
                    code="PIOT_TOOL_MISSING",
                    severity="error",
                    message=" ".join(["something is missing"] * 4),
                    package="core",
                    fix="install it",
                ),
            ),
        ),
        Topic(name="git", findings=(Finding(code="PIOT_GIT_TAGS", severity="note", message="no tags"),)),
        Topic(name="empty"),
    )
)
TEXT = """\
tools
  npm                               11.5.1 (/bin/npm)
  a name that is longer than what values are aligned behind
                                    value
  node                              word0 word1 word2 word3 word4 word5 word6
                                    word7 word8 word9 word10 word11 word12
                                    word13
  error: core: something is missing something is missing something is missing
    something is missing [PIOT_TOOL_MISSING]
    hint: install it

git
  note: no tags [PIOT_GIT_TAGS]

empty
  nothing is needed

1 error and 1 note
"""


def test_facts_are_aligned_and_findings_stand_below_them() -> None:
    assert diagnosis_text(DIAGNOSIS) == TEXT
    assert max(map(len, TEXT.splitlines())) <= WIDTH


def test_where_nothing_was_found_it_says_so() -> None:
    assert diagnosis_text(Diagnosis(topics=())) == "nothing is wrong\n"


def test_what_would_stop_a_build_is_exit_7(checkout: Path, piot: Piot) -> None:
    assert checkout.is_dir()
    code, out, err = piot("doctor", "--offline")
    assert (code, err) == (7, "")
    words = " ".join(out.split())
    assert "error: core and my-py cannot be built here for x86_64-unknown-linux-gnu: rustc is not on" in words
    assert "\n  Python  3.12.1 (/bin/python3)\n" in out
    assert [line for line in out.splitlines() if line and not line.startswith(" ")][:-1] == [
        *("piot", "PATH", "tools", "toolchains", "sandbox", "store", "git", "job", "credentials")
    ]


def test_what_targets_need_on_any_platform_is_looked_for(checkout: Path, piot: Piot) -> None:
    path = checkout / "putitoutthere.toml"
    text = path.read_text().replace('depends_on = ["core"]', 'depends_on = ["core"]\nsystem = ["openssl"]')
    special = '{ triple = "linux-arm64-gnu", system = ["nasm"] }'
    path.write_text(text.replace('"linux-arm64-gnu"', special))
    code, out, _ = piot("doctor", "--offline", "--json")
    tools = next(each for each in json.loads(out)["topics"] if each["name"] == "tools")
    assert code == 7
    assert tools["facts"] == [
        {"name": "Python", "value": "3.12.1 (/bin/python3)"},
        {"name": "nasm", "value": "missing"},
        {"name": "openssl", "value": "3.0.11 (with pkg-config)"},
    ]
    assert [each["message"] for each in tools["findings"]] == ["//py:wheel: nasm is not on PATH"]


def test_outside_of_a_checkout_there_is_the_machine(outside: Path, piot: Piot) -> None:
    assert outside.is_dir()
    code, out, err = piot("doctor", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert [each["name"] for each in found["topics"]] == [
        *("piot", "PATH", "tools", "toolchains", "sandbox", "store")
    ]
    assert (found["schema"], found["ok"]) == (1, True)


def with_a_mistake(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text(encoding="utf-8")
    assert not old or old in text
    (root / path).write_text(text.replace(old, new, 1) if old else new, encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("putitoutthere.toml", 'path = "core"', 'path = "core"\ncolour = "red"', ["PIOT_UNKNOWN_KEY"]),
        ("putitoutthere.toml", "", "[putitoutthere\n", ["PIOT_TOML"]),
        ("py/pyproject.toml", "[project]", "[project", ["PIOT_TOML"]),
        ("core/Cargo.toml", "[package]", "[package", ["PIOT_TOML"]),
        ("BUILD", 'name = "docs"', 'nam = "docs"', ["PIOT_MISSING_ATTRIBUTE", "PIOT_UNKNOWN_ATTRIBUTE"]),
        ("piot.lock", "", "version = 7\n", ["PIOT_LOCK_VERSION"]),
    ],
)
def test_a_checkout_that_is_wrong_is_a_finding_beside_all_others(
    checkout: Path, piot: Piot, path: str, old: str, new: str, expected: list[str]
) -> None:
    if not (checkout / path).exists():
        (checkout / path).touch()
    with_a_mistake(checkout, path, old, new)
    code, out, err = piot("doctor", "--offline", "--json")
    assert (code, err) == (7, "")
    topics = json.loads(out)["topics"]
    assert [each["name"] for each in topics] == [
        *("configuration", "piot", "PATH", "tools", "toolchains", "sandbox", "store", "git", "job"),
        "credentials",
    ]
    assert [each["code"] for each in topics[0]["findings"] if each["path"] == path] == expected
    assert piot("build", "//...")[0] == 3


def test_where_a_mistake_stands_is_said_in_words_too(checkout: Path, piot: Piot) -> None:
    with_a_mistake(checkout, "putitoutthere.toml", 'path = "core"', 'path = "core"\ncolour = "red"')
    _, out, _ = piot("doctor", "--offline")
    assert out.startswith("""\
configuration
  error: putitoutthere.toml:8:1: package "core": unknown key "colour"
""")


def test_settings_that_are_wrong_are_a_finding_outside_of_a_checkout_too(
    outside: Path, piot: Piot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outside.is_dir()
    monkeypatch.setenv("PIOT_JOBS", "many")
    code, out, err = piot("doctor", "--offline")
    assert (code, err) == (7, "")
    assert out.startswith(
        'configuration\n  error: environment variable PIOT_JOBS: it is "many" [PIOT_NUMBER]\n'
    )
    assert "\nstore\n" in out


@pytest.mark.parametrize("words", ["doctor", "doctor --offline --json", "-v doctor --offline"])
@pytest.mark.parametrize("system", ["GITHUB_ACTIONS", "GITLAB_CI", "NONE"])
def test_no_secret_is_shown_in_any_form(
    checkout: Path, piot: Piot, monkeypatch: pytest.MonkeyPatch, words: str, system: str
) -> None:
    monkeypatch.setattr("piot.effects.http._ATTEMPTS", 1)
    plant(checkout.parent / "home", checkout)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(system, "true")
    for command in (
        ("init", "--quiet"),
        ("add", "."),
        ("remote", "add", "origin", ENVIRONMENT["TWINE_REPOSITORY_URL"]),
        ("remote", "add", "other", "https://planted-user:hunter2-plain-s3cr3t@g.example.invalid/r"),
    ):
        do(checkout, *command)
    code, out, err = piot(*words.split())
    assert code == 7
    for form in forms():
        assert form not in out and form not in err
    for place in ("TWINE_PASSWORD", "CARGO_REGISTRY_TOKEN", "credentials.toml", ".pypirc", ".npmrc"):
        assert place in out
    assert "remote origin" in out
    assert "PIOT_CREDENTIAL_COMMITTED" in out
