"""Libraries and programs of this machine that targets name in ``system``: found and identified."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from piot.model.system_packages import packages_of
from piot.model.toolchain import PKG_CONFIG, Found, Lack, Probe, SystemTool
from piot.run.probe import Prober

_SHARED = ("so", "so.*", "a", "dylib", "*.dylib")


def system_tool(prober: Prober, name: str, search: str) -> SystemTool | Lack:
    """The library that pkg-config knows by ``name``, else the program of that name on PATH.

    ``search`` is the caller's PKG_CONFIG_PATH. A library is its ``.pc`` file, the files that are
    linked and the headers that may be its own, and all that for what it requires (pkg-config(1)).
    """
    modules = _modules(prober, name, search)
    if modules:
        return _library(prober, name, modules)
    probe = Probe(name=name, programs=(name,), version=("--version",), roots=("{prefix}",))
    for found in prober.find(probe)[:1]:
        known = prober.identify(probe, found)
        version, programs = (known.version.splitlines() or [""])[0], ((name, known.program),)
        return SystemTool(
            name=name, version=version, digest=known.digest, programs=programs, roots=known.roots
        )
    return Lack(
        candidate=name,
        reason="is neither a library that pkg-config finds nor a program on PATH",
        remedy=packages_of(name),
    )


def _modules(prober: Prober, name: str, search: str) -> dict[str, Found]:
    """The module and all that it requires, empty when there is none of that name."""
    found: dict[str, Found] = {}
    ahead = [name]
    while ahead:
        each = ahead.pop()
        if each in found:
            continue
        probed = prober.find(_probe(each, search))[:1]
        if not probed and each == name:
            return {}
        for module in probed:
            found[each] = module
            required = f"{module.answer('requires')}\n{module.answer('private')}"
            ahead += [line.split()[0] for line in required.splitlines() if line.strip()]
    return found


def _probe(module: str, search: str) -> Probe:
    """pkg-config is asked by module; the path that it searches is part of the question."""
    return Probe(
        name=f"pkg-config {module} {search}",
        programs=("pkg-config", "pkgconf"),
        version=("--modversion", module),
        answers=(
            *((name, (f"--variable={name}", module)) for name in ("pcfiledir", "libdir", "includedir")),
            ("flags", ("--cflags-only-I", module)),
            ("libraries", ("--libs-only-l", module)),
            ("requires", ("--print-requires", module)),
            ("private", ("--print-requires-private", module)),
        ),
        content=("{program}", f"{{pcfiledir}}/{module}.pc"),
    )


def _library(prober: Prober, name: str, modules: dict[str, Found]) -> SystemTool:
    digests = [
        prober.content_of(found, ("{program}", *_files(module, found)))
        for module, found in sorted(modules.items())
    ]
    folders = {found.answer("pcfiledir"): module for module, found in sorted(modules.items(), reverse=True)}
    first = modules[name]
    return SystemTool(
        name=name,
        version=first.version,
        digest=hashlib.sha256("\n".join(digests).encode()).hexdigest(),
        programs=(
            ("pkg-config", first.program),
            *((f"{PKG_CONFIG}{module}", folder) for folder, module in sorted(folders.items())),
        ),
        roots=tuple(dict.fromkeys(root for found in modules.values() for root in _roots(found))),
    )


def _files(module: str, found: Found) -> Iterator[str]:
    """Patterns: what it is linked with, and what its headers may be.

    In a folder that all libraries share nothing says whose a header is: those in the folder itself, and in
    that of Debian's architecture, count whoever has them (zdict.h is zstd's), folders by their names.
    """
    libdir, includes = found.answer("libdir"), found.answer("includedir")
    libraries = [word.removeprefix("-l") for word in found.answer("libraries").split()]
    yield f"{found.answer('pcfiledir')}/{module}.pc"
    yield from (f"{libdir}/lib{each}.{suffix}" for each in libraries for suffix in _SHARED)
    yield from (f"{includes}/*.h*", f"{includes}/*-linux-*/*.h*")
    for stem in (module, module.removeprefix("lib"), *libraries):
        yield from (f"{includes}/{stem}/**", f"{includes}/*/{stem}/**")
    yield from (f"{folder}/**" for folder in _folders(found) if folder != includes)


def _folders(found: Found) -> list[str]:
    return [word.removeprefix("-I") for word in found.answer("flags").split()]


def _roots(found: Found) -> Iterator[str]:
    """What a sandbox must show."""
    yield from filter(None, (found.answer(each) for each in ("pcfiledir", "libdir", "includedir")))
    yield from _folders(found)
