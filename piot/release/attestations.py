"""Attestations of wheels and sdists (PEP 740): those beside a file, else those that this job can make."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from piot.effects.peek import read_if_there
from piot.effects.signing import AUDIENCE, Signing, Unsigned, installed, unable
from piot.errors import InputError
from piot.release.artifacts import Found
from piot.release.publish.refusal import Refused
from piot.release.trusted.identity import Identity

ENDINGS = (".publish.attestation", ".slsa.attestation")
"""Endings of files that pypi-attestations makes, one for each kind that PyPI takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestations:
    """``wanted`` is what the configuration says; None makes them where the job can."""

    identity: Identity
    wanted: bool | None = None
    signing: Signing = field(default_factory=Signing)
    _made: dict[str, str] = field(default_factory=dict[str, str], init=False)

    def of(self, found: Found) -> str:
        """A JSON array to send along with a file, empty without any; each file is signed once in a run.

        Raises InputError for one beside it that is none, Refused or Unsigned when it cannot be signed.
        """
        if beside := attestations_beside(found):
            return beside
        if self.wanted is False or self.lacking() is not None:
            return ""
        artifact = found.artifact
        if artifact.file not in self._made:
            try:
                token = self.identity.token("sigstore", AUDIENCE)
                made = self.signing.attest(artifact.file, artifact.sha256 or "", token)
            except Unsigned as error:
                if not error.passing:
                    raise
                raise Refused(error.message, hint=error.hint, passing=True) from error
            self._made[artifact.file] = json.dumps([made])
        return self._made[artifact.file]

    def refusal(self, found: Found, *, trusted: bool) -> str | None:
        """Why a file cannot have the attestation that the configuration asks for; None when it can."""
        if self.wanted is not True:
            return None
        if not trusted:
            return "PyPI takes them of jobs that it trusts only, and there is a token instead"
        return None if attestations_beside(found) else self.lacking()

    def lacking(self) -> str | None:
        """Why this run can sign nothing; None when it can."""
        if not installed():
            return unable(Path(sys.prefix))
        if not self.identity.available("sigstore"):
            return (
                "this job has no identity for Sigstore: on GitHub `id-token: write`, on GitLab an entry "
                f"SIGSTORE_ID_TOKEN in id_tokens with aud: {AUDIENCE}"
            )
        return None


def attestations_beside(found: Found) -> str:
    """The attestations beside a file as a JSON array (PEP 740), empty without any.

    Raises InputError for one that is no JSON object.
    """
    rows: list[object] = []
    for ending in ENDINGS:
        path = found.path.with_name(f"{found.path.name}{ending}")
        if (data := read_if_there(path)) is None:
            continue
        try:
            row = cast("object", json.loads(data))
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise InputError(f"{path} is no attestation", hint="make it again, or remove it")
        rows.append(cast("object", row))
    return json.dumps(rows) if rows else ""
