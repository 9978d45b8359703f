"""The reference of the configuration is true: its example loads, and it names every key and platform."""

from __future__ import annotations

import re
from pathlib import Path

from piot.load.config import ENVIRONMENT, parse_config
from piot.load.config_kinds import KIND_KEYS
from piot.load.config_schema import COMMON_KEYS, REMOVED_KEYS
from piot.load.config_targets import PYPI_BUNDLE_KEYS
from piot.model.platforms import PLATFORMS

PAGE = (Path(__file__).parents[2] / "docs/reference/configuration.md").read_text("utf-8")


def test_the_example_of_the_reference_loads() -> None:
    example = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert example
    config = parse_config(example[1], "putitoutthere.toml")
    assert [package.name for package in config.packages] == ["core", "my-py", "@me/js"]


def test_the_reference_names_every_key_variable_and_platform() -> None:
    keys = [*COMMON_KEYS, *(key for keys in KIND_KEYS.values() for key in keys), *PYPI_BUNDLE_KEYS]
    words = [*keys, *REMOVED_KEYS, *ENVIRONMENT, *PLATFORMS]
    assert [word for word in words if f"`{word}`" not in PAGE] == []


def test_the_table_of_platforms_is_the_one_that_piot_has() -> None:
    rows = re.findall(
        r"^\|[^|]*\| `([^`]+)` \| `?([^`|]*?)`? ?\|$", PAGE.partition("## Targets")[2], re.MULTILINE
    )
    table = [(text, napi) for text, napi in rows if text in PLATFORMS]
    assert table == [(text, row.napi or "") for text, row in PLATFORMS.items()]
