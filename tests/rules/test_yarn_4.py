"""yarn.lock of Yarn 2 and later: `piot lock` learns what it does not tell, and builds are made from both."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from piot.app.lock import Change, lock
from piot.app.session.where import Where
from piot.errors import InputError, Problems
from piot.model.events import Event
from tests.rules.conftest import Registry, content, packages
from tests.support.checkout import HOST, Checkout

pytestmark = [
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm"),
    pytest.mark.skipif("linux" not in HOST, reason="the packages are for Linux and for others"),
]

BUILD = "node -p \"require('real').version\" > made.txt"
ENTRY = '\n"{0}@npm:{1}":\n  version: {1}\n  resolution: "{0}@npm:{1}"\n'
REAL, MAC = ENTRY.format("real", "1.0.0"), ENTRY.format("mac", "1.0.0") + "  conditions: os=darwin\n"


@pytest.fixture
def checkout(bare: Checkout, registry: Registry) -> Checkout:
    """One package, ``lib``, that needs ``real``, and ``mac`` where that is for its platform."""
    packages(bare, lib="lib")
    Path(bare.environ["HOME"], ".npmrc").write_text(f"registry={registry.address}\n")
    write(bare, REAL + MAC, real="1.0.0")
    for name, version in (("real", "1.0.0"), ("mac", "1.0.0"), ("real", "2.0.0")):
        publish(registry, name, version)
    return bare


def write(checkout: Checkout, entries: str, **needs: str) -> None:
    values = {
        "name": "lib",
        "version": "1.0.0",
        "dependencies": needs,
        "optionalDependencies": {"mac": "1.0.0"},
        "scripts": {"build": BUILD},
    }
    checkout.write("lib/package.json", json.dumps(values))
    checkout.write("lib/yarn.lock", f"__metadata:\n  version: 8\n  cacheKey: 10c0\n{entries}")


def publish(registry: Registry, name: str, version: str) -> None:
    """One more version of a package, told of by the registry."""
    row = registry.add(name, version, {"index.js": f'exports.version = "{version}"\n'})
    said = json.loads(registry.files.get(f"/{name}", b'{"versions": {}}'))
    said["versions"][version] = {"name": name, "dist": {"integrity": row["integrity"]}}
    registry.files[f"/{name}"] = json.dumps(said).encode()


def locked(checkout: Checkout, *names: str) -> tuple[Change, ...]:
    said: list[Event] = []
    return lock(names, Where(directory=checkout.root, environ=checkout.environ), said.append)


def test_what_the_registry_tells_is_pinned_and_built_from(checkout: Checkout, registry: Registry) -> None:
    with pytest.raises(Problems) as caught:
        checkout.build("lib")
    assert str(caught.value) == (
        "lib/yarn.lock: PIOT_NPM_LOCK: neither it nor piot.lock has the integrity that a registry tells of "
        "mac 1.0.0 and real 1.0.0\n"
        "    hint: run `piot lock` and commit piot.lock"
    )
    assert [(each.name, each.old, each.new) for each in locked(checkout, "lib")] == [
        ("mac (lib/yarn.lock)", None, "1.0.0"),
        ("real (lib/yarn.lock)", None, "1.0.0"),
    ]
    assert sorted(registry.asked) == ["/mac", "/real"]
    assert checkout.build("lib").report.ok
    assert content(checkout, "made.txt") == "1.0.0\n"


def test_only_what_is_new_is_asked_for_and_what_is_gone_goes(checkout: Checkout, registry: Registry) -> None:
    locked(checkout, "lib")
    registry.asked.clear()
    assert locked(checkout, "lib") == ()
    assert registry.asked == []
    write(checkout, ENTRY.format("real", "2.0.0") + MAC, real="2.0.0")
    assert [(each.name, each.old, each.new) for each in locked(checkout, "lib")] == [
        ("real (lib/yarn.lock)", "1.0.0", None),
        ("real (lib/yarn.lock)", None, "2.0.0"),
    ]
    assert registry.asked == ["/real"]
    assert checkout.build("lib").report.ok
    assert content(checkout, "made.txt") == "2.0.0\n"


def test_other_bytes_than_those_that_were_pinned_are_refused(checkout: Checkout, registry: Registry) -> None:
    locked(checkout, "lib")
    registry.add("real", "1.0.0", {"index.js": "exports.version = 'other'\n"})
    with pytest.raises(InputError, match=r"npm package real 1\.0\.0 from .* is not what was pinned"):
        checkout.build("lib")
