"""Evaluated BUILD files as plain data: everything comes back."""

from __future__ import annotations

import marshal

from hypothesis import given
from hypothesis import strategies as st

from piot.load.build_file_data import of_data, to_data
from piot.load.build_files import BuildFile
from piot.model.digest import Digest
from piot.model.label import Label
from piot.model.rule import Plain, Source, Sources, StringMap, Triples
from piot.model.select import Select, SelectList, Value
from piot.model.target import Target

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
LABELS = st.builds(Label, TEXT, TEXT, TEXT)
PLAIN: st.SearchStrategy[Plain] = st.one_of(
    TEXT,
    st.booleans(),
    st.integers(),
    TEXTS,
    st.lists(LABELS, max_size=3).map(tuple),
    LABELS,
    st.builds(Source, TEXT),
    st.builds(Sources, files=TEXTS, globs=TEXTS),
    st.builds(Triples, TEXTS),
    st.dictionaries(TEXT, TEXT, max_size=3).map(StringMap.of),
)
BRANCHES = st.lists(st.tuples(TEXT, PLAIN), max_size=3).map(tuple)
VALUES: st.SearchStrategy[Value] = st.one_of(
    PLAIN,
    st.builds(Select, branches=BRANCHES),
    st.builds(SelectList, base=PLAIN, branches=BRANCHES),
)
DIGESTS = st.binary(max_size=8).map(Digest.of)


@st.composite
def build_files(draw: st.DrawFn) -> BuildFile:
    package = draw(TEXT)
    attrs = st.lists(st.tuples(TEXT, VALUES), max_size=3).map(tuple)
    targets = st.builds(
        Target, label=st.builds(Label, st.just(package), TEXT), rule=TEXT, attrs=attrs, location=TEXT
    )
    return BuildFile(
        package=package,
        targets=tuple(draw(st.lists(targets, max_size=3))),
        rules=(),
        files=tuple(draw(st.lists(st.tuples(TEXT, DIGESTS), max_size=3))),
        listing=draw(DIGESTS),
        sources=draw(TEXTS),
    )


@given(build_files())
def test_what_was_evaluated_comes_back_as_it_was(found: BuildFile) -> None:
    again = of_data(marshal.loads(marshal.dumps(to_data(found))))
    assert again == found
    assert [target.location for target in again.targets] == [target.location for target in found.targets]
    assert repr(again.targets) == repr(found.targets)  # True is not 1, though they are equal
