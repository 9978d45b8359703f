"""A rustc with a standard library that is built from Debian's sources, for targets that Debian has none of.

rustup has them ready made, but not everywhere can it be asked. Debian packages the sources (``rust-web-src``)
of the compiler that it has.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

RUSTC, CARGO = Path("/usr/bin/rustc"), Path("/usr/bin/cargo")

WRAPPER = """\
#!/bin/sh
exec "${{0%/*}}/../libexec/rustc" --sysroot "{sysroot}" {options}"$@"
"""


def sources() -> Path | None:
    """The standard library's source as Debian's rustc has it, or where ``PIOT_TEST_RUST_SRC`` says."""
    if named := os.environ.get("PIOT_TEST_RUST_SRC"):
        return Path(named)
    if not (RUSTC.is_file() and CARGO.is_file()):
        return None
    said = subprocess.run([RUSTC, "--version"], capture_output=True, text=True, check=False).stdout.split()
    folder = Path("/usr/src") / f"rustc-{said[1] if len(said) > 1 else ''}" / "library"
    return folder if (folder / "Cargo.lock").is_file() else None


def sysroot(
    folder: Path, triple: str, library: Path, environment: Mapping[str, str], options: str = ""
) -> Path:
    """A sysroot in ``folder`` with what is built from ``library``; gives its folder for ``triple``.

    rustc in its ``bin`` is always given ``options`` (blank at the end).
    """
    made = compiled(folder / "std", triple, library, environment)
    for name in ("bin", "libexec", "lib/rustlib"):
        (folder / name).mkdir(parents=True)
    shutil.copy2(RUSTC, folder / "libexec/rustc")
    shutil.copy2(CARGO, folder / "bin/cargo")
    (folder / "bin/rustc").write_text(WRAPPER.format(sysroot=folder, options=options))
    (folder / "bin/rustc").chmod(0o755)
    host = Path("/usr/lib/rustlib/x86_64-unknown-linux-gnu")
    (folder / "lib/rustlib" / host.name).symlink_to(host)
    place = folder / "lib/rustlib" / triple / "lib"
    (place / "self-contained").mkdir(parents=True)
    for rlib in made:
        shutil.copy2(rlib, place)
    return place


def compiled(folder: Path, triple: str, library: Path, environment: Mapping[str, str]) -> Sequence[Path]:
    """Has cargo compile the standard library (``-Zbuild-std``), and gives its files."""
    (folder / "src").mkdir(parents=True)
    (folder / "src/lib.rs").touch()
    (folder / "Cargo.toml").write_text('[package]\nname = "none"\nversion = "0.1.0"\nedition = "2021"\n')
    env = {
        **environment,
        "PATH": f"/usr/bin:{environment['PATH']}",
        "RUSTC": str(RUSTC),
        "RUSTC_BOOTSTRAP": "1",
        "RUSTFLAGS": f"--remap-path-prefix={environment['HOME']}=/rust --remap-path-prefix={library}=/rust",
        "__CARGO_TESTS_ONLY_SRC_ROOT": str(library),
    }
    std = ("-Zbuild-std=std,panic_unwind,proc_macro", "--target", triple, "--release")
    argv = [str(CARGO), "build", *std, "--target-dir", str(folder / "target")]
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rlibs = (folder / "target" / triple / "release/deps").glob("*.rlib")
    return [rlib for rlib in rlibs if not rlib.name.startswith("libnone")]
