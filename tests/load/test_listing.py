"""Which files of a checkout are its sources."""

from __future__ import annotations

import subprocess
from pathlib import Path

from piot.load.listing import list_sources


def test_settings_of_cargo_and_rustup_count_also_where_git_ignores_them(tmp_path: Path) -> None:
    ignored = (".cargo/config.toml", "Cargo.lock", "rust-toolchain.toml")
    names = (*ignored, "Cargo.toml", "src/lib.rs", "target/out", "config.toml")
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / ".gitignore").write_text("/.cargo/\n*.lock\nrust-toolchain*\n/target/\n/config.toml\n")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    assert list_sources(tmp_path) == (*sorted((".gitignore", "Cargo.toml", "src/lib.rs", *ignored)),)
