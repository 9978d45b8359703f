"""Tag templates: the cases of table 11.3."""

from __future__ import annotations

import pytest

from piot.errors import Problems
from piot.load.config import parse_config
from piot.model.release.tag_format import TagFormat, versions_of
from piot.model.semver import Semver
from tests.conformance.cases import Case, case_id
from tests.support.history import HEAD, package

DEFAULT = "{name}-v{version}"

FORMATS = (
    (Case("G01"), DEFAULT, "pkg", "1.2.3", "pkg-v1.2.3"),
    (Case("G02"), "v{version}", "any", "0.2.11", "v0.2.11"),
)
PARSES: tuple[tuple[Case, str, str, str, str | None], ...] = (
    (Case("G03"), DEFAULT, "my", "my-v1.2.3", "1.2.3"),
    (Case("G04"), DEFAULT, "my", "my-pkg-v2.0.0", None),
    (Case("G05"), DEFAULT, "my-pkg", "my-pkg-v2.0.0", "2.0.0"),
    (Case("G06"), "v{version}", "x", "v01.2.3", None),
    (Case("G07", "≠", "pre-releases are releases"), "v{version}", "x", "v1.2.3-rc.1", "1.2.3-rc.1"),
    (Case("G08"), "v{version}", "x", "v1.2.3+b", None),
    (Case("G08"), "v{version}", "x", "v1.2", None),
    (Case("G08"), "v{version}", "x", "V1.2.3", None),
    (Case("G09"), "{name}@{version}", "@my/core", "@my/core@1.0.0", "1.0.0"),
    (Case("G10"), DEFAULT, "a.b", "axb-v1.0.0", None),
    (Case("G11"), "releases/{name}/{version}", "x", "releases/x/3.4.5", "3.4.5"),
)
CONFIGS = (
    (Case("G13"), package("a", tag_format='"v1"'), "PIOT_TAG_FORMAT"),
    (Case("G14"), package("a", tag_format='"{pkg}-v{version}"'), "PIOT_TAG_FORMAT"),
    (
        Case("G15", "≠", "refused when the configuration is read, at its line"),
        package("a", tag_format='"v{version}"') + package("b", tag_format='"v{version}"'),
        "PIOT_TAG_COLLISION",
    ),
)
CASES = (
    *(case for case, *_ in FORMATS),
    *dict.fromkeys(case for case, *_ in PARSES),
    Case("G12"),
    *(case for case, *_ in CONFIGS),
)
"""G16 stands with the cases of the cascade."""


@pytest.mark.parametrize(("case", "template", "name", "version", "tag"), FORMATS, ids=case_id)
def test_a_version_gets_the_tag(case: Case, template: str, name: str, version: str, tag: str) -> None:
    assert TagFormat.parse(template, name).tag(version) == tag, case


@pytest.mark.parametrize(("case", "template", "name", "tag", "version"), PARSES, ids=case_id)
def test_a_tag_is_of_the_version(case: Case, template: str, name: str, tag: str, version: str | None) -> None:
    found = TagFormat.parse(template, name).version(tag)
    assert (None if found is None else str(found)) == version, case


def test_the_highest_version_is_found_by_its_numbers_as_g12() -> None:
    found = versions_of(("v1.9.0", "v1.10.0"), {"x": [TagFormat.parse("v{version}", "x")]})
    assert max(found["x"], key=lambda each: each[0].precedence)[0] == Semver((1, 10, 0))


@pytest.mark.parametrize(("case", "config", "code"), CONFIGS, ids=case_id)
def test_a_template_is_refused(case: Case, config: str, code: str) -> None:
    with pytest.raises(Problems) as wrong:
        parse_config(HEAD + config, "putitoutthere.toml")
    assert [problem.code for problem in wrong.value.problems] == [code], case
