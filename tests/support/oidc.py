"""An issuer of identity tokens, and registries that exchange them or refuse as the real ones do."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.support.cargo_registry import CargoRegistry, TrustedToken
from tests.support.loopback import Front, Loopback, Reply, Request
from tests.support.python_index import PyPI

REQUEST_TOKEN = "github-request-token"
WORKFLOW = "me/lib/.github/workflows/release.yml@refs/heads/main"


@dataclass(kw_only=True)
class Publisher:
    """What a registry trusts; ``environment`` None means any."""

    repository: str = "me/lib"
    owner_id: str = "1234"
    workflow: str = "release.yml"
    environment: str | None = None


@cache
def _key() -> rsa.RSAPrivateKey:
    """The same for every issuer of a process: making one takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Issuer(Loopback):
    """GitHub's identity service; ``claims`` are those of the job, laid over the usual ones."""

    def __init__(self) -> None:
        super().__init__()
        self._key = _key()
        self.claims: dict[str, Any] = {}
        self.key_id = "key-1"
        self.issued = 0
        self.made: list[str] = []

    @property
    def env(self) -> dict[str, str]:
        """The variables of a job that may ask."""
        return {
            "GITHUB_ACTIONS": "true",
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.url}/token?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN,
        }

    def answer(self, request: Request) -> Reply:
        if request.path == "/.well-known/openid-configuration":
            return Reply.of({"issuer": self.url, "jwks_uri": f"{self.url}/jwks"})
        if request.path == "/jwks":
            return Reply.of({"keys": [self._jwk()]})
        if request.headers.get("authorization") != f"Bearer {REQUEST_TOKEN}":
            return Reply(status=401)
        self.issued += 1
        audience = parse_qs(request.query)["audience"][0]
        return Reply.of({"count": 1, "value": self.token(audience)})

    def token(self, audience: str, **claims: Any) -> str:
        now = int(time.time())
        said = {
            "iss": self.url,
            "aud": audience,
            "sub": "repo:me/lib:ref:refs/heads/main",
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "jti": str(uuid.uuid4()),
            "repository": "me/lib",
            "repository_owner": "me",
            "repository_owner_id": "1234",
            "repository_visibility": "private",
            "workflow_ref": WORKFLOW,
            "job_workflow_ref": WORKFLOW,
            "event_name": "push",
            **self.claims,
            **claims,
        }
        self.made.append(jwt.encode(said, self._key, algorithm="RS256", headers={"kid": self.key_id}))
        return self.made[-1]

    def _jwk(self) -> dict[str, Any]:
        jwk: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return {**jwk, "alg": "RS256", "use": "sig", "kid": "key-1"}

    @property
    def public_keys(self) -> dict[str, Any]:
        return {"key-1": self._key.public_key()}


@dataclass(kw_only=True)
class Verifier:
    """What the token routes of registries share: signature, audience, time, and use once."""

    issuer: Issuer
    audience: str
    leeway: float
    used: set[str] = field(default_factory=set[str])

    def claims(self, token: str) -> dict[str, Any]:
        """Raises ValueError with the first thing that is wrong."""
        try:
            header = jwt.get_unverified_header(token)
            said: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        except jwt.PyJWTError as error:
            raise ValueError("malformed") from error
        if said.get("iss") != self.issuer.url:
            raise ValueError("issuer")
        key = self.issuer.public_keys.get(header.get("kid", ""))
        if key is None:
            raise ValueError("key")
        if not isinstance(said.get("aud"), str):
            raise ValueError("token")
        try:
            jwt.decode(token, key, algorithms=["RS256"], audience=self.audience, leeway=self.leeway)
        except jwt.PyJWTError as error:
            raise ValueError("token") from error
        return said

    def use(self, claims: dict[str, Any]) -> bool:
        """Whether it is the first time."""
        if claims["jti"] in self.used:
            return False
        self.used.add(claims["jti"])
        return True


def file_of(ref: str) -> str:
    return ref.partition("@")[0].rpartition("/")[2]


class TrustedPyPI(PyPI):
    """PyPI's routes: it looks at ``job_workflow_ref``, and its tokens end after 15 minutes."""

    def __init__(self, issuer: Issuer) -> None:
        super().__init__()
        self.verifier = Verifier(issuer=issuer, audience="pypi", leeway=30)
        self.publishers = [Publisher()]
        self.lifetime = 900.0
        self.burnt: list[str] = []
        self.tokens = set[str]()

    def trusted_publishing(self, request: Request) -> Reply:
        match request.method, request.path:
            case "GET", "/_/oidc/audience":
                return Reply.of({"audience": "pypi"})
            case "POST", "/_/oidc/mint-token":
                return self._mint(str(request.json.get("token", "")))
            case "POST", "/_/oidc/burn-token":
                token = str(request.json["token"])
                self.burnt.append(token)
                self.tokens.discard(token)
                return Reply.of({})
            case _:
                return Reply(status=404)

    def _mint(self, token: str) -> Reply:
        try:
            claims = self.verifier.claims(token)
        except ValueError as error:
            code = "invalid-payload" if str(error) in ("malformed", "issuer") else "invalid-token"
            return _minting(code, "malformed or invalid token")
        if not any(self._matches(each, claims) for each in self.publishers):
            text = (
                "valid token, but no corresponding publisher (Publisher with matching claims was not found)"
            )
            return _minting("invalid-publisher", text)
        if not self.verifier.use(claims):
            return _minting("invalid-reuse-token", "invalid token: already used")
        minted = f"pypi-minted-{len(self.verifier.used)}-{uuid.uuid4().hex}"
        self.tokens.add(minted)
        return Reply.of({"success": True, "token": minted, "expires": int(time.time() + self.lifetime)})

    def _matches(self, publisher: Publisher, claims: dict[str, Any]) -> bool:
        ref = str(claims["job_workflow_ref"])
        return (
            claims["repository"].lower() == publisher.repository.lower()
            and ref.startswith(f"{claims['repository']}/.github/workflows/")
            and claims["repository_owner_id"] == publisher.owner_id
            and file_of(ref) == publisher.workflow
            and publisher.environment in (None, claims.get("environment"))
            and claims["event_name"] != "pull_request_target"
        )


