"""Publishes crates with cargo itself, from the tree that the verified ``.crate`` was packed from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from piot.effects import files
from piot.effects.allowed import allowed
from piot.effects.cargo_config import CRATES_IO, registry_variable
from piot.effects.clock import now
from piot.effects.peek import read_if_there, scratch_folder
from piot.effects.process import Completed, run
from piot.errors import InputError
from piot.model.release.registry import Place
from piot.release.artifacts import Found
from piot.release.publish.refusal import Refused, asked_wait

PATIENCE = 900.0
"""Seconds that cargo may take for one crate, its own minute of waiting for the index included."""
_PASSING = re.compile(
    r"status 5\d\d|got 5\d\d|429|spurious network error|timed out|connection reset|Connection refused"
    r"|^\s*\[(?:6|7|16|18|28|35|52|55|56|92)\] ",
    re.MULTILINE,
)
"""What cargo says of troubles that pass; numbers are those of connections in libcurl-errors(3)."""
_HINTS = {
    "do not support creating new crates": (
        "publish its first version once with a token of a person (CARGO_REGISTRY_TOKEN), "
        "then add the trusted publisher to the crate"
    ),
    "can only be published using Trusted Publishing": "run it in CI, with a trusted publisher",
    "Invalid authentication token": "the token has expired, or was revoked: run it again",
    "is not valid for crate": "the token is for other crates: see the trusted publishers of this one",
    "no token found": "set CARGO_REGISTRY_TOKEN, or run in CI with a trusted publisher",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedCrate:
    """The files that a crate is packed from, its manifest among them, and the cargo that packed it.

    ``files`` are bytes, and whether it can be run, by path.
    """

    files: Mapping[str, tuple[bytes, bool]] = field(repr=False)
    manifest: str
    cargo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CargoPublisher:
    """Publishes to one registry; ``env`` is what piot was started with."""

    place: Place
    env: Mapping[str, str] = field(repr=False)

    def publish(self, found: Found, staged: StagedCrate, token: str | None) -> None:
        """Sends the crate once cargo has packed the very bytes that were verified.

        Raises InputError when it packs others, Refused with cargo's words when it does not publish them.
        """
        with scratch_folder() as folder:
            root = folder / "crate"
            _write(root, staged.files)
            self._compare(found, staged, root, folder / "target")
            done = self._cargo(staged, root, folder / "target", "publish", *self._there(), token=token)
        if done.code:
            raise _refusal(found, done)

    def _compare(self, found: Found, staged: StagedCrate, root: Path, target: Path) -> None:
        done = self._cargo(staged, root, target, "package")
        if done.code:
            raise _refusal(found, done)
        packed = read_if_there(target / "package" / found.artifact.file)
        came = hashlib.sha256(packed or b"").hexdigest()
        if came != found.artifact.sha256:
            raise InputError(
                f"cargo packs other bytes than the verified {found.artifact.file}:\n"
                f"  verified {found.artifact.sha256}\n  packed   {came}",
                hint="publish from the commit, and with the cargo, that it was built with",
            )

    def _cargo(
        self, staged: StagedCrate, root: Path, target: Path, *words: str, token: str | None = None
    ) -> Completed:
        argv = [
            *(staged.cargo, *words, "--no-verify", "--allow-dirty"),
            *("--manifest-path", str(root / staged.manifest), "--target-dir", str(target), *self._sources()),
        ]
        return run(argv, cwd=root, env=self._environment(token), timeout=PATIENCE)

    @property
    def _name(self) -> str:
        """cargo never looks elsewhere for its own registry, so another one in its place has another name."""
        if self.place.name == CRATES_IO and not self.place.standard:
            return "piot-crates-io"
        return re.sub(r"[^A-Za-z0-9_-]", "-", self.place.name)

    def _there(self) -> Sequence[str]:
        return ("--registry", self._name)

    def _sources(self) -> Sequence[str]:
        """Where another registry stands for cargo's own, dependencies come from it too."""
        if self._name != "piot-crates-io":
            return ()
        index = self.place.index
        return (
            *("--config", f'source.crates-io.replace-with="{self._name}"'),
            *("--config", f'source.{self._name}.registry="{index}"'),
        )

    def _environment(self, token: str | None) -> dict[str, str]:
        more = {"CARGO_TERM_COLOR": "never"}
        if self._name == CRATES_IO:
            variable = "CARGO_REGISTRY_TOKEN"
        else:
            variable = registry_variable(self._name, "TOKEN")
            more[registry_variable(self._name, "INDEX")] = self.place.index
        if token is not None:
            more[variable] = token
        return allowed(self.env, more)


def _write(root: Path, tree: Mapping[str, tuple[bytes, bool]]) -> None:
    for path, (data, executable) in tree.items():
        place = root / path
        files.make_directory(place.parent)
        files.write_atomic(place, data, 0o755 if executable else 0o644)


def _refusal(found: Found, done: Completed) -> Refused:
    words = done.complaint
    return Refused(
        f"cargo cannot publish {found.artifact.registry_name} {found.artifact.version}: {words}",
        hint=next((hint for text, hint in _HINTS.items() if text in words), None),
        passing=_PASSING.search(words) is not None,
        wait=asked_wait(words, now=now()),
    )
