"""Links for Windows from other systems as cargo-xwin does: with LLVM, and a copy of Microsoft's SDK.

The SDK can neither be pinned nor handed on, since every person accepts its licence for themselves. Whoever
has made a copy names it (``[piot.toolchain.xwin] sdk``); all of it is in the keys then, by content.
"""

from piot.api import Answer, Found, Lack, Linker, Probe, Request, SystemTool, toolchain

NAME = "cargo-xwin"
ARCHITECTURES = {"x86_64": "x86_64", "i686": "x86", "aarch64": "aarch64"}
"""Rust's names of processors to xwin's."""

LIBRARIES = ("crt/lib", "sdk/lib/um", "sdk/lib/ucrt")
HEADERS = ("crt/include", "sdk/include/ucrt", "sdk/include/um", "sdk/include/shared", "sdk/include/winrt")

LLD = Probe(
    name="lld-link",
    programs=("lld-link",),
    version=("-flavor", "link", "--version"),
    lists=(("architectures", "{windows_sdk}/crt/lib/*/msvcrt.lib"),),
    content=("{program}", "{windows_sdk}/crt/**", "{windows_sdk}/sdk/**"),
    roots=("{windows_sdk}",),
)
"""LLVM's linkers are one program, which goes by its name; by its real path it has to be told."""

CLANG = Probe(
    name="clang-cl",
    programs=("clang-cl",),
    version=("--version",),
    answers=(("resources", ("-print-resource-dir",)),),
    content=("{program}", "{resources}/include/*.h"),
    roots=("{resources}",),
)

CACHE = ".piot/xwin"

LIBRARIAN = """\
#!/bin/sh
exec lld-link /lib "$@"
"""
"""``llvm-lib`` is a name of the linker's too (lld/COFF, "/lib")."""

CARGO = """\
#!/bin/sh
unset {unset}
{exports}
exec "%{{root}}/.piot/shims/cargo" "$@"
"""
"""maturin links for Windows by a cargo-xwin of its own, which finds its work done by the mark in ``CACHE``.

What it would have cargo link and compile with is set back, so that crates fit the layer, and members link
with the copy that is in the key.
"""


@toolchain(kind="linker", probes=(LLD, CLANG))
def xwin(request: Request) -> Answer:
    """For whoever names a copy of the SDK; silent for other platforms, and on Windows."""
    if request.target.libc != "msvc" or request.host.os == "windows":
        return ()
    sdk = request.places.get("windows_sdk")
    if sdk is None:
        reason = "Microsoft's SDK is for whoever accepts its licence"
        return Lack(candidate=NAME, reason=reason, remedy="name your copy: [piot.toolchain.xwin] sdk")
    if not request.found.get("lld-link"):
        return Lack(candidate=NAME, reason="lld-link is not on PATH", remedy="install LLVM's lld")
    folder, lld = ARCHITECTURES[request.target.arch], request.found["lld-link"][0]
    if folder not in lld.listed("architectures"):
        remedy = f"xwin --accept-license --arch {folder} splat --output {sdk}"
        return Lack(candidate=NAME, reason=f"{sdk} has no libraries for {folder}", remedy=remedy)
    clang = request.found.get("clang-cl", ())[:1]
    return _linker(request.target.text, folder, sdk, lld, clang)


def _linker(triple: str, folder: str, sdk: str, lld: Found, clang: tuple[Found, ...]) -> Linker:
    environment = _environment(triple, folder, compiles=bool(clang))
    return Linker(
        triple=triple,
        name=NAME,
        environment=(
            *environment.items(),
            ("CARGO", "%{root}/.piot/shims/xwin-cargo"),
            ("XWIN_ARCH", folder),
            ("XWIN_CACHE_DIR", f"%{{root}}/{CACHE}"),
        ),
        scripts=(
            (".piot/shims/llvm-lib", LIBRARIAN),
            (".piot/shims/xwin-cargo", _cargo(triple, environment)),
            (f"{CACHE}/xwin/DONE", f"{folder}\n"),
        ),
        tools=(_tool(lld, ("windows-sdk", sdk)), *map(_tool, clang)),
    )


def _tool(found: Found, *more: tuple[str, str]) -> SystemTool:
    """A program of LLVM, with ``more`` names and paths that commands can ask for."""
    return SystemTool(
        name=found.probe,
        version=found.version.splitlines()[0],
        digest=found.digest,
        programs=((found.probe, found.program), *more),
        roots=found.roots,
    )


def _environment(triple: str, folder: str, *, compiles: bool) -> dict[str, str]:
    """As ``cargo xwin env`` says it, but for the flags of rustc: lld-link looks into LIB for itself."""
    under, place = triple.replace("-", "_"), "%{tool:windows-sdk}"
    found = {
        f"AR_{under}": "llvm-lib",
        f"CARGO_TARGET_{under.upper()}_LINKER": "lld-link",
        "LIB": ";".join(f"{place}/{each}/{folder}" for each in LIBRARIES),
    }
    if compiles:
        flags = f"--target={triple} -Wno-unused-command-line-argument -fuse-ld=lld-link"
        flags += "".join(f" /imsvc {place}/{each}" for each in HEADERS)
        found |= {f"CC_{under}": "clang-cl", f"CXX_{under}": "clang-cl"}
        found |= {f"CFLAGS_{under}": flags, f"CXXFLAGS_{under}": f"{flags} /EHsc"}
        found[f"BINDGEN_EXTRA_CLANG_ARGS_{under}"] = " ".join(f"-I{place}/{each}" for each in HEADERS)
    return found


def _cargo(triple: str, environment: dict[str, str]) -> str:
    under = triple.replace("-", "_")
    alien = [
        *(
            f"{kind}_{under}"
            for kind in ("AR", "CC", "CXX", "CFLAGS", "CXXFLAGS", "BINDGEN_EXTRA_CLANG_ARGS")
        ),
        *(f"CARGO_TARGET_{under.upper()}_{kind}" for kind in ("RUSTFLAGS", "RUNNER")),
        *("CL_FLAGS", "RCFLAGS", "TARGET_AR", "TARGET_CC", "TARGET_CXX", "WINEDEBUG"),
        *("CMAKE_GENERATOR", "CMAKE_SYSTEM_NAME", f"CMAKE_TOOLCHAIN_FILE_{under}"),
    ]
    exports = "\n".join(f'export {name}="{value}"' for name, value in sorted(environment.items()))
    return CARGO.format(unset=" ".join(alien), exports=exports)
