from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.cli.invocation import Globals, Invocation
from piot.cli.parser import parse
from piot.cli.verbs import VERBS
from piot.errors import UsageError

BUILD_DEFAULTS = {
    "target": (),
    "python": (),
    "profile": "release",
    "set_version": (),
    "plan": None,
    "out": None,
    "incremental": False,
    "jobs": None,
    "keep_going": False,
    "force": False,
    "no_cache": False,
    "sandbox": None,
    "keep_sandbox": False,
    "dry_run": False,
    "events": None,
    "trace": None,
}


def test_run_hands_on_what_stands_behind_two_dashes() -> None:
    invocation = parse(["run", "-q", "//:x", "--profile", "dev", "--", "-q", "--", "//:y", "--nonsense"])
    assert invocation.arguments == ("//:x",)
    assert invocation.rest == ("-q", "--", "//:y", "--nonsense")
    assert (invocation.globals.quiet, invocation.options["profile"]) == (True, "dev")
    assert parse(["build", "//...", "--", "-x"]).arguments == ("//...", "-x")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (
            "run //:x a",
            'run does not take "a"\n\nhint: ARG… stands behind --. See: piot help run',
        ),
        ("run", "nothing is given to run: piot run LABEL [-- ARG…]\n\nhint: see: piot help run"),
        ("run -- a", "nothing is given to run: piot run LABEL [-- ARG…]\n\nhint: see: piot help run"),
    ],
)
def test_run_takes_one_label(line: str, text: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse(line.split())
    assert str(raised.value) == text


def test_a_verb_has_all_its_options_even_when_none_is_given() -> None:
    assert parse(["build", "//..."]) == Invocation(
        verb="build", options=BUILD_DEFAULTS, arguments=("//...",), globals=Globals()
    )


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("build //x --target a --target=b --platform host", {"target": ("a", "b", "host")}),
        ("build //x -j4", {"jobs": 4}),
        ("build //x -j 4", {"jobs": 4}),
        ("build //x --jobs 4", {"jobs": 4}),
        ("build //x --jobs=4", {"jobs": 4}),
        ("build -k //x --force", {"keep_going": True, "force": True}),
        ("build -kj2 //x", {"keep_going": True, "jobs": 2}),
        ("build //x --set-version a=1.0.0 --set-version b=2.0.0", {"set_version": ("a=1.0.0", "b=2.0.0")}),
        ("build //x --sandbox bwrap --out=../here", {"sandbox": "bwrap", "out": "../here"}),
        ("build //x --out=-strange", {"out": "-strange"}),
        ("build //x --force --force", {"force": True}),
        (
            "build //x --python 3.14t --profile dev --dry-run",
            {"python": ("3.14t",), "profile": "dev", "dry_run": True},
        ),
        ("build //x --no-cache --keep-sandbox", {"no_cache": True, "keep_sandbox": True}),
    ],
)
def test_flags_of_build_are_read(line: str, changed: dict[str, object]) -> None:
    invocation = parse(line.split())
    assert invocation.options == BUILD_DEFAULTS | changed
    assert invocation.arguments == ("//x",)


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("build //... -//a/... -:x", ("//...", "-//a/...", "-:x")),
        ("build //... -- -my-py --force", ("//...", "-my-py", "--force")),
        ("query deps //a - //b", ("deps", "//a", "-", "//b")),
        ("cache rm //a:b", ("rm", "//a:b")),
        ("lock maturin==1.9.4 ziglang", ("maturin==1.9.4", "ziglang")),
        ("lock", ()),
        ("rules maturin_wheel", ("maturin_wheel",)),
    ],
)
def test_what_is_no_flag_is_an_argument(line: str, arguments: tuple[str, ...]) -> None:
    assert parse(line.split()).arguments == arguments


@pytest.mark.parametrize("place", ["before", "after", "between"])
def test_global_flags_stand_before_and_after_the_verb(place: str) -> None:
    words = ["-C", "there", "--config=x.toml", "-v", "--color", "never", "--offline", "--json"]
    lines = {
        "before": [*words, "build", "//x"],
        "after": ["build", "//x", *words],
        "between": [*words[:3], "build", *words[3:], "//x"],
    }
    invocation = parse(lines[place])
    assert invocation.globals == Globals(
        directory="there", config="x.toml", verbose=True, color="never", offline=True, json=True
    )
    assert invocation.arguments == ("//x",)


def test_typed_access_gives_what_was_read() -> None:
    invocation = parse(["build", "//x", "-j3", "--force", "--target", "a", "--out", "d"])
    assert invocation.number("jobs") == 3
    assert invocation.on("force") and not invocation.on("keep_going")
    assert invocation.texts("target") == ("a",)
    assert (invocation.text("out"), invocation.texts("python")) == ("d", ())
    assert invocation.number("force") is None


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("512", 512),
        ("3B", 3),
        ("4K", 4096),
        ("500M", 524288000),
        ("2GB", 2 * 10**9),
        ("2GiB", 2**31),
        ("1t", 2**40),
    ],
)
def test_sizes_are_bytes(text: str, size: int) -> None:
    assert parse(["cache", "gc", "--max-size", text]).number("max_size") == size


