"""Globs: minimatch's language with dot files, ordered, where ``!`` takes away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.errors import InputError
from piot.model.globs import Globs


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("packages/python/**/*.py", "packages/python/a.py", True),
        ("packages/python/**/*.py", "packages/python/x/y/a.py", True),
        ("packages/python/**/*.py", "packages/python/a.rs", False),
        ("Cargo.lock", "Cargo.lock", True),
        ("Cargo.lock", "sub/Cargo.lock", False),
        ("**/Cargo.toml", "Cargo.toml", True),
        ("**/*.yml", ".github/workflows/ci.yml", True),
        ("src/**", "src/a.ts", True),
        ("src/**", "src", False),
        ("src/", "src/a.ts", True),
        ("src/", "src/x/a.ts", True),
        ("./src/**", "src/a.ts", True),
        ("src//a.ts", "src/a.ts", True),
        (".", "a/b", True),
        ("src/*.rs", "src/a/b.rs", False),
        ("*.md", "docs/a.md", False),
        ("{src,lib}/**", "lib/a", True),
        ("{src,lib/x}/**", "lib/x/a", True),
        ("{src/,lib/}", "lib/a", True),
        ("{a,{b,c}d}.txt", "cd.txt", True),
        ("f{1..3}", "f2", True),
        ("f{3..1}", "f2", True),
        ("f{1..3}", "f4", False),
        ("f{a..c}", "fb", True),
        ("{a}", "{a}", True),
        ("{a", "{a", True),
        ("\\{a,b}", "{a,b}", True),
        ("src/?.rs", "src/a.rs", True),
        ("src/?.rs", "src/ab.rs", False),
        ("src/[ab].rs", "src/c.rs", False),
        ("src/[a-c].rs", "src/b.rs", True),
        ("src/[!ab].rs", "src/c.rs", True),
        ("src/[^ab].rs", "src/a.rs", False),
        ("src/[]x].rs", "src/].rs", True),
        ("[[:digit:]]*", "1a", True),
        ("[[:digit:]]*", "a1", False),
        ("a[!b]c", "a/c", False),
        ("[a", "[a", True),
        ("\\[a]", "[a]", True),
        ("#x/**", "#x/a", True),
        ("**", ".hidden/x", True),
        ("crates/**", "crates/a/.cargo/config.toml", True),
        ("SRC/**", "src/a", False),
        ("src/**/test.py", "src/test.py", True),
        ("**/src/**", "a/src/b/c", True),
        ("a/**/**/b", "a/b", True),
        ("a**b", "axxb", True),
        ("a**b", "a/b", False),
        ("pkg", "pkg/a.py", False),
        ("*", ".env", True),
        ("*", "a/b", False),
        ("@(a|b).rs", "b.rs", True),
        ("@(a|b).rs", "c.rs", False),
        ("?(a)b", "b", True),
        ("+(a|b)c", "abac", True),
        ("+(a|b)c", "c", False),
        ("*(a)b", "aab", True),
        ("@(a|@(b|c)d)", "cd", True),
        ("!(test).py", "main.py", True),
        ("!(test).py", "test.py", False),
        ("src/!(a|b)/x", "src/c/x", True),
        ("src/!(a|b)/x", "src/a/x", False),
        ("a.b", "axb", False),
        ("ünï/*", "ünï/x", True),
        ("a b/*", "a b/c", True),
        ("*", "a\nb", True),
        ("dist/**", "dist/a.whl", False),
        (".piot/**", ".piot/index", False),
        ("**/dist/**", "packages/dist/a", True),
    ],
)
def test_a_pattern_matches_as_in_minimatch_with_dot_files(pattern: str, path: str, expected: bool) -> None:
    assert Globs.parse([pattern]).matches(path) is expected


def test_the_last_pattern_that_matches_decides() -> None:
    globs = Globs.parse(["src/", "!src/gen/", "src/gen/keep.rs", "!**/*.md"])
    paths = ["src/a.rs", "src/gen/b.rs", "src/gen/keep.rs", "src/readme.md", "lib/x.rs"]
    assert globs.select(paths) == ("src/a.rs", "src/gen/keep.rs")


def test_patterns_that_match_nothing_are_found() -> None:
    globs = Globs.parse(["src/**", "srx/**", "!src/gen/**", "!*.md"])
    assert globs.unmatched(["src/a", "src/gen/b"]) == ("srx/**", "!*.md")
    assert globs.unmatched(["dist/a"]) == globs.patterns


@pytest.mark.parametrize(
    ("patterns", "roots"),
    [
        (["src/**", "src/gen/*.rs", "Cargo.lock", "!x/**"], ("Cargo.lock", "src")),
        (["{a,b/c}/**", "b/*.rs"], ("a", "b")),
        (["src/**", "**/*.py"], ("",)),
        (["a/b", "a/bc/*"], ("a/b", "a/bc")),
    ],
)
def test_roots_bound_what_can_match(patterns: list[str], roots: tuple[str, ...]) -> None:
    assert Globs.parse(patterns).roots() == roots


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        ([], 'no patterns\n\nhint: "**" matches everything'),
        ([""], '"": an empty pattern matches nothing\n\nhint: "**" matches everything'),
        (["a", "!"], '"!": an empty pattern matches nothing\n\nhint: "**" matches everything'),
        (
            ["!docs/**"],
            '"!docs/**" takes away, but nothing was added before it\n\n'
            'hint: begin with a pattern that adds, as "**"',
        ),
        (
            ["/src/**"],
            '"/src/**" begins with "/"\n\nhint: patterns are relative to the repository root: "src/**"',
        ),
        (["../x"], '"../x" leaves its folder by ".."\n\nhint: write the path without it'),
        (
            ["[z-a]"],
            '"[z-a]" is not a pattern: bad character range z-a\n\n'
            "hint: write \\ before a character that means itself",
        ),
        (
            ["@(a/b|c)"],
            'the group "@(a" is not closed before the next "/"\n\n'
            "hint: write braces for alternatives with folders: {a/b,c}",
        ),
        (["{1..9999}"], '"{1..9999}" expands to more than 1000 patterns\n\nhint: write it with *'),
        (
            ["@(" * 900 + ")" * 900],
            f'"{"@(" * 20}…" is not a pattern: nested too deeply\n\nhint: write several',
        ),
    ],
)
def test_a_pattern_that_cannot_be_right_is_refused(patterns: list[str], message: str) -> None:
    with pytest.raises(InputError) as refused:
        Globs.parse(patterns)
    assert str(refused.value) == message


_NAME = st.text(st.characters(codec="utf-8", exclude_characters="/\x00"), min_size=1, max_size=6).filter(
    lambda name: name not in (".", "..")
)
_PATH = (
    st.lists(_NAME, min_size=1, max_size=4)
    .map("/".join)
    .filter(lambda p: not p.startswith(("dist/", ".piot/")))
)


def _plain(path: str) -> str:
    return "".join("\\" + char if char in "*?[]{}()!@+\\,|" else char for char in path)


@given(_PATH, _PATH)
def test_an_escaped_path_matches_itself_only(path: str, other: str) -> None:
    globs = Globs.parse([_plain(path)])
    assert globs.matches(path)
    assert globs.matches(other) is (other == path)


@given(_PATH, st.lists(st.sampled_from(["**", "src/", "*.rs", "**/a*", "{a,b}/**", "[a-z]*"]), min_size=1))
def test_taking_everything_away_leaves_nothing(path: str, patterns: list[str]) -> None:
    globs = Globs.parse(patterns)
    assert Globs.parse([*patterns, "!**"]).matches(path) is False
    assert Globs.parse([*patterns, "!**", *patterns]).matches(path) is globs.matches(path)


@given(
    _PATH, st.lists(st.sampled_from(["**", "src/", "a/*.rs", "**/a*", "{a,b}/**", "a/[a-z]*"]), min_size=1)
)
def test_what_matches_lies_below_a_root_and_parsing_is_stable(path: str, patterns: list[str]) -> None:
    globs = Globs.parse(patterns)
    assert Globs.parse(globs.patterns) == globs
    if globs.matches(path):
        assert any(not root or path == root or path.startswith(root + "/") for root in globs.roots())


_LITERAL = st.from_regex(r"[a-c]{1,2}(/[a-c]{1,2}){0,2}", fullmatch=True)
_OFTEN = st.one_of(_LITERAL, _LITERAL.map("{}/**".format), _LITERAL.map("{}/*".format), st.just("**"))


@given(_LITERAL, st.lists(_OFTEN, min_size=1, max_size=5))
def test_names_and_whole_folders_match_as_their_expressions_do(path: str, patterns: list[str]) -> None:
    """Brace expansion takes a pattern out of those that need no expression, and changes nothing."""
    spelled = [f"{{{pattern},{pattern}}}" for pattern in patterns]
    assert Globs.parse(patterns).matches(path) is Globs.parse(spelled).matches(path)
