"""Sigstore: signatures of files with the identity of a job (PEP 740), by the extra ``attest`` of piot.

``pypi-attestations`` makes them. The libraries are not part of piot itself, for they are large: cryptography,
TUF and a client of two public services.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

from piot.errors import MachineError

if TYPE_CHECKING:
    from sigstore.sign import SigningContext

AUDIENCE = "sigstore"
"""Whom an identity token is for that is signed with."""
_OFF = "`attestations = false` in [piot.release] publishes without, and they cannot be added later"


class Unsigned(MachineError):
    """A file could not be signed; ``passing`` where it may be soon."""

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message, hint=_OFF)
        self.passing = passing


def installed() -> bool:
    """Whether this piot can sign."""
    return importlib.util.find_spec("pypi_attestations") is not None


def unable(prefix: Path) -> str:
    """Why this piot cannot sign, and what helps; ``prefix`` is that of its Python.

    What pex unpacks has its settings beside it (pex, *PEX-INFO*), and looks into PEX_EXTRA_SYS_PATH.
    """
    if (prefix / "PEX-INFO").is_file():
        return (
            "piot.pex does not hold what makes them: `pip install --target DIR pypi-attestations` and "
            "PEX_EXTRA_SYS_PATH=DIR give it that, or use a piot of pip install 'piot[attest]'"
        )
    return "piot was installed without what makes them: pip install 'piot[attest]'"


class Signing:
    """What signs all files of a run; Sigstore's own trust roots are fetched when the first one is."""

    def __init__(self) -> None:
        self._context: SigningContext | None = None

    def attest(self, name: str, sha256: str, token: str) -> dict[str, object]:
        """A publish attestation of a file, bound to whoever ``token`` names; raises Unsigned.

        The token is for Sigstore's audience; certificate and log entry are public from then on.
        """
        from pypi_attestations import Attestation, AttestationError, Distribution
        from sigstore.errors import Error
        from sigstore.oidc import IdentityError, IdentityToken

        try:
            identity = IdentityToken(token)
            with self._contexts().signer(identity) as signer:
                made = Attestation.sign(signer, Distribution(name=name, digest=sha256))
        except IdentityError as error:
            raise Unsigned(f"{name} cannot be signed: the identity token is of no use: {error}") from error
        except (Error, OSError) as error:  # no service answers, or one refuses
            raise Unsigned(f"{name} cannot be signed: {_reason(error)}", passing=True) from error
        except AttestationError as error:
            raise Unsigned(f"{name} cannot be signed: {_reason(error)}") from error
        return cast("dict[str, object]", json.loads(made.model_dump_json()))

    def _contexts(self) -> SigningContext:
        from sigstore.models import ClientTrustConfig
        from sigstore.sign import SigningContext

        if self._context is None:
            self._context = SigningContext.from_trust_config(ClientTrustConfig.production())
        return self._context


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
