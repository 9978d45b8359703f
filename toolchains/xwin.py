"""cargo-xwin would link for Windows from other systems; why it does not is said where somebody asks for it.

It takes Microsoft's C library and SDK from a server that keeps no old state and under a licence that every
person accepts for themselves (``XWIN_ACCEPT_LICENSE``): nothing that could be pinned by hash, and maturin's
own copy of it downloads in the middle of a build.
"""

from piot.api import Answer, Lack, Request, toolchain


@toolchain(kind="linker")
def xwin(request: Request) -> Answer:
    """Never; silent for other platforms."""
    if request.target.libc != "msvc" or request.host.os == "windows":
        return ()
    return Lack(
        candidate="cargo-xwin",
        reason="Microsoft's SDK can neither be pinned nor handed on",
        remedy="a toolchain file can name a copy of yours",
    )
