"""Signing with the real libraries; a stand-in with a key of its own replaces Sigstore's services."""

from __future__ import annotations

import base64
import datetime
import hashlib
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from piot.effects.signing import AUDIENCE, Signing, Unsigned, installed
from tests.support.tokens import jwt

NAME = "my_py-1.0.0-py3-none-any.whl"
SHA256 = hashlib.sha256(b"wheel").hexdigest()
ISSUER = "https://token.actions.githubusercontent.com"


def token(audience: str = AUDIENCE) -> str:
    now = int(time.time())
    return jwt(aud=audience, iss=ISSUER, sub="repo:me/lib:ref:refs/heads/main", iat=now, exp=now + 300)


class Fulcio:
    """A signer whose certificate nobody but itself vouches for, and a log that takes all."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")])
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder(
            issuer_name=name,
            subject_name=name,
            public_key=self.key.public_key(),
            serial_number=1,
            not_valid_before=now,
            not_valid_after=now + datetime.timedelta(minutes=10),
        )
        self.certificate = builder.sign(self.key, hashes.SHA256())
        self.identities: list[str] = []

    @contextmanager
    def signer(self, identity: Any) -> Generator[Any, None, None]:
        self.identities.append(identity.identity)
        yield self

    def sign_dsse(self, statement: Any) -> Any:
        from sigstore import dsse

        sign: Any = vars(dsse)["_sign"]  # no part of the library signs without its services
        envelope = sign(self.key, statement)
        return SimpleNamespace(
            signing_certificate=self.certificate,
            log_entry=SimpleNamespace(_inner=SimpleNamespace(to_dict=lambda: {"logIndex": "1"})),
            _inner=SimpleNamespace(dsse_envelope=vars(envelope)["_inner"]),
        )


@pytest.fixture
def fulcio(monkeypatch: pytest.MonkeyPatch) -> Fulcio:
    made = Fulcio()
    monkeypatch.setattr("sigstore.models.ClientTrustConfig.production", lambda: None)

    def context(_: object) -> Fulcio:
        return made

    monkeypatch.setattr("sigstore.sign.SigningContext.from_trust_config", context)
    return made


def test_an_attestation_is_of_this_file_and_signed(fulcio: Fulcio) -> None:
    from pypi_attestations import Attestation

    made = Attestation.model_validate(Signing().attest(NAME, SHA256, token()))
    assert made.statement["subject"] == [{"name": NAME, "digest": {"sha256": SHA256}}]
    assert made.statement["predicateType"].endswith("/attestations/publish/v1")
    assert made.version == 1
    statement = made.envelope.statement
    kind = b"application/vnd.in-toto+json"
    signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(statement), statement)
    fulcio.key.public_key().verify(made.envelope.signature, signed, ec.ECDSA(hashes.SHA256()))
    assert fulcio.identities == ["repo:me/lib:ref:refs/heads/main"]


def test_it_is_what_travels_as_json(fulcio: Fulcio) -> None:
    made = Signing().attest(NAME, SHA256, token())
    assert set(made) == {"version", "verification_material", "envelope"}
    material: Any = made["verification_material"]
    assert base64.b64decode(material["certificate"]).startswith(b"0")
    assert len(fulcio.identities) == 1


def test_a_token_for_somebody_else_signs_nothing(fulcio: Fulcio) -> None:
    with pytest.raises(Unsigned) as caught:
        Signing().attest(NAME, SHA256, token("pypi"))
    assert (caught.value.passing, fulcio.identities) == (False, [])
    assert str(caught.value) == (
        f"{NAME} cannot be signed: the identity token is of no use: Identity token is malformed or missing "
        "claims\n\nhint: `attestations = false` in [piot.release] publishes without, and they cannot be "
        "added later"
    )


def test_a_service_that_does_not_answer_may_do_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(Unsigned) as caught:
        Signing().attest(NAME, SHA256, token())
    assert caught.value.passing
    assert caught.value.message == f"{NAME} cannot be signed: Failed to refresh TUF metadata"


def test_the_extra_is_there_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert installed()

    def nothing(_: str) -> None:
        return None

    monkeypatch.setattr("importlib.util.find_spec", nothing)
    assert not installed()
