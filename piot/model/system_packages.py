"""What package managers call the libraries and programs that Rust crates are linked with.

By the name that pkg-config or PATH has: Debian's package, Homebrew's formula, winget's id, empty where
there is none. Sources: Debian's package lists, Homebrew's formulae, the winget-pkgs repository.
"""

from __future__ import annotations

SYSTEM_PACKAGES: dict[str, tuple[str, str, str]] = {
    "alsa": ("libasound2-dev", "", ""),
    "bzip2": ("libbz2-dev", "bzip2", ""),
    "clang": ("clang", "llvm", "LLVM.LLVM"),
    "cmake": ("cmake", "cmake", "Kitware.CMake"),
    "dbus-1": ("libdbus-1-dev", "dbus", ""),
    "fontconfig": ("libfontconfig-dev", "fontconfig", ""),
    "freetype2": ("libfreetype-dev", "freetype", ""),
    "hdf5": ("libhdf5-dev", "hdf5", "HDFGroup.HDF5"),
    "libcurl": ("libcurl4-openssl-dev", "curl", ""),
    "libffi": ("libffi-dev", "libffi", ""),
    "libgit2": ("libgit2-dev", "libgit2", ""),
    "liblz4": ("liblz4-dev", "lz4", ""),
    "liblzma": ("liblzma-dev", "xz", ""),
    "libpq": ("libpq-dev", "libpq", "PostgreSQL.PostgreSQL.17"),
    "libssh2": ("libssh2-1-dev", "libssh2", ""),
    "libudev": ("libudev-dev", "", ""),
    "libxml-2.0": ("libxml2-dev", "libxml2", ""),
    "libzstd": ("libzstd-dev", "zstd", ""),
    "nasm": ("nasm", "nasm", "NASM.NASM"),
    "ninja": ("ninja-build", "ninja", "Ninja-build.Ninja"),
    "openssl": ("libssl-dev", "openssl@3", "ShiningLight.OpenSSL.Dev"),
    "perl": ("perl", "perl", "StrawberryPerl.StrawberryPerl"),
    "pkg-config": ("pkgconf", "pkgconf", "bloodrock.pkg-config-lite"),
    "protoc": ("protobuf-compiler", "protobuf", "Google.Protobuf"),
    "sqlite3": ("libsqlite3-dev", "sqlite", ""),
    "zlib": ("zlib1g-dev", "zlib", ""),
}


def packages_of(name: str) -> str:
    """What to install, by package manager: ``apt: libssl-dev, brew: openssl@3``; a hint when unknown."""
    managers = zip(("apt", "brew", "winget"), SYSTEM_PACKAGES.get(name, ()), strict=False)
    known = ", ".join(f"{manager}: {package}" for manager, package in managers if package)
    return known or f"install {name}, with its development files if it is a library"
