"""WebAssembly: rustc brings the linker and the C library itself (rustc book, *wasm32-wasip1*)."""

from piot.api import Answer, Linker, Request, toolchain


@toolchain(kind="linker")
def wasm(request: Request) -> Answer:
    """Programs in Rust alone: C would need the WASI SDK."""
    if request.target.os != "wasi":
        return ()
    return Linker(triple=request.target.text, name="rust-lld", environment=())