@pytest.mark.parametrize(
    ("line", "verb", "arguments"),
    [
        ("--help", "help", ()),
        ("-h", "help", ()),
        ("help", "help", ()),
        ("help build", "help", ("build",)),
        ("build --help", "help", ("build",)),
        ("build -kh --nonsense", "help", ("build",)),
        ("-h build", "help", ("build",)),
        ("--help --json build --nonsense", "help", ("build",)),
        ("--version", "version", ()),
        ("-V", "version", ()),
        ("-q -V", "version", ()),
    ],
)
def test_help_and_version_win(line: str, verb: str, arguments: tuple[str, ...]) -> None:
    invocation = parse(line.split())
    assert (invocation.verb, invocation.arguments) == (verb, arguments)


SEE_BUILD = "see: piot help build"


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("", "no verb is given", "see: piot help"),
        ("--", "no verb is given", "see: piot help"),
        ("bild //x", 'unknown verb "bild"', 'did you mean "build"? See: piot help'),
        ("xyzzy //x", 'unknown verb "xyzzy"', "see: piot help"),
        ("-h bild", 'unknown verb "bild"', 'did you mean "build"? See: piot help'),
        ("rdeps //x", 'unknown verb "rdeps"', "it is piot query rdeps here. See: piot help"),
        ("version", 'unknown verb "version"', "it is piot --version here. See: piot help"),
        ("build", "nothing is given to build: piot build PATTERN…", SEE_BUILD),
        ("build //x --tagret a", 'unknown flag "--tagret"', 'did you mean "--target"? See: piot help build'),
        (
            "build //x --xyzzy=1",
            'unknown flag "--xyzzy=1"',
            SEE_BUILD,
        ),
        (
            "build //x -my-py",
            'unknown flag "-my-py"',
            'a pattern that begins with "-" and a name stands after "--". See: piot help build',
        ),
        (
            "build //x -k-q",
            'unknown flag "-k-q"',
            'a pattern that begins with "-" and a name stands after "--". See: piot help build',
        ),
        ("clean -x", 'unknown flag "-x"', "see: piot help clean"),
        (
            "-j4 build //x",
            'unknown flag "-j4"',
            "-j stands after the verb: build, run, develop, test and fetch. See: piot help",
        ),
        ("query deps //x -k", 'unknown flag "-k"', "-k is a flag of build and test. See: piot help query"),
        ("build //x --out", "--out needs a value: --out DIR", SEE_BUILD),
        ("build //x --out --force", "--out needs a value: --out DIR", SEE_BUILD),
        ("build --target -//x", "--target needs a value: --target TRIPLE", SEE_BUILD),
        ("build //x --out=", '--out: "" is empty', SEE_BUILD),
        ("build //x --force=yes", "--force takes no value", SEE_BUILD),
        ("build //x --out a --out b", "--out is given twice", SEE_BUILD),
        ("-C a build //x -C b", "-C is given twice", SEE_BUILD),
        ("build //x -j0", '--jobs: "0" is not a whole number of at least 1', SEE_BUILD),
        ("build //x -j four", '--jobs: "four" is not a whole number of at least 1', SEE_BUILD),
        (
            "build //x --sandbox bwarp",
            '--sandbox: "bwarp" is not one of none, dir and bwrap',
            'did you mean "bwrap"? See: piot help build',
        ),
        ("build //x --color=red", '--color: "red" is not one of auto, always and never', SEE_BUILD),
        ("build //x --set-version 1.2.3", '--set-version: "1.2.3" is not written NAME=X.Y.Z', SEE_BUILD),
        ("build //x --set-version a=", '--set-version: "a=" is not written NAME=X.Y.Z', SEE_BUILD),
        (
            "cache gc --max-size much",
            '--max-size: "much" is not a size like 500M or 20G',
            "see: piot help cache",
        ),
        (
            "cache gcc",
            'cache: "gcc" is not one of info, gc, verify and rm',
            'did you mean "gc"? See: piot help cache',
        ),
        ("build //x -q -v", "--quiet and --verbose exclude each other", SEE_BUILD),
        ("clean //x", 'clean does not take "//x"', "see: piot help clean"),
        ("explain //x //y", 'explain does not take "//y"', "see: piot help explain"),
    ],
)
def test_a_line_that_is_not_declared_is_refused_with_a_next_step(line: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse(line.split())
    assert (raised.value.message, raised.value.hint) == (message, hint)
    assert raised.value.exit_code == 2


def test_no_spelling_of_a_flag_is_used_twice_in_a_verb() -> None:
    from piot.cli.flags import GLOBAL_FLAGS, HELP_FLAG, VERSION_FLAG

    for verb in VERBS:
        flags = (*verb.flags, *GLOBAL_FLAGS, HELP_FLAG, VERSION_FLAG)
        names = [name for flag in flags for name in flag.names]
        keys = [flag.key for flag in flags]
        assert (len(set(names)), len(set(keys))) == (len(names), len(keys)), verb.name


@given(value=st.text(min_size=1).filter(lambda value: not value.startswith("-")))
def test_a_value_means_the_same_behind_a_space_and_behind_an_equals_sign(value: str) -> None:
    assert parse(["build", "//x", "--out", value]) == parse(["build", "//x", f"--out={value}"])


@given(
    words=st.lists(st.text(max_size=8) | st.sampled_from(["-k", "--out", "--target=a", "--", "build", "-j"]))
)
def test_any_line_is_understood_or_refused_as_usage(words: list[str]) -> None:
    try:
        invocation = parse(words)
    except UsageError as error:
        assert error.hint
    else:
        assert invocation.verb


@given(words=st.lists(st.text()))
def test_all_words_behind_two_dashes_are_arguments(words: list[str]) -> None:
    assert parse(["build", "//x", "--", *words]).arguments == ("//x", *words)
