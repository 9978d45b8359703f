"""Which wheel fits a machine best: the order of packaging, without its price at every start."""

from __future__ import annotations

import pytest
from packaging.tags import Tag, compatible_tags, cpython_tags

from piot.model.python.wheel_tags import fit
from piot.model.triple import Triple

HOSTS = {
    "x86_64-unknown-linux-gnu": ["manylinux_2_3_x86_64", "manylinux_2_2_x86_64", "manylinux_2_1_x86_64"],
    "x86_64-pc-windows-msvc": ["win_amd64"],
}


def order(platforms: list[str], python: tuple[int, int]) -> list[Tag]:
    interpreter = f"cp{python[0]}{python[1]}"
    tags = [
        *cpython_tags(python, [interpreter], platforms),
        *compatible_tags(python, interpreter, platforms),
    ]
    return list(dict.fromkeys(tags))


@pytest.mark.parametrize("python", [(3, 9), (3, 11), (3, 14)])
@pytest.mark.parametrize("host", HOSTS)
def test_the_order_is_the_one_of_packaging(host: str, python: tuple[int, int]) -> None:
    tags = order(HOSTS[host], python)
    ranks = [fit(f"a-1-{tag}.whl", Triple.parse(host), (2, 3), python) for tag in tags]
    assert None not in ranks
    assert len(set(ranks)) == len(ranks)
    assert sorted(ranks, key=lambda rank: rank or ()) == ranks


@pytest.mark.parametrize(
    "tags",
    [
        *("cp310-cp310-win_amd64", "cp312-abi3-win_amd64", "cp311-cp311t-win_amd64", "py2-none-any"),
        *("py312-none-any", "cp310-none-any", "py3-abi3-any", "cp311-cp311-any", "py3-none-win32"),
    ],
)
def test_what_packaging_would_not_take_does_not_fit(tags: str) -> None:
    assert Tag(*tags.split("-")) not in order(HOSTS["x86_64-pc-windows-msvc"], (3, 11))
    assert fit(f"a-1-{tags}.whl", Triple.parse("x86_64-pc-windows-msvc"), None, (3, 11)) is None


def test_a_file_with_several_tags_counts_by_its_best() -> None:
    host = Triple.parse("x86_64-unknown-linux-gnu")
    several, one = (
        fit(f"a-1-2-{tags}.whl", host, (2, 17), (3, 11))
        for tags in (
            "py2.py3-none-any.manylinux_2_5_x86_64.manylinux1_x86_64",
            "py3-none-manylinux_2_5_x86_64",
        )
    )
    assert several == one is not None
