"""The system's C compiler: links for this machine's own platform, on a Mac for every Mac."""

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


@toolchain(kind="linker", probes=(CC,))
def native(request: Request) -> Answer:
    """Only for the host, and only where its C library is old enough for the glibc floor."""
    name, target = "native cc", request.target
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
