"""zig: a C compiler and linker for many platforms, with the glibc floor of one's choice."""

from piot.api import Answer, Lack, Linker, Preparation, Request, Triple, toolchain

ARCHITECTURES = {
    "x86_64": "x86_64",
    "aarch64": "aarch64",
    "i686": "x86",
    "armv7": "arm",
    "riscv64gc": "riscv64",
    "powerpc64le": "powerpc64le",
    "s390x": "s390x",
    "loongarch64": "loongarch64",
}
"""Rust's names of processors to zig's, where zig brings the C library."""

MINGW = "x86_64-pc-windows-gnu"
"""Its 32-bit kin, where Rust unwinds in another way, is left out: nobody has linked for it like this."""

COMMANDS = {"cc": "cc", "cxx": "c++", "ar": "ar", "ranlib": "ranlib"}
"""What stands in for a C toolchain, by the variable that names it to build scripts, and zig's own name."""

WRAPPER = """\
#!/bin/sh
export ZIG_GLOBAL_CACHE_DIR="%{{root}}/{cache}" ZIG_LOCAL_CACHE_DIR="%{{root}}/{cache}"
export CARGO_ZIGBUILD_ZIG_COMMAND="%{{tool:ziglang}}/ziglang/zig"
known="${{CARGO_TARGET_DIR:-%{{root}}/.piot/tmp}}/zigbuild"
if [ ! -e "$known" ]; then
  rustc -vV | sed -n 's/^release: /export CARGO_ZIGBUILD_RUSTC_VERSION=/p' > "$known-$$"
  echo "export CARGO_ZIGBUILD_ZIG_VERSION=$("$CARGO_ZIGBUILD_ZIG_COMMAND" version)" >> "$known-$$"
  mv "$known-$$" "$known"
fi
. "$known"
exec "%{{tool:cargo-zigbuild}}/bin/cargo-zigbuild" zig {command} -- {options}"$@"
"""
"""cargo-zigbuild translates the arguments that rustc and build scripts pass to what zig understands.

It is told the versions of rustc and zig, since finding them takes twice as long as linking.
"""

DLLTOOL = """\
#!/bin/sh
export ZIG_GLOBAL_CACHE_DIR="%{{root}}/{cache}" ZIG_LOCAL_CACHE_DIR="%{{root}}/{cache}"
exec "%{{tool:ziglang}}/ziglang/zig" dlltool "$@"
"""
"""rustc has it make import libraries for ``kind = "raw-dylib"`` (The Rust Reference, *link attribute*)."""

WARM = """\
#!/bin/sh
set -e
cache=$1 cc=$2
shift 2
mkdir -p "$cache" .piot/warm
echo 'int main(void) { return 0; }' > .piot/warm/main.c
"$cc" -O2 -fPIC -c -o .piot/warm/main.o .piot/warm/main.c
libraries='-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc -nodefaultlibs'
for mode; do
  case $mode in stripped) strip=-Wl,--strip-debug ;; *) strip= ;; esac
  for kind in -pie -no-pie -shared; do
    "$cc" .piot/warm/main.o -o .piot/warm/main $kind $libraries -Wl,--eh-frame-hdr -Wl,-O1 $strip
  done
done
rm -rf "$cache/tmp" "$cache/z"
"""
"""Links as rustc does, so that zig has built its C library and runtime for the target.

zig builds them anew for stripped results and for those with debug information: some 7 and 16 seconds. What it
parsed of its own library for that is not kept: 43 of 46 MB, which every user of the cache would copy.
"""

WARM_WINDOWS = (
    WARM.replace("-pie -no-pie -shared", "-m64 -shared")
    .replace("-Wl,--eh-frame-hdr ", "-Wl,--dynamicbase -Wl,--nxcompat ")
    .replace(
        "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc",
        "-lkernel32 -lntdll -luserenv -lws2_32 -ldbghelp -lgcc_eh -lmsvcrt -lmingwex -lmingw32 -luser32",
    )
)
"""For MinGW it is the import libraries that take long, which are made from lists of names."""

RUSTC = """\
#!/bin/sh
printf '%s\\n' 'rustc 1.90.0 (0000000000 2025-09-18)' 'binary: rustc' 'commit-hash: unknown'
printf '%s\\n' 'commit-date: unknown' 'host: x86_64-unknown-linux-gnu' 'release: 1.90.0'
printf '%s\\n' 'LLVM version: 20.1.8'
"""
"""cargo-zigbuild asks rustc for its version; the cache is the same whichever rustc uses it later."""


@toolchain(kind="linker", pins=("ziglang", "cargo-zigbuild"))
def zig(request: Request) -> Answer:
    """Every Linux target, and Windows with MinGW's C library; others need an SDK that zig does not bring."""
    target = request.target
    missing = {"ziglang", "cargo-zigbuild"} - request.pinned
    if missing:
        return Lack(
            candidate="zig",
            reason=f"no file of {' and '.join(sorted(missing))} is pinned for {request.host}",
            remedy="run `piot lock` on a platform that they support",
        )
    spelling = _spelling(target, request.glibc)
    if spelling is None:
        why = f"of Windows only {MINGW}" if target.os == "windows" else f"no SDK for {target.os}"
        return Lack(candidate="zig", reason=f"cannot link for {target} ({why})")
    return _linker(target, spelling)


def _spelling(target: Triple, glibc: str) -> str | None:
    if target.text == MINGW:
        return "x86_64-windows-gnu"
    arch = ARCHITECTURES.get(target.arch)
    if arch is None or target.os != "linux" or target.libc not in ("gnu", "musl"):
        return None
    abi = f"{target.libc}eabihf" if target.text.endswith("eabihf") else target.libc
    return f"{arch}-linux-{abi}.{glibc}" if target.libc == "gnu" else f"{arch}-linux-{abi}"


def _linker(target: Triple, spelling: str) -> Linker:
    """Commands are bare names on PATH: cargo hashes a linker's path, and exec roots differ."""
    under, cache = target.text.replace("-", "_"), f".piot/zig/{target}"
    names = {kind: f"zig-{kind}-{target}" for kind in COMMANDS}
    windows = target.text == MINGW
    dlltool = ((".piot/shims/x86_64-w64-mingw32-dlltool", DLLTOOL.format(cache=cache)),) if windows else ()
    return Linker(
        triple=target.text,
        name="zig",
        environment=(
            (f"CARGO_TARGET_{under.upper()}_LINKER", names["cc"]),
            *((f"{kind.upper()}_{under}", name) for kind, name in names.items()),
        ),
        scripts=(
            *((f".piot/shims/{name}", _wrapper(kind, spelling, cache)) for kind, name in names.items()),
            *dlltool,
        ),
        fetched=("ziglang", "cargo-zigbuild"),
        preparation=Preparation(
            name=f"zig for {spelling}",
            argv=(".piot/shims/zig-warm", cache, names["cc"]),
            scripts=(
                (".piot/shims/zig-warm", WARM_WINDOWS if windows else WARM),
                (".piot/shims/rustc", RUSTC),
            ),
            folder=cache,
        ),
    )


def _wrapper(kind: str, spelling: str, cache: str) -> str:
    """What stands for the ``kind`` of command; only compilers are told of the target."""
    options = f"-target {spelling} " if kind in ("cc", "cxx") else ""
    return WRAPPER.format(command=COMMANDS[kind], cache=cache, options=options)
