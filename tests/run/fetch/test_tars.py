"""Tars in memory come back as they were, and the same content gives the same bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from piot.run.fetch.tars import Entry, packed, unpacked

NAMES = st.from_regex(r"[a-zé]{1,8}(/[a-z.]{1,200})?[a-z]", fullmatch=True)
ENTRIES = st.builds(Entry, data=st.binary(max_size=40), executable=st.booleans()) | st.builds(
    Entry, link=st.sampled_from(["x", "../y/z", "é" * 120])
)


@given(st.dictionaries(NAMES, ENTRIES, max_size=5))
def test_what_is_packed_is_unpacked(entries: dict[str, Entry]) -> None:
    data = packed(entries)
    assert unpacked(data) == entries
    assert packed(dict(reversed(entries.items()))) == data
