"""Python: any CPython on this machine, the one that people start as ``python3`` first."""

import hashlib

from piot.api import Answer, Found, Interpreter, Lack, Probe, Request, SystemTool, toolchain

ABOUT = """\
import sys, sysconfig
print("implementation:", sys.implementation.name)
print("version:", ".".join(map(str, sys.version_info[:3])))
print("build:", " ".join(sys.version.split()))
print("platform:", sysconfig.get_platform())
print("free-threaded:", bool(sysconfig.get_config_var("Py_GIL_DISABLED")))
"""

NEWEST_FIRST = tuple(f"python3.{minor}" for minor in range(16, 7, -1))

ELSEWHERE = (
    "~/.pyenv/versions/*/bin/python3",
    "~/.local/share/uv/python/*/bin/python3",
    "/opt/hostedtoolcache/Python/*/*/bin/python3",
    "/usr/bin/python3.*[0-9]",
    "/usr/local/bin/python3.*[0-9]",
)
"""Where interpreters lie that are not on PATH: pyenv, uv, GitHub's runners, distributions."""

MULTIARCH = """\
os.path.join(
    os.path.dirname(sysconfig.get_path("include")),
    sysconfig.get_config_var("MULTIARCH") or "none",
    os.path.basename(sysconfig.get_path("include")),
)"""
"""Debian keeps pyconfig.h there, beside the other headers."""


def _asked(expression: str) -> tuple[str, ...]:
    return ("-I", "-c", f"import os, sys, sysconfig; print({expression})")


ANSWERS = (
    ("executable", _asked("os.path.realpath(getattr(sys, '_base_executable', sys.executable))")),
    ("stdlib", _asked("sysconfig.get_path('stdlib')")),
    ("include", _asked("sysconfig.get_path('include')")),
    ("base", _asked("sys.base_prefix")),
    ("multiarch", _asked(MULTIARCH)),
)

CONTENT = (
    "{executable}",
    "{stdlib}/*.py",
    "{stdlib}/tomllib/*.py",
    "{stdlib}/lib-dynload/*",
    "{include}/*.h",
    "{include}/*/*.h",
    "{multiarch}/*.h",
)
PACKAGES = ("{stdlib}/{packages}/*.py", "{stdlib}/{packages}/*/*.py", "{stdlib}/{packages}/*/*/*.py")
"""The standard library counts by content, but for its tests and what needs a screen."""


def _probe(*programs: str) -> Probe:
    return Probe(
        name="python",
        programs=programs,
        version=("-I", "-c", ABOUT),
        answers=ANSWERS,
        lists=(("packages", "{stdlib}/[!t]*/__init__.py"), ("headers", "{include}/Python.*")),
        content=CONTENT,
        libraries=("libpython3*",),
        parts=(("packages", PACKAGES),),
        roots=("{base}", "{include}", "{multiarch}"),
    )


PYTHONS = (_probe("python3", "python"), *map(_probe, NEWEST_FIRST), _probe(*ELSEWHERE))
"""One probe after the other is asked, so that no more of them run than it takes to find one that fits."""


@toolchain(kind="python", probes=PYTHONS)
def python(request: Request) -> Answer:
    """The interpreter that was found; whether its version fits is for who asks to say."""
    (found,) = request.found["python"]
    version = found.line("version")
    if found.line("implementation") != "cpython" or found.line("free-threaded") != "False":
        kind = "a free-threaded build" if found.line("free-threaded") == "True" else "not CPython"
        return Lack(candidate=f"python {version} ({found.program})", reason=f"is {kind}")
    major, minor = version.split(".")[:2]
    return Interpreter(
        version=version,
        headers=bool(found.listed("headers")),
        tool=SystemTool(
            name=f"python{major}.{minor}",
            version=f"Python {found.line('build')}",
            digest=_digest(found),
            programs=((f"python{major}.{minor}", found.answer("executable")),),
            roots=found.roots,
        ),
    )


def _digest(found: Found) -> str:
    parts = (found.digest, *(found.part("packages", name) for name in found.listed("packages")))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
