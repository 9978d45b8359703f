"""Labels and patterns: what they mean, how they print, what they refuse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.errors import InputError
from piot.model.label import Label, PackageName, Pattern

segments = st.from_regex(r"[A-Za-zß0-9_+~@-][A-Za-z0-9_.+~@-]{0,6}", fullmatch=True)
folders = st.lists(segments, max_size=3).map("/".join)
names = segments.filter(lambda name: name != "all")


@pytest.mark.parametrize(
    ("text", "package", "expected"),
    [
        ("//a/b:c", "", Label("a/b", "c")),
        (":c", "a/b", Label("a/b", "c")),
        (":c", "", Label("", "c")),
        ("//:x", "a", Label("", "x")),
        ("//packages/@scope/x:@scope/x-wheel", "", Label("packages/@scope/x", "@scope/x-wheel")),
        ("@piot//rules:maturin.py", "a", Label("rules", "maturin.py", "piot")),
    ],
)
def test_a_label_is_read_relative_to_its_folder(text: str, package: str, expected: Label) -> None:
    assert Label.parse(text, package=package) == expected


@given(folders, names)
def test_a_label_round_trips(folder: str, name: str) -> None:
    label = Label(folder, name)
    assert Label.parse(str(label)) == label


alike = st.lists(st.text("a+", min_size=1, max_size=2), min_size=1, max_size=2).map("/".join)


@given(st.lists(st.tuples(st.just("") | alike, alike), min_size=2, unique=True))
def test_every_label_has_a_folder_name_of_its_own(labels: list[tuple[str, str]]) -> None:
    names = {Label(*each).folder_name for each in labels}
    assert len(names) == len(labels)
    assert not any("/" in name or ":" in name for name in names)


def test_a_folder_name_can_be_recognised() -> None:
    texts = ("//packages/python:wheel", "//:x", "//a+b:c/d", "@piot//rules:rust.py")
    assert [Label.parse(text).folder_name for text in texts] == [
        "packages+python=wheel",
        "=x",
        "a%b=c+d",
        "@piot++rules=rust.py",
    ]


@given(folders, names, st.booleans(), st.booleans())
def test_a_pattern_round_trips(folder: str, name: str, recursive: bool, negative: bool) -> None:
    pattern = Pattern(
        package=folder, name=None if recursive else name, recursive=recursive, negative=negative
    )
    assert Pattern.parse(str(pattern)) == pattern


def test_labels_sort_by_folder_then_name() -> None:
    labels = [Label("b", "a"), Label("", "z"), Label("a/b", "x"), Label("a", "y")]
    assert [str(label) for label in sorted(labels)] == ["//:z", "//a:y", "//a/b:x", "//b:a"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("//a/b", 'not a label: "//a/b"\n\nhint: add the target\'s name: //a/b:NAME'),
        (
            "//a/...",
            'not a label: "//a/..."\n\n'
            "hint: in files only labels stand; a pattern like this is for the command line",
        ),
        (
            "a/b:x",
            'not a label: "a/b:x"\n\n'
            "hint: write //folder:name, //:name for the root folder or :name for the same folder",
        ),
        (
            "x",
            'not a label: "x"\n\n'
            "hint: write //folder:name, //:name for the root folder or :name for the same folder",
        ),
        (
            "//a:b c*",
            'the name "b c*" in "//a:b c*" has space *\n\n'
            "hint: allowed are letters, digits and _ . - + ~ @ /",
        ),
        (
            "//a/../b:c",
            'the folder "a/../b" in "//a/../b:c" is not a plain path\n\n'
            "hint: write //folder:name, //:name for the root folder or :name for the same folder",
        ),
        ("//a:all", '"all" cannot name one target: "//a:all"\n\nhint: it means all targets of a folder'),
        (
            "//a:",
            'the name is missing in "//a:"\n\n'
            "hint: write //folder:name, //:name for the root folder or :name for the same folder",
        ),
        (
            "@other//a:b",
            'unknown repository in "@other//a:b"\n\nhint: only @piot// exists',
        ),
    ],
)
def test_a_wrong_label_says_what_to_write(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Label.parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "package", "expected"),
    [
        ("//...", "a", Pattern(package="", recursive=True)),
        ("//a/...", "", Pattern(package="a", recursive=True)),
        ("...", "a/b", Pattern(package="a/b", recursive=True)),
        ("./...", "a", Pattern(package="a", recursive=True)),
        ("//a/b", "", Pattern(package="a/b")),
        ("//a/b/", "", Pattern(package="a/b")),
        ("//a/b:all", "", Pattern(package="a/b")),
        ("//", "a", Pattern(package="")),
        ("//:x", "a", Pattern(package="", name="x")),
        (":x", "a/b", Pattern(package="a/b", name="x")),
        (":all", "a/b", Pattern(package="a/b")),
        ("b:x", "a", Pattern(package="a/b", name="x")),
        ("b/...", "a", Pattern(package="a/b", recursive=True)),
        ("-b/...", "", Pattern(package="b", recursive=True, negative=True)),
        ("./b:x", "", Pattern(package="b", name="x")),
        ("-//a/...", "", Pattern(package="a", recursive=True, negative=True)),
        ("my-py", "a", PackageName(name="my-py")),
        ("@scope/pkg", "", PackageName(name="@scope/pkg")),
        ("-my-py", "", PackageName(name="my-py", negative=True)),
    ],
)
def test_a_pattern_is_read_relative_to_the_folder_it_is_typed_in(
    text: str, package: str, expected: Pattern | PackageName
) -> None:
    assert Pattern.parse(text, package=package) == expected


@pytest.mark.parametrize(
    ("pattern", "chosen"),
    [
        ("//...", ["//:x", "//a:x", "//a/b:y", "//ab:x"]),
        ("//a/...", ["//a:x", "//a/b:y"]),
        ("//a", ["//a:x"]),
        ("//a:y", []),
        ("//:x", ["//:x"]),
        ("mine", ["//a/b:y"]),
    ],
)
def test_a_pattern_chooses(pattern: str, chosen: list[str]) -> None:
    labels = [Label("", "x"), Label("a", "x"), Label("a/b", "y"), Label("ab", "x")]
    owners = {"//a/b:y": "mine"}
    found = Pattern.parse(pattern)
    assert [str(label) for label in labels if found.matches(label, owners.get(str(label)))] == chosen


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-", "an empty pattern\n\nhint: //... means all targets"),
        (
            "//a/...:x",
            'not a pattern: "//a/...:x"\n\nhint: ... already means all targets below a folder',
        ),
        *(
            (
                text,
                f'not a pattern: "{text}"\n\n'
                "hint: all targets of a folder are //folder, with those below it //folder/...",
            )
            for text in ("//a:*", "//a:", "//a::", "::", ":*")
        ),
        (
            "//a b/...",
            'the folder "a b" in "//a b/..." has space\n\n'
            "hint: allowed are letters, digits and _ . - + ~ @ /",
        ),
    ],
)
def test_a_wrong_pattern_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Pattern.parse(text)
    assert str(caught.value) == message
