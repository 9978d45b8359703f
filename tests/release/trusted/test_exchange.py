"""Identity tokens for upload tokens: what each registry checks, and what a refusal says."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import pytest

from piot.effects.http import Http
from piot.errors import MachineError
from piot.model.package import TrustPolicy
from piot.model.release.registry import Place
from piot.model.secrets import Secrets
from piot.release.publish.refusal import Refused
from piot.release.trusted.exchange import NotTrusted, UploadToken, exchange
from piot.release.trusted.identity import Identity
from tests.support.loopback import Fault, Plain, Reply
from tests.support.oidc import REQUEST_TOKEN, Issuer, Publisher, TrustedCargoRegistry, TrustedNpm, TrustedPyPI


@dataclass(kw_only=True)
class World:
    """An issuer, three registries that trust it, and a client that does not wait."""

    issuer: Issuer
    pypi: TrustedPyPI
    crates: TrustedCargoRegistry
    npm: TrustedNpm
    http: Http
    secrets: Secrets
    env: dict[str, str]

    def place(self, kind: str) -> Place:
        if kind == "pypi":
            index = self.pypi.index
            return Place(name="pypi", kind="pypi", index=index.simple, upload=index.upload, standard=True)
        if kind == "crates":
            return Place(name="crates-io", kind="crates", index=self.crates.index, standard=True)
        return Place(name="npm", kind="npm", index=self.npm.url, standard=True)

    def exchange(self, kind: str, policy: TrustPolicy | None = None) -> UploadToken:
        identity = Identity(self.env, self.http, self.secrets)
        return exchange(self.http, self.place(kind), "@x/demo", identity, policy=policy)

    def refused(self, kind: str, **claims: Any) -> str:
        self.issuer.claims.update(claims)
        with pytest.raises(NotTrusted) as caught:
            self.exchange(kind)
        return caught.value.message


@pytest.fixture
def world() -> Generator[World, None, None]:
    issuer = Issuer()
    behind = Plain(lambda _: Reply(status=404))
    pypi, crates = TrustedPyPI(issuer), TrustedCargoRegistry(issuer)
    npm = TrustedNpm(issuer, behind.url, "real")
    crates.publishers["demo"] = Publisher()
    npm.publishers["@x%2fdemo"] = Publisher()
    http = Http(sleep=lambda _: None)
    with issuer.running(), behind.running(), pypi.running(), crates.running(), npm.running():
        yield World(
            issuer=issuer, pypi=pypi, crates=crates, npm=npm, http=http, secrets=Secrets(), env=issuer.env
        )
    http.close()


KINDS = ("pypi", "crates", "npm")


@pytest.mark.parametrize("kind", KINDS)
def test_a_trusted_job_gets_a_token_that_ends(world: World, kind: str) -> None:
    token = world.exchange(kind)
    assert 0 < token.expires - time.time() <= 1800
    assert world.secrets.clean(REQUEST_TOKEN) != REQUEST_TOKEN
    assert token.secret not in repr(token)
    assert world.issuer.issued == 1


@pytest.mark.parametrize("hours", [-1, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_a_token_ends_by_the_clock_of_its_registry(
    world: World, kind: str, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a job of GitLab, which has one identity token, would take its upload token for expired."""
    wrong = hours * 3600.0
    monkeypatch.setattr("piot.release.trusted.exchange.now", lambda: time.time() + wrong)
    left = world.exchange(kind).expires - (time.time() + wrong)
    assert 200 < left <= 1801


def test_tokens_are_ended_where_a_registry_can(world: World) -> None:
    python, crates = world.exchange("pypi"), world.exchange("crates")
    python.revoke()
    crates.revoke()
    world.exchange("npm").revoke()
    assert (world.pypi.burnt, world.crates.revoked) == ([python.secret], [crates.secret])


