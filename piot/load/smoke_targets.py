"""The smoke test that every package of Python and of npm has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from piot.model.label import Label
from piot.model.rule import Triples
from piot.model.select import Value
from piot.model.target import Target

OLDEST = 10
"""The minor version of the oldest Python 3 that the pinned pip runs on."""

WHEELS = ("maturin_wheel", "python_extension_wheel", "python_wheel")
PACKAGES = ("napi_package", "npm_package", "npm_program")
TRIED = {**dict.fromkeys(WHEELS, "wheel"), **dict.fromkeys(PACKAGES, "package")}
"""Rules whose targets are tried, and what the target of a package is called then.

Crates are none of them: cargo compiles every crate that it packs.
"""


def with_smoke_tests(targets: Iterable[Target], declared: Iterable[Target] = ()) -> tuple[Target, ...]:
    """The targets of packages, and a test for each that can be installed.

    A target of that name among ``declared``, those of BUILD files, takes its place.
    """
    found = {target.label: target for target in targets}
    tests = [_smoke(target, found) for target in found.values() if target.rule in TRIED]
    own = {target.label for target in declared}
    return (*found.values(), *(test for test in tests if test.label not in own))


def _smoke(target: Target, found: Mapping[Label, Target]) -> Target:
    kind = TRIED[target.rule]
    platforms = _renamed(target.label, kind, "platforms")
    same = [rule for rule in TRIED if TRIED[rule] == kind]
    beside = [each.label for each in _needed(target, found) if each.rule in same]
    # a package of npm that starts a program, or loads an addon, is nothing without that of the platform
    beside += [platforms] if platforms in found and kind == "package" else []
    attrs = {
        "of": (target.label,),
        "beside": tuple(beside),
        "directory": target.directory,
        "targets": target.get("targets") or Triples(),
        "python_versions": _tried_with(target.get("python_versions") or ()),
    }
    return replace(
        target,
        label=_renamed(target.label, kind, "smoke"),
        rule="smoke",
        attrs=tuple(sorted(attrs.items(), key=lambda pair: pair[0])),
    )


def _tried_with(versions: Value) -> Value:
    """Without Pythons that pip is too new for, which no machine can try: where there are others."""
    if not isinstance(versions, tuple):
        return versions
    texts = [str(version) for version in versions]
    return tuple(text for text in texts if int(text.rpartition("3.")[2].rstrip("t")) >= OLDEST) or versions


def _needed(target: Target, found: Mapping[Label, Target]) -> Iterator[Target]:
    """The targets of the packages that it depends on, and of those that they depend on."""
    seen, ahead = {target.label}, [target]
    while ahead:
        one = ahead.pop()
        for name in ("depends_on", "packages"):
            labels = one.get(name)
            for label in labels if isinstance(labels, tuple) else ():
                if isinstance(label, Label) and label not in seen and label in found:
                    seen.add(label)
                    ahead.append(found[label])
                    yield found[label]


def _renamed(label: Label, old: str, new: str) -> Label:
    return Label(label.package, f"{label.name.removesuffix(old)}{new}")
