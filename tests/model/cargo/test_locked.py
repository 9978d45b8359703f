"""A lock file that does not pin what a manifest asks for is found out."""

from __future__ import annotations

import pytest

from piot.model.cargo.locked import unpinned
from piot.model.cargo.lockfile import Lockfile

LOCK = Lockfile.parse("""\
version = 4

[[package]]
name = "app"
version = "0.1.0"
dependencies = [
 "here",
 "log",
 "rand 0.8.5",
 "rand 0.9.1",
 "forked",
]

[[package]]
name = "forked"
version = "0.0.0"
source = "git+https://example.com/forked#aaaa"

[[package]]
name = "here"
version = "0.1.0"

[[package]]
name = "log"
version = "0.4.20"
source = "registry+https://example.com/index"
checksum = "aa"

[[package]]
name = "other"
version = "1.0.0"
source = "registry+https://example.com/index"
checksum = "bb"

[[package]]
name = "rand"
version = "0.8.5"
source = "registry+https://example.com/index"
checksum = "cc"

[[package]]
name = "rand"
version = "0.9.1"
source = "registry+https://example.com/index"
checksum = "dd"
""")

ROOT = '[workspace.dependencies]\nlog = "0.4"\nother = { version = "1", optional = true }\n'


@pytest.mark.parametrize(
    ("manifest", "lacking"),
    [
        ("", ()),
        ('[dependencies]\nlog = "0.4"\nhere = { path = "here", version = "9" }\n', ()),
        ('[dependencies]\nlog = { workspace = true, features = ["std"] }\n', ()),
        ('[dependencies]\nrand = "0.8"\nrand9 = { package = "rand", version = "0.9" }\n', ()),
        ('[dependencies]\nforked = { git = "https://example.com/forked" }\n', ()),
        ('[dependencies]\nlog = "not a requirement"\n', ()),
        ('[dependencies]\nlog = "0.5"\n', ("log 0.5 (locked is 0.4.20)",)),
        ('[dependencies]\nrand = "1"\n', ("rand 1 (locked is 0.8.5 and 0.9.1)",)),
        ("[dependencies]\nother.workspace = true\n", ("other 1",)),
        ('[dev-dependencies]\nother = { version = "1" }\n[build-dependencies]\nother = "1"\n', ("other 1",)),
        ("[target.'cfg(windows)'.dependencies]\nwinapi = \"0.3\"\n", ("winapi 0.3",)),
        ('[dependencies]\nsomewhere = { git = "https://example.com/somewhere" }\n', ("somewhere",)),
    ],
)
def test_what_the_lock_lacks_is_named(manifest: str, lacking: tuple[str, ...]) -> None:
    assert unpinned("app", manifest, ROOT, LOCK) == lacking
