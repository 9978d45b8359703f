"""The actions of other people that workflows use: exact commits, as data.

A tag can be moved to other code by whoever owns the action's repository, a commit cannot (GitHub's *Security
hardening*, "Using third-party actions"). Each commit was found to be that of its release in two or more
independent public lists of pins.
"""

from __future__ import annotations

from typing import NamedTuple

from piot import __version__

CHECKED = "2026-11-30"
"""When this table was last compared with what is published."""


class Pin(NamedTuple):
    """A release of an action and its commit; without a commit the tag of the release is used."""

    release: str
    commit: str | None


PINS: dict[str, Pin] = {
    "actions/attest": Pin("v4.1.0", "59d89421af93a897026c735860bf21b6eb4f7b26"),
    "actions/cache": Pin("v6.1.0", "55cc8345863c7cc4c66a329aec7e433d2d1c52a9"),
    "actions/checkout": Pin("v7.0.1", "3d3c42e5aac5ba805825da76410c181273ba90b1"),
    "actions/download-artifact": Pin("v8.0.1", "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c"),
    "actions/setup-node": Pin("v7.0.0", "820762786026740c76f36085b0efc47a31fe5020"),
    "actions/setup-python": Pin("v7.0.0", "5fda3b95a4ea91299a34e894583c3862153e4b97"),
    "actions/upload-artifact": Pin("v7.0.1", "043fb46d1a93c77aae656e7c1c64a875d1fc6a0a"),
}

OWN = f"OWNER-/piot@v{__version__}"
"""Stands for piot's own action where nobody said which repository has it.

No account can have such a name (they do not end with a hyphen), so nobody else's code ever runs instead.
"""


def uses(action: str) -> str:
    """What stands behind ``uses:`` for an action of the table."""
    pin = PINS[action]
    return f"{action}@{pin.commit} # {pin.release}" if pin.commit else f"{action}@{pin.release}"