REFUSED = [
    (
        "pypi",
        {"job_workflow_ref": "me/lib/.github/workflows/other.yml@refs/heads/main"},
        "the index does not trust this job (422): valid token, but no corresponding publisher (Publisher "
        "with matching claims was not found)",
    ),
    (
        "pypi",
        {"exp": 1},
        "the index does not trust this job (422): malformed or invalid token",
    ),
    (
        "pypi",
        {"aud": ["pypi"]},
        "the index does not trust this job (422): malformed or invalid token",
    ),
    (
        "crates",
        {"workflow_ref": "me/lib/.github/workflows/other.yml@refs/heads/main"},
        "the registry does not trust this job (400): The Trusted Publishing config for repository `me/lib` "
        "does not match the workflow filename `other.yml` in the JWT. Expected workflow filenames: "
        "`release.yml`",
    ),
    (
        "crates",
        {"event_name": "workflow_run"},
        "the registry does not trust this job (400): Trusted Publishing does not support the `workflow_run` "
        "event trigger.",
    ),
    (
        "crates",
        {"repository": "you/lib"},
        "the registry does not trust this job (400): No Trusted Publishing config found for repository "
        "`you/lib`.",
    ),
    (
        "crates",
        {"iss": "http://127.0.0.1:1"},
        "the registry does not trust this job (400): Unsupported JWT issuer",
    ),
    (
        "npm",
        {"repository": "Me/lib"},
        "npm, for @x/demo, does not trust this job (404): OIDC token exchange error - package not found",
    ),
    (
        "npm",
        {"exp": 1},
        "npm, for @x/demo, does not trust this job (401): OIDC token exchange error - unauthorized",
    ),
]


@pytest.mark.parametrize(("kind", "claims", "message"), REFUSED)
def test_a_refusal_has_the_words_of_the_registry(
    world: World, kind: str, claims: dict[str, Any], message: str
) -> None:
    assert world.refused(kind, **claims) == message


@pytest.mark.parametrize("kind", ["pypi", "crates"])
def test_a_key_that_nobody_knows_is_refused(world: World, kind: str) -> None:
    world.issuer.key_id = "key-2"
    assert "does not trust this job" in world.refused(kind)


def test_a_refusal_shows_the_claims_and_what_was_expected(world: World) -> None:
    called = "me/lib/.github/workflows/called.yml@refs/heads/main"
    world.issuer.claims["job_workflow_ref"] = called
    with pytest.raises(NotTrusted) as caught:
        world.exchange("pypi", TrustPolicy(workflow="release.yml", repository="me/lib", environment="pypi"))
    assert caught.value.hint == (
        "the publisher at the registry must be of these claims:\n"
        f"  iss: {world.issuer.url}\n"
        "  repository: me/lib\n"
        "  repository_owner_id: 1234\n"
        "  workflow_ref: me/lib/.github/workflows/release.yml@refs/heads/main\n"
        f"  job_workflow_ref: {called}\n"
        "  environment: none\n"
        "  event_name: push\n"
        "  sub: repo:me/lib:ref:refs/heads/main\n"
        "trust_policy says:\n"
        "  repository: me/lib\n"
        "  workflow: release.yml (this job: called.yml)\n"
        "  environment: pypi (this job: none)\n"
        "this job is in a called workflow; this registry looks at called.yml"
    )


def test_the_identity_service_is_asked_again_when_it_stumbles(world: World) -> None:
    world.issuer.faults += [
        Fault(what="status", method="GET", path="/token"),
        Fault(what="refuse", method="GET", path="/token"),
    ]
    assert world.exchange("pypi").secret.startswith("pypi-minted-")


def test_a_token_that_was_made_for_the_job_is_exchanged_once(world: World) -> None:
    given = world.issuer.token("pypi")
    identity = Identity({"PYPI_ID_TOKEN": given}, world.http, world.secrets)
    exchange(world.http, world.place("pypi"), "demo", identity)
    with pytest.raises(MachineError) as caught:
        exchange(world.http, world.place("pypi"), "demo", identity)
    assert str(caught.value) == (
        "the token in PYPI_ID_TOKEN was exchanged already, and each can be once"
        "\n\nhint: run the job again; it gets a new one. One more in id_tokens, as PYPI_ID_TOKEN_2, lasts "
        "for longer runs"
    )
    other = Identity({"PYPI_ID_TOKEN": given}, world.http, world.secrets)
    with pytest.raises(NotTrusted) as reused:
        exchange(world.http, world.place("pypi"), "demo", other)
    assert reused.value.message == "the index does not trust this job (422): invalid token: already used"


def test_a_job_that_may_not_ask_is_told_what_it_lacks(world: World) -> None:
    identity = Identity({"GITHUB_ACTIONS": "true"}, world.http, world.secrets)
    assert not identity.available("pypi")
    with pytest.raises(MachineError) as caught:
        identity.token("pypi", "pypi")
    assert str(caught.value) == (
        "this job has no identity\n\nhint: add `id-token: write` to the permissions of the job"
    )


