"""Repositories with packages, commits and tags, of which releases are planned for real."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from piot.app.releasing.release_plan import PlanRequest, planned
from piot.app.session.where import Where
from piot.model.release.plan import ReleasePlan

HEAD = "[putitoutthere]\nversion = 1\n"
AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "a"), ("EMAIL", "a@example.invalid"))
}
KINDS = {"core": "crates", "py": "pypi", "@my/js": "npm"}


def package(name: str, *depends_on: str, path: str = "", paths: str = "", **more: str) -> str:
    """A ``[[package]]``; ``more`` are keys with their TOML values."""
    path = path or name.rpartition("/")[2]
    keys = {
        "name": f'"{name}"',
        "kind": f'"{KINDS.get(name, "crates")}"',
        "path": f'"{path}"',
        "paths": paths or f'["{path}/**"]',
        "depends_on": str(list(depends_on)).replace("'", '"'),
        **more,
    }
    return "\n[[package]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())


CONFIG_K = package("core") + package("py", "core") + package("@my/js", "core")
"""The three packages of most cases."""


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A checkout with the real git below it, which knows nothing of the settings of this machine."""

    root: Path
    environ: Mapping[str, str] = field(
        default_factory=lambda: {
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "protocol.file.allow",
            "GIT_CONFIG_VALUE_0": "always",
            **AUTHOR,
        }
    )

    @classmethod
    def make(cls, root: Path, packages: str = CONFIG_K, *, tags: str | None = "1.0.0") -> Repository:
        """With one commit of the configuration and a file ``x`` in the folder of every package.

        With ``tags`` every package was released from it in that version.
        """
        root.mkdir(parents=True, exist_ok=True)
        made = cls(root=root)
        made.git("init", "--quiet", "--initial-branch=main")
        made.write("putitoutthere.toml", HEAD + packages)
        names = [line.split('"')[1] for line in packages.splitlines() if line.startswith("name = ")]
        folders = [line.split('"')[1] for line in packages.splitlines() if line.startswith("path = ")]
        for folder in folders:
            made.write(f"{folder}/x", "1\n")
        made.commit("first")
        for name in names if tags else ():
            made.git("tag", f"{name}-v{tags}")
        return made

    def git(self, *words: str) -> str:
        """What a git command prints; it must succeed."""
        done = subprocess.run(
            ["git", *words], cwd=self.root, env=self.environ, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def commit(self, message: str = "x", *touched: str) -> str:
        """Commits all there is; the files ``touched`` get another content before."""
        for path in touched:
            place = self.root / path
            self.write(path, (place.read_text(encoding="utf-8") if place.exists() else "") + "more\n")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "-m", message)
        return self.git("rev-parse", "HEAD")

    def plan(self, bump: str = "", *patterns: str, base: str | None = None) -> ReleasePlan:
        """What piot plans at HEAD."""
        where = Where(directory=self.root, environ=self.environ, offline=True)
        return planned(PlanRequest(patterns=patterns, bump=bump, base=base), where)

    def versions(self, bump: str = "") -> str:
        """``core@1.0.1 py@1.0.1``, in the order of the plan."""
        return " ".join(f"{each.name}@{each.version}" for each in self.plan(bump).packages)

    def release(self) -> ReleasePlan:
        """Tags what is planned, as a release does at its end."""
        plan = self.plan()
        for each in plan.packages:
            self.git("tag", each.tag)
        return plan
