"""Which attestations go along with a file, and what is said where one is asked for that cannot be made."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from piot.effects.http import Http
from piot.effects.signing import Signing, Unsigned
from piot.errors import InputError
from piot.model.release.artifact import Artifact
from piot.model.secrets import Secrets
from piot.release.artifacts import Found
from piot.release.attestations import Attestations
from piot.release.publish.refusal import Refused
from piot.release.trusted.identity import Identity
from tests.support.tokens import jwt

NAME = "my_py-1.0.0-py3-none-any.whl"


@dataclass
class Signs(Signing):
    """Signs without Sigstore; ``trouble`` is raised first."""

    signed: list[str] = field(default_factory=list[str])
    trouble: list[Unsigned] = field(default_factory=list[Unsigned])

    def attest(self, name: str, sha256: str, token: str) -> dict[str, object]:
        if self.trouble:
            raise self.trouble.pop()
        self.signed.append(f"{name} {sha256} {token}")
        return {"version": 1, "number": len(self.signed)}


@pytest.fixture
def found(tmp_path: Path) -> Found:
    artifact = Artifact(
        package="my-py", kind="wheel", registry_name="my-py", version="1.0.0", file=NAME, sha256="ab"
    )
    return Found(artifact=artifact, path=tmp_path / NAME)


TOKEN = jwt(aud="sigstore")


@pytest.fixture
def attestations() -> Generator[Attestations, None, None]:
    http = Http()
    yield Attestations(identity=Identity({"SIGSTORE_ID_TOKEN": TOKEN}, http, Secrets()), signing=Signs())
    http.close()


def signs(attestations: Attestations) -> Signs:
    assert isinstance(attestations.signing, Signs)
    return attestations.signing


def without_identity(attestations: Attestations) -> Attestations:
    return replace(attestations, identity=Identity({}, Http(), Secrets()))


def test_a_file_is_signed_once_however_often_it_is_sent(attestations: Attestations, found: Found) -> None:
    sent = [attestations.of(found) for _ in range(3)]
    assert set(sent) == {json.dumps([{"version": 1, "number": 1}])}
    assert signs(attestations).signed == [f"{NAME} ab {TOKEN}"]


def test_every_kind_that_lies_beside_a_file_goes_along_and_nothing_is_signed(
    attestations: Attestations, found: Found
) -> None:
    for ending in ("publish", "slsa"):
        found.path.with_name(f"{NAME}.{ending}.attestation").write_text(json.dumps({"k": ending}))
    assert json.loads(attestations.of(found)) == [{"k": "publish"}, {"k": "slsa"}]
    assert signs(attestations).signed == []


def test_what_is_no_attestation_is_not_sent(attestations: Attestations, found: Found) -> None:
    path = found.path.with_name(f"{NAME}.publish.attestation")
    path.write_text("[]")
    with pytest.raises(InputError) as caught:
        attestations.of(found)
    assert caught.value.message == f"{path} is no attestation"


@pytest.mark.parametrize("wanted", [None, True, False])
def test_none_is_made_where_nobody_can_or_wants_to(
    attestations: Attestations, found: Found, *, wanted: bool | None
) -> None:
    assert without_identity(replace(attestations, wanted=wanted)).of(found) == ""
    assert replace(attestations, wanted=False).of(found) == ""
    assert signs(attestations).signed == []


def test_a_service_that_stumbles_is_asked_again_and_a_refusal_is_not(
    attestations: Attestations, found: Found
) -> None:
    signs(attestations).trouble += [Unsigned("not yours"), Unsigned("no answer", passing=True)]
    with pytest.raises(Refused) as caught:
        attestations.of(found)
    assert (caught.value.passing, caught.value.message) == (True, "no answer")
    with pytest.raises(Unsigned):
        attestations.of(found)
    assert json.loads(attestations.of(found)) == [{"version": 1, "number": 1}]


def test_one_that_is_asked_for_and_cannot_be_made_is_refused_with_the_reason(
    attestations: Attestations, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = replace(attestations, wanted=True)
    assert asked.refusal(found, trusted=True) is None
    assert attestations.refusal(found, trusted=False) is None, "nobody asks for it"
    assert asked.refusal(found, trusted=False) == (
        "PyPI takes them of jobs that it trusts only, and there is a token instead"
    )
    assert without_identity(asked).refusal(found, trusted=True) == (
        "this job has no identity for Sigstore: on GitHub `id-token: write`, on GitLab an entry "
        "SIGSTORE_ID_TOKEN in id_tokens with aud: sigstore"
    )
    monkeypatch.setattr("piot.release.attestations.installed", lambda: False)
    assert asked.refusal(found, trusted=True) == (
        "piot was installed without what makes them: pip install 'piot[attest]'"
    )
    (found.path.parent / "PEX-INFO").write_text("{}")
    monkeypatch.setattr("sys.prefix", str(found.path.parent))
    assert asked.refusal(found, trusted=True) == (
        "piot.pex does not hold what makes them: `pip install --target DIR pypi-attestations` and "
        "PEX_EXTRA_SYS_PATH=DIR give it that, or use a piot of pip install 'piot[attest]'"
    )
    found.path.with_name(f"{NAME}.publish.attestation").write_text("{}")
    assert asked.refusal(found, trusted=True) is None, "it lies beside the file"
