"""What can publish each kind of package, what cannot, and what had better not lie around."""

from __future__ import annotations

from dataclasses import replace

import pytest

from piot.inspect.doctor.credential import Credential
from piot.inspect.doctor.credentials import credentials
from piot.inspect.doctor.job import Job
from piot.model.finding import Finding
from piot.model.package import Package
from tests.inspect.doctor.test_trust import GITLAB, JOB, package

CORE, PY, TS = package("crates", None, "core"), package("pypi", None, "py"), package("npm", None, "ts")
TOKEN = Credential(
    kind="crates",
    means="token",
    place="the variable CARGO_REGISTRY_TOKEN",
    covers="crates of its owner on crates.io",
    packages=("core",),
)
NPM = Credential(
    kind="npm", means="token", place="/h/.npmrc:1", covers="what its user may on x", packages=("ts",)
)
BLIND = replace(JOB, asks=False)


def findings(job: Job | None, packages: list[Package], *found: Credential) -> tuple[Finding, ...]:
    return credentials(job, packages, found).findings


def rows(job: Job | None, packages: list[Package], *found: Credential) -> list[tuple[str, str]]:
    return [(fact.name, fact.value) for fact in credentials(job, packages, found).facts]


def test_every_way_is_shown_by_registry() -> None:
    keyring = Credential(kind="pypi", means="keyring", place="/bin/keyring", covers="PyPI", packages=("py",))
    useless = replace(NPM, flaw="is empty")
    assert rows(JOB, [CORE, PY, TS], TOKEN, keyring, useless) == [
        ("crates.io", "trusted publishing (OIDC): what names this job as its publisher"),
        (
            "crates.io",
            "token in the variable CARGO_REGISTRY_TOKEN: may publish crates of its owner on crates.io",
        ),
        ("PyPI", "trusted publishing (OIDC): what names this job as its publisher"),
        ("PyPI", "/bin/keyring: not asked; would be for PyPI"),
        ("npm", "trusted publishing (OIDC): what names this job as its publisher"),
        ("npm", "token in /h/.npmrc:1: is empty"),
    ]


def test_registries_without_packages_are_left_out_unless_a_secret_is_there() -> None:
    assert rows(None, [CORE], NPM) == [
        ("crates.io", "nothing"),
        ("npm", "token in /h/.npmrc:1: may publish what its user may on x"),
    ]


def test_a_laptop_that_cannot_publish_is_no_reason_to_worry() -> None:
    (found,) = findings(None, [CORE])
    assert (found.code, found.severity, found.message, found.fix) == (
        "PIOT_CREDENTIAL_NONE",
        "note",
        "nothing here can publish core to crates.io",
        "none is needed where CI publishes; else log in with its client",
    )


def test_a_job_that_cannot_publish_is_an_error() -> None:
    (found,) = findings(BLIND, [CORE])
    assert (found.code, found.severity) == ("PIOT_CREDENTIAL_NONE", "error")
    assert found.fix == (
        "give the job `permissions: id-token: write`, and a workflow that calls it too; not from a fork"
    )


@pytest.mark.parametrize("job", [None, BLIND])
def test_a_token_for_the_package_is_enough(job: Job | None) -> None:
    assert findings(job, [CORE], TOKEN) == ()
    assert [each.code for each in findings(job, [CORE], replace(TOKEN, packages=()))] == [
        "PIOT_CREDENTIAL_NONE"
    ]
    assert [each.code for each in findings(job, [CORE], replace(TOKEN, flaw="is empty"))] == [
        "PIOT_CREDENTIAL_NONE"
    ]


def test_a_provider_that_was_not_asked_may_have_one() -> None:
    assert findings(None, [CORE], replace(TOKEN, means="credential provider")) == ()


def test_a_trusted_publisher_without_a_token_of_the_job_is_an_error() -> None:
    trusted = package("crates", name="core")
    (found,) = findings(BLIND, [trusted])
    assert (found.code, found.severity, found.message) == (
        "PIOT_CREDENTIAL_OIDC",
        "error",
        "core: this job cannot have a token for the trusted publisher on crates.io",
    )
    codes = [(each.code, each.severity) for each in findings(BLIND, [trusted], TOKEN)]
    assert codes == [("PIOT_CREDENTIAL_OIDC", "warning"), ("PIOT_CREDENTIAL_LEFTOVER", "warning")]


def test_gitlab_has_a_variable_per_registry() -> None:
    job = replace(GITLAB, asks=True, given=("pypi",))
    (found,) = findings(job, [PY, CORE])
    assert (found.message, found.fix) == (
        "nothing here can publish core to crates.io",
        "give the job an entry CRATES_IO_ID_TOKEN in id_tokens, with the audience of the registry",
    )


def test_a_long_lived_token_beside_trusted_publishing_is_left_over() -> None:
    (in_job,) = findings(JOB, [CORE], TOKEN)
    (at_home,) = findings(None, [package("crates", name="core")], TOKEN)
    assert {in_job.code, at_home.code} == {"PIOT_CREDENTIAL_LEFTOVER"}
    assert (in_job.severity, in_job.message) == (
        "warning",
        "a long-lived token for crates.io lies in the variable CARGO_REGISTRY_TOKEN, and this job can "
        "publish without it",
    )
    assert at_home.message.endswith(", and core has a trusted publisher")


def test_a_short_lived_token_is_no_left_over() -> None:
    short = replace(TOKEN, covers="crates of its owner on crates.io (short-lived, of a trusted publisher)")
    assert findings(JOB, [CORE], short) == ()


def test_a_placeholder_hides_why_npm_fails() -> None:
    (found,) = findings(JOB, [TS], replace(NPM, flaw="is a placeholder"))
    assert (found.code, found.message) == (
        "PIOT_CREDENTIAL_USELESS",
        "/h/.npmrc:1 is a placeholder: when trusted publishing fails, npm tries it and answers 404",
    )


def test_a_secret_that_git_keeps_is_an_error_anywhere() -> None:
    (found,) = findings(None, [TS], replace(NPM, committed=True))
    assert (found.code, found.severity, found.message) == (
        "PIOT_CREDENTIAL_COMMITTED",
        "error",
        "git keeps a secret: /h/.npmrc:1",
    )
