"""rustc: any on this machine that has the standard library for the target."""

from piot.api import Answer, Found, Lack, Probe, Request, RustToolchain, SystemTool, toolchain

RUSTC = Probe(
    name="rustc",
    programs=(
        "rustc",
        "~/.cargo/bin/rustc",
        "~/.rustup/toolchains/*/bin/rustc",
        "/usr/bin/rustc",
        "/usr/local/bin/rustc",
        "/usr/lib/rust-*/bin/rustc",
        "/opt/*/bin/rustc",
    ),
    version=("-vV",),
    answers=(("sysroot", ("--print", "sysroot")),),
    lists=(("targets", "{sysroot}/lib/rustlib/*/lib/libstd-*.rlib"),),
    content=(
        "{program}",
        "{prefix}/bin/cargo",
        "{sysroot}/lib/librustc_driver-*",
        "{sysroot}/lib/libLLVM*",
    ),
    libraries=("librustc_driver-*", "libLLVM*"),
    parts=(
        (
            "targets",
            (
                "{sysroot}/lib/rustlib/{targets}/lib/*",
                "{sysroot}/lib/rustlib/{targets}/bin/*",
                "{sysroot}/lib/rustlib/{targets}/bin/*/*",
            ),
        ),
    ),
    siblings=("cargo",),
    roots=("{sysroot}",),
)


@toolchain(kind="rust", probes=(RUSTC,))
def rust(request: Request) -> Answer:
    """The first rustc that runs here, fits ``rust-toolchain.toml`` and has the target's standard library."""
    lacks: list[Lack] = []
    for found in _preferred(request):
        reason = _unfit(found, request)
        if reason is None:
            return _toolchain(found, request)
        lacks.append(Lack(candidate=f"rustc {found.line('release')} ({found.program})", reason=reason))
    if not lacks:
        return Lack(
            candidate="rustc", reason="none was found on this machine", remedy="install Rust with rustup"
        )
    return tuple(lacks)


def _preferred(request: Request) -> list[Found]:
    """In the order found, but stable releases before others unless a channel is asked for."""
    found = list(request.found["rustc"])
    return sorted(found, key=lambda each: _channel(each) != "stable") if request.channel is None else found


def _unfit(found: Found, request: Request) -> str | None:
    release, channel = found.line("release"), request.channel
    if found.line("host") != request.host.text:
        return f"runs on {found.line('host')}, not on {request.host}"
    if not dict(found.siblings).get("cargo"):
        return "has no cargo beside it"
    if channel is not None and channel != _channel(found) and not _is_release(channel, release):
        return f"rust-toolchain.toml asks for {channel}"
    missing = [each for each in request.target.parts if each not in found.listed("targets")]
    return f"has no standard library for {' and '.join(missing)}" if missing else None


def _channel(found: Found) -> str:
    _, _, suffix = found.line("release").partition("-")
    return suffix.partition(".")[0] or "stable"


def _is_release(channel: str, release: str) -> bool:
    """``1.95`` and ``1.95.0`` both mean release 1.95.0; anything after a dash names the host."""
    wanted = channel.partition("-")[0]
    return release == wanted or release.startswith(f"{wanted}.")


def _toolchain(found: Found, request: Request) -> RustToolchain:
    return RustToolchain(
        host=request.host.text,
        target=request.target.text,
        version=found.line("release"),
        sysroot=found.answer("sysroot"),
        commit=found.line("commit-hash"),
        rustc=SystemTool(
            name="rustc",
            version=found.version.splitlines()[0],
            digest=_digest(found, request),
            programs=(("rustc", found.program), ("cargo", dict(found.siblings)["cargo"])),
            roots=found.roots,
        ),
        linkers=(),
    )


def _digest(found: Found, request: Request) -> str:
    """The compiler's content, and that of the standard libraries of host and target only."""
    triples = sorted({request.host.text, *request.target.parts})
    return " ".join((found.digest, *(found.part("targets", triple) for triple in triples)))
