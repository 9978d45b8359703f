"""The system's C compiler: links for this machine's own platform, on a Mac for every Mac.

On Windows that is Visual Studio's, for every processor that its libraries are installed for. rustc and the
crate cc find it by themselves, the newest one; here it is only found to be known.
"""

from piot.api import Answer, Found, Lack, Linker, Probe, Request, SystemTool, toolchain

CC = Probe(
    name="cc",
    programs=("cc", "gcc", "clang"),
    version=("--version",),
    answers=(
        ("machine", ("-dumpmachine",)),
        ("ld", ("-print-prog-name=ld",)),
        ("as", ("-print-prog-name=as",)),
        ("libc", ("-print-file-name=libc.so.6",)),
        ("crt", ("-print-file-name=crt1.o",)),
        ("libgcc", ("-print-file-name=libgcc.a",)),
    ),
    content=("{program}", "{ld}", "{as}", "{libc}", "{crt}", "{libgcc}"),
    siblings=("ld", "as"),
)

VISUAL_STUDIO = ("C:/Program Files/Microsoft Visual Studio", "C:/Program Files (x86)/Microsoft Visual Studio")
WINDOWS_SDK = "C:/Program Files (x86)/Windows Kits/10/Lib/*"

MSVC = Probe(
    name="msvc",
    programs=tuple(
        f"{place}/*/*/VC/Tools/MSVC/*/bin/Host{host}/{host}/cl.exe"
        for place in VISUAL_STUDIO
        for host in ("x64", "arm64")
    ),
    version=(),
    lists=(("targets", "{prefix}/../../../lib/*/msvcrt.lib"),),
    content=(
        *("{prefix}/*.exe", "{prefix}/*.dll", "{prefix}/../../../lib/*/*.lib"),
        *(f"{WINDOWS_SDK}/ucrt/*/*.lib", f"{WINDOWS_SDK}/um/*/kernel32.lib"),
    ),
)
"""The import library of kernel32 stands for the hundreds of its kind, which one SDK brings together."""

FOLDERS = {"x86_64": "x64", "i686": "x86", "aarch64": "arm64"}
"""Rust's names of processors to those of the folders with Microsoft's libraries."""


@toolchain(kind="linker", probes=(CC, MSVC))
def native(request: Request) -> Answer:
    """Only for the host, and only where its C library is old enough for the glibc floor."""
    name, target = "native cc", request.target
    if target.libc == "msvc" and request.host.os == "windows":
        return _msvc(request)
    if target != request.host and not target.os == request.host.os == "macos":
        return Lack(candidate=name, reason=f"builds for {request.host} only")
    if target.libc == "gnu" and request.host_glibc > request.floor:
        shown = ".".join(map(str, request.host_glibc))
        return Lack(
            candidate=name,
            reason=f"links against glibc {shown}, newer than the floor {request.glibc}",
            remedy=f'set [piot.toolchain] glibc = "{shown}" if that is new enough for your users',
        )
    if not request.found["cc"]:
        return Lack(candidate=name, reason="no cc, gcc or clang on PATH", remedy="install a C compiler")
    return _linker(request)


def _linker(request: Request) -> Linker:
    found = request.found["cc"][0]
    tool = SystemTool(
        name="cc",
        version=found.version.splitlines()[0],
        digest=found.digest,
        programs=(("cc", found.program), *_binutils(found)),
        roots=(*found.roots, "/usr/include"),
    )
    names = [triple.replace("-", "_") for triple in request.target.parts]
    environment = [(f"CARGO_TARGET_{name.upper()}_LINKER", "cc") for name in names]
    environment += [(f"CC_{name}", "cc") for name in names]
    return Linker(triple=request.target.text, name="native cc", environment=tuple(environment), tools=(tool,))


def _binutils(found: Found) -> list[tuple[str, str]]:
    """The linker and assembler that the compiler starts: where it says, or by name and then beside it."""
    beside = dict(found.siblings)
    places = {name: found.answer(name) for name in ("ld", "as")}
    known = {name: path if path.startswith("/") else beside.get(name, "") for name, path in places.items()}
    return [(name, path) for name, path in known.items() if path]


def _msvc(request: Request) -> Answer:
    """Its version is the name of its folder: ``…/VC/Tools/MSVC/14.44.35207/bin/…``."""
    found = sorted(request.found.get("msvc", ()), key=lambda each: _numbers(_version(each)))
    if not found:
        remedy = 'install "Desktop development with C++" with the Visual Studio Installer'
        return Lack(candidate="Visual Studio", reason="none is on this machine", remedy=remedy)
    newest, folder = found[-1], FOLDERS[request.target.arch]
    candidate = f"Visual Studio's C++ {_version(newest)}"
    if folder not in newest.listed("targets"):
        remedy = f'add "MSVC build tools for {folder}" with the Visual Studio Installer'
        return Lack(candidate=candidate, reason=f"has no libraries for {folder}", remedy=remedy)
    tool = SystemTool(
        name="msvc", version=_version(newest), digest=newest.digest, programs=(("cl", newest.program),)
    )
    return Linker(triple=request.target.text, name="msvc", environment=(), tools=(tool,))


def _version(found: Found) -> str:
    return found.program.replace("\\", "/").rpartition("/bin/")[0].rpartition("/")[2]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())
