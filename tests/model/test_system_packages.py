"""What is to be installed, by the package manager that a person has."""

from __future__ import annotations

import pytest

from piot.model.system_packages import SYSTEM_PACKAGES, packages_of


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("openssl", "apt: libssl-dev, brew: openssl@3, winget: ShiningLight.OpenSSL.Dev"),
        ("zlib", "apt: zlib1g-dev, brew: zlib"),
        ("alsa", "apt: libasound2-dev"),
        ("unheard-of", "install unheard-of, with its development files if it is a library"),
    ],
)
def test_packages_are_named_by_manager(name: str, text: str) -> None:
    assert packages_of(name) == text


def test_the_table_is_in_order_and_everything_is_in_debian() -> None:
    assert [*SYSTEM_PACKAGES] == sorted(SYSTEM_PACKAGES)
    assert all(apt for apt, _, _ in SYSTEM_PACKAGES.values())
