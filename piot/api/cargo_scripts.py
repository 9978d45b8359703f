"""The small scripts that stand beside cargo in an exec root; the launcher expands ``%{…}`` in them."""

from __future__ import annotations

from piot.model.action import Text

RUSTC_WRAPPER = """\
#!/bin/sh
exec "$@" "--remap-path-prefix=%{root}=/build" "--remap-path-prefix=%{tool:vendor}=/vendor"
"""
"""RUSTC_WRAPPER: source paths in results are the same wherever the exec root is.

Not RUSTFLAGS, because cargo hashes those into its fingerprints, and the dependency layer would
fit no other exec root.
"""

CARGO_FOR_PYTHON = """\
#!/bin/sh
[ "%{root}" != /build ] || exec "%{tool:cargo}" "$@"
root="%{root}"
status=$root/.piot/tmp/cargo-$$
tail=${root#"${root%/*/*}"}
rename="s|path+file://[^\\"]*${tail:-$root}|path+file:///build|g"
{ "%{tool:cargo}" "$@"; echo $? > "$status"; } | sed "$rename"
exit "$(cat "$status")"
"""
"""The cargo that build front ends call.

Package ids on stdout get the exec root of a sandbox, since maturin writes them into its SBOM. They are
URLs, in which a blank is ``%20``: the root is known by its last two folders, whose names need no escape.
"""

CARGO = CARGO_FOR_PYTHON.replace(
    "#!/bin/sh\n", "#!/bin/sh\nunset PYO3_CONFIG_FILE PYO3_PYTHON PYO3_ENVIRONMENT_SIGNATURE\n"
)
"""The same where all Pythons share a result.

maturin's variables that name absolute paths are taken out: they would make pyo3's build scripts run
again on top of the layer, for a configuration that an abi3 crate has without them (PYO3_NO_PYTHON).
"""

HARVEST = """\
#!/bin/sh
set -e
cd "$CARGO_TARGET_DIR"
hash='????????????????'
for profile in ./*/ ./*/*/; do
  [ -d "$profile.fingerprint" ] || continue
  for member; do
    for unit in "$profile.fingerprint/$member"-$hash; do
      [ -d "$unit" ] || continue
      rm -rf "$unit" "$profile"build/*-"${unit##*-}" "$profile"deps/*-"${unit##*-}"*
    done
  done
  find "$profile" "${profile}deps" -maxdepth 1 -type f ! -path "*/deps/*-$hash*" -exec rm -f {} +
  rm -rf "${profile}incremental" "${profile}examples"
  : > "${profile}.kept"
done
for folder in ./*; do
  [ -e "$folder/.kept" ] || ls "$folder"/*/.kept >/dev/null 2>&1 || rm -rf "$folder"
done
rm -f .rustc_info.json ./*/.kept ./*/*/.kept
"""
"""Leaves the third-party crates of a target directory: members, named by the arguments, start clean on it.

cargo ends the names of what it makes with a hash of the package, but for what it hands out and for
libraries of other languages (``cdylib``), which are always a member's.
"""


def script_of(name: str, text: str) -> Text:
    """A program of piot's own that a command can call."""
    return Text(dest=f".piot/shims/{name}", content=text.encode(), executable=True)
