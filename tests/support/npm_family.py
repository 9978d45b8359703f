"""A checkout with a family of npm packages, whose files are made without any compiler."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from tests.support.repository import do
from tests.support.small_files import tgz

CONFIG = """\
[putitoutthere]
version = 1

[[package]]
name = "n"
kind = "npm"
npm = "@x/n"
path = "n"
paths = ["n/**"]
build = "napi"
targets = ["linux-x64-gnu", "darwin-arm64"]
"""
PLATFORMS = ("@x/n-darwin-arm64", "@x/n-linux-x64-gnu")
NAMES = (*PLATFORMS, "@x/n")
"""In the order in which they go out."""
TAG = "n-v1.0.0"


def checkout(folder: Path, settings: str = "", text: str = "") -> Path:
    """The configuration with more ``settings``, a commit, the files of the family and a plan for them."""
    root = folder / "checkout"
    (root / "n").mkdir(parents=True)
    (root / "putitoutthere.toml").write_text(CONFIG + settings)
    (root / "n/package.json").write_text('{"name": "@x/n", "version": "0.0.0"}\n')
    do(root, "init", "--quiet", "--initial-branch=main")
    do(root, "add", "--all")
    do(root, "commit", "--quiet", "--message=all")
    files(root, text)
    package = {"name": "n", "version": "1.0.0", "tag": TAG}
    commit = do(root, "rev-parse", "HEAD").strip()
    (root / "plan.json").write_text(json.dumps({"commit": commit, "packages": [package]}))
    return root


def files(root: Path, text: str = "") -> None:
    """The tarballs; another ``text`` makes other bytes."""
    (root / "dist").mkdir(exist_ok=True)
    for name in NAMES:
        needed = dict.fromkeys(PLATFORMS if name == "@x/n" else (), "1.0.0")
        data = tgz(name, "1.0.0", text, main="index.js", optionalDependencies=needed)
        (root / "dist" / f"{name[1:].replace('/', '-')}-1.0.0.tgz").write_bytes(data)


def environ(root: Path, url: str, **more: str) -> Mapping[str, str]:
    """An environment without any setting of this machine, whose npm goes to ``url``."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(root.parent),
        "PIOT_CONFIG": str(root / "none.toml"),
        "npm_config_registry": url,
        "NO_PROXY": "127.0.0.1",
        **more,
    }
