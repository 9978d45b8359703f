"""The small scripts that stand beside cargo in an exec root; the launcher expands ``%{…}`` in them."""

RUSTC_WRAPPER = """\
#!/bin/sh
exec "$@" "--remap-path-prefix=%{root}=/build" "--remap-path-prefix=%{tool:vendor}=/vendor"
"""
"""RUSTC_WRAPPER: source paths in results are the same wherever the exec root is.

Not RUSTFLAGS, because cargo hashes those into its fingerprints, and the dependency layer would
fit no other exec root.
"""

CARGO = """\
#!/bin/sh
unset PYO3_CONFIG_FILE PYO3_PYTHON PYO3_ENVIRONMENT_SIGNATURE
[ "%{root}" != /build ] || exec "%{tool:cargo}" "$@"
root="%{root}"
status=$root/.piot/tmp/cargo-$$
tail=${root#"${root%/*/*}"}
rename="s|path+file://[^\\"]*${tail:-$root}|path+file:///build|g"
{ "%{tool:cargo}" "$@"; echo $? > "$status"; } | sed "$rename"
exit "$(cat "$status")"
"""
"""The cargo that build front ends call.

maturin's variables that name absolute paths are taken out: they would make pyo3's build scripts run
again on top of the layer, for a configuration that an abi3 crate has without them (PYO3_NO_PYTHON).
Package ids on stdout get the exec root of a sandbox, since maturin writes them into its SBOM. They are
URLs, in which a blank is ``%20``: the root is known by its last two folders, whose names need no escape.
"""

STUB = """\
#!/bin/sh
name= out= extra= previous=
for argument; do
  case $previous in
    --crate-name) name=$argument ;;
    --out-dir) out=$argument ;;
    -C) case $argument in extra-filename=*) extra=${argument#extra-filename=} ;; esac ;;
  esac
  previous=$argument
done
[ -n "$out" ] || exec "$@"
case $name in
  build_script_*)
    printf '#!/bin/sh\\n' > "$out/$name$extra"
    chmod +x "$out/$name$extra" ;;
esac
"""
"""RUSTC_WORKSPACE_WRAPPER of the layer: members are not compiled, their build scripts do nothing."""

LAYER = """\
#!/bin/sh
members=
while [ "$1" != -- ]; do
  members="$members $1"
  shift
done
shift
RUSTC_WORKSPACE_WRAPPER=$PIOT_ROOT/.piot/shims/stub "$PIOT_ROOT/.piot/shims/cargo" "$@" || exit
cd "$PIOT_ROOT/.piot/target"
for member in $members; do
  hash='????????????????'
  rm -rf ./*/.fingerprint/$member-$hash ./*/*/.fingerprint/$member-$hash
  rm -rf ./*/build/$member-$hash ./*/*/build/$member-$hash
done
rm -rf .rustc_info.json ./*/incremental ./*/*/incremental ./*/.cargo-*lock ./*/*/.cargo-*lock
"""
"""Compiles with the stub, then takes out what names members: they start clean on top of the layer."""
CONFIG = """\
[source.crates-io]
replace-with = "piot"
{sources}
[source.piot]
directory = "%{{tool:vendor}}"

[net]
offline = true
"""
"""CARGO_HOME's config: every source of the lock file is the vendored one."""
