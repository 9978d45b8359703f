"""qemu's user mode: runs programs that are for Linux on another processor, when they are tried."""

from piot.api import Answer, Emulator, Found, Lack, Probe, Request, SystemTool, toolchain

MACHINES = {
    "x86_64": ("x86_64", "x86_64-linux-gnu", "libc6-amd64-cross"),
    "aarch64": ("aarch64", "aarch64-linux-gnu", "libc6-arm64-cross"),
    "armv7": ("arm", "arm-linux-gnueabihf", "libc6-armhf-cross"),
    "i686": ("i386", "i686-linux-gnu", "libc6-i386-cross"),
    "riscv64gc": ("riscv64", "riscv64-linux-gnu", "libc6-riscv64-cross"),
    "powerpc64le": ("ppc64le", "powerpc64le-linux-gnu", "libc6-ppc64el-cross"),
    "s390x": ("s390x", "s390x-linux-gnu", "libc6-s390x-cross"),
    "loongarch64": ("loongarch64", "loongarch64-linux-gnu", "libc6-loong64-cross"),
}
"""By Rust's processor what qemu calls it, and where Debian has its C library, from which package."""


def _probe(machine: str, folder: str) -> Probe:
    """The C library of the other processor belongs to it: it decides what a program does."""
    return Probe(
        name=f"qemu-{machine}",
        programs=(f"qemu-{machine}-static", f"qemu-{machine}"),
        version=("--version",),
        lists=(("loaders", f"/usr/{folder}/lib/ld*.so*"),),
        content=("{program}", f"/usr/{folder}/lib/*.so*"),
        libraries=("*",),
    )


PROBES = tuple(_probe(machine, folder) for machine, folder, _ in MACHINES.values())


@toolchain(kind="emulator", probes=PROBES)
def qemu(request: Request) -> Answer:
    """Programs for glibc need its files beside them; those for musl are static, as Rust makes them."""
    target = request.target
    if request.host.os != "linux" or target.os != "linux" or target.arch not in MACHINES:
        return ()
    machine, folder, package = MACHINES[target.arch]
    name = f"qemu-{machine}"
    if not request.found.get(name):
        return Lack(
            candidate=name, reason="is not on PATH, or does not run", remedy="install qemu-user-static"
        )
    found = request.found[name][0]
    if target.libc == "gnu" and not found.listed("loaders"):
        reason = f"finds no C library for {target.arch} in /usr/{folder}"
        return Lack(candidate=name, reason=reason, remedy=f"install {package}")
    return Emulator(tool=_tool(name, found, f"/usr/{folder}"))


def _tool(name: str, found: Found, place: str) -> SystemTool:
    library = bool(found.listed("loaders"))
    return SystemTool(
        name=name,
        version=(found.version.splitlines() or [""])[0],
        digest=found.digest,
        programs=((name, found.program), *(((f"{name}-libc", place),) if library else ())),
        roots=(place,) if library else (),
    )