def _minting(code: str, text: str) -> Reply:
    return Reply.of({"message": "Token request failed", "errors": [{"code": code, "description": text}]}, 422)


class TrustedCargoRegistry(CargoRegistry):
    """crates.io's routes: it looks at ``workflow_ref``; a token is for the crates that trust the job."""

    def __init__(self, issuer: Issuer, *, lag: float = 0.0) -> None:
        super().__init__(lag=lag)
        self.verifier = Verifier(issuer=issuer, audience=self.url.partition("://")[2], leeway=60)
        self.publishers: dict[str, Publisher] = {}
        self.revoked: list[str] = []

    def trusted_publishing(self, request: Request, method: str) -> Reply:
        if method == "DELETE":
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            self.revoked.append(token)
            self.trusted.pop(token, None)
            return Reply(status=204)
        return self._exchange(str(request.json.get("jwt", "")))

    def _exchange(self, token: str) -> Reply:
        try:
            claims = self.verifier.claims(token)
        except ValueError as error:
            words = {"issuer": "Unsupported JWT issuer", "key": "Invalid JWT key ID"}
            return _crates_io(words.get(str(error), "Failed to decode JWT"))
        event = claims["event_name"]
        if event in ("pull_request_target", "workflow_run"):
            return _crates_io(f"Trusted Publishing does not support the `{event}` event trigger.")
        mine = {
            name: each
            for name, each in self.publishers.items()
            if each.repository.lower() == claims["repository"].lower()
        }
        if not mine:
            text = f"No Trusted Publishing config found for repository `{claims['repository']}`."
            return _crates_io(text)
        file = file_of(claims["workflow_ref"])
        matching = {name for name, each in mine.items() if each.workflow == file}
        if not matching:
            expected = ", ".join(sorted({f"`{each.workflow}`" for each in mine.values()}))
            return _crates_io(
                "The Trusted Publishing config for repository `me/lib` does not match the workflow filename "
                f"`{file}` in the JWT. Expected workflow filenames: {expected}"
            )
        if not self.verifier.use(claims):
            return _crates_io("JWT has already been used")
        minted = f"cio_tp_{uuid.uuid4().hex}"
        self.trusted[minted] = TrustedToken(crates=frozenset(matching), expires=time.time() + 1800)
        return Reply.of({"token": minted})


def _crates_io(text: str) -> Reply:
    return Reply.of({"errors": [{"detail": text}]}, 400)


class TrustedNpm(Front):
    """npm's route before a registry without one: a token is for one package, which must exist."""

    ROUTE = "/-/npm/v1/oidc/token/exchange/package/"

    def __init__(self, issuer: Issuer, behind: str, token: str) -> None:
        super().__init__(behind)
        self.verifier = Verifier(issuer=issuer, audience="npm:127.0.0.1", leeway=60)
        self.publishers: dict[str, Publisher] = {}
        self.minted: dict[str, str] = {}
        self._token = token

    def answer(self, request: Request) -> Reply:
        if request.path.startswith(self.ROUTE):
            return self._exchange(request, request.path.removeprefix(self.ROUTE))
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if request.method == "PUT" and given in self.minted:
            if self.minted[given] != request.path.removeprefix("/"):
                return Reply.of({"error": "not found"}, 404)
            headers = {**request.headers, "authorization": f"Bearer {self._token}"}
            return self.forward(
                Request(
                    method=request.method,
                    path=request.path,
                    query=request.query,
                    headers=headers,
                    body=request.body,
                )
            )
        return self.forward(request)

    def _exchange(self, request: Request, package: str) -> Reply:
        refused = Reply.of({"message": "OIDC token exchange error - package not found"}, 404)
        try:
            claims = self.verifier.claims(request.headers.get("authorization", "").removeprefix("Bearer "))
        except ValueError:
            return Reply.of({"message": "OIDC token exchange error - unauthorized"}, 401)
        publisher = self.publishers.get(package)
        if publisher is None or ("%2f" not in package and package.startswith("@")):
            return refused
        if publisher.repository != claims["repository"] or publisher.workflow != file_of(
            claims["workflow_ref"]
        ):
            return refused
        token = f"npm_{uuid.uuid4().hex}"
        self.minted[token] = package
        return Reply.of({"token": token}, 201)