def test_an_index_named_in_a_repository_gets_no_token_that_pypi_would_take(world: World) -> None:
    index = world.pypi.index
    place = Place(name="corp", kind="pypi", index=index.simple, upload=index.upload)
    identity = Identity(world.env, world.http, world.secrets)
    with pytest.raises(NotTrusted) as caught:
        exchange(world.http, place, "demo", identity)
    assert str(caught.value) == 'the index "corp" asks for a token that is for another one (pypi)'
    assert world.issuer.issued == 0


def test_an_index_without_the_routes_is_said_to_have_none(world: World) -> None:
    world.pypi.faults.append(
        Fault(what="status", method="GET", path="/_/oidc/audience", reply=Reply(status=404))
    )
    assert world.refused("pypi") == 'the index "pypi" has no trusted publishing: it answered 404'


def test_a_token_route_that_stumbles_may_be_tried_again(world: World) -> None:
    world.crates.faults.append(
        Fault(what="status", method="POST", path="/api/v1/trusted_publishing", reply=Reply(status=500))
    )
    with pytest.raises(Refused) as caught:
        world.exchange("crates")
    assert caught.value.passing
    assert caught.value.message == (
        f"no upload token: {world.crates.url}/api/v1/trusted_publishing/tokens answered 500"
    )
    assert world.exchange("crates").secret.startswith("cio_tp_")
    assert world.issuer.issued == 2, "each identity token is exchanged once"


SUSPECTED = [
    (
        "pypi",
        {"event_name": "pull_request_target"},
        "PyPI trusts no job that pull_request_target starts",
    ),
    ("crates", {"event_name": "workflow_run"}, "crates.io trusts no job that workflow_run starts"),
    (
        "npm",
        {"repository": "Me/lib", "runner_environment": "self-hosted"},
        "npm trusts no job on",
    ),
    (
        "npm",
        {"repository": "Me/lib", "sub": "repo:me@1/lib@2:ref:x"},
        "the subject has immutable ids",
    ),
    (
        "npm",
        {"repository": "Me/lib"},
        "npm says the same when the package does not exist",
    ),
]


@pytest.mark.parametrize(("kind", "claims", "line"), SUSPECTED)
def test_what_a_registry_is_known_not_to_take_is_named(
    world: World, kind: str, claims: dict[str, Any], line: str
) -> None:
    world.issuer.claims.update(claims)
    with pytest.raises(NotTrusted) as caught:
        world.exchange(kind)
    lines = (caught.value.hint or "").splitlines()
    assert any(each.startswith(line) for each in lines), lines


def test_a_job_without_an_environment_that_is_expected_says_so(world: World) -> None:
    world.issuer.claims["repository"] = "you/lib"
    with pytest.raises(NotTrusted) as caught:
        world.exchange("crates", TrustPolicy(environment="release", repository="me/lib"))
    assert (caught.value.hint or "").splitlines()[-2:] == [
        "  repository: me/lib (this job: you/lib)",
        "  environment: release (this job: none)",
    ]


def test_a_token_that_no_registry_took_can_be_tried_again(world: World) -> None:
    """A job of GitLab has one of each, and a registry that stumbled has not used it."""
    identity = Identity({"PYPI_ID_TOKEN": world.issuer.token("pypi")}, world.http, world.secrets)
    world.pypi.faults.append(Fault(what="status", method="POST", path="/_/oidc/mint-token"))
    with pytest.raises(Refused):
        exchange(world.http, world.place("pypi"), "demo", identity)
    assert exchange(world.http, world.place("pypi"), "demo", identity).secret.startswith("pypi-minted-")


def test_a_token_is_asked_to_be_ended_once_more_when_no_answer_comes(world: World) -> None:
    token = world.exchange("crates")
    world.crates.faults.append(Fault(what="refuse", method="DELETE", path="/api/v1/trusted_publishing"))
    token.revoke()
    assert world.crates.revoked == [token.secret]


def test_an_end_that_a_registry_refuses_is_an_error_but_not_where_there_is_no_route(world: World) -> None:
    token = world.exchange("pypi")
    for status in (404, 500):
        reply = Reply(status=status)
        world.pypi.faults.append(Fault(what="status", method="POST", path="/_/oidc/burn-token", reply=reply))
    token.revoke()
    with pytest.raises(MachineError) as caught:
        token.revoke()
    assert caught.value.message == f"{world.pypi.url}/_/oidc/burn-token answered 500"
