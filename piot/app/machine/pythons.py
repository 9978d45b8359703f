"""The Pythons of this machine: looked for when a project needs one, and only until one fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from piot.api.toolchain import Request, Toolchain
from piot.model.toolchain import Found, Interpreter, Lack, Probe
from piot.run.probe import Prober

Ask = Callable[[Found], Request]
"""What a toolchain is asked about one interpreter."""


class Pythons:
    """Finds interpreters; the one that is taken is identified by content."""

    def __init__(self, toolchains: Sequence[Toolchain], prober: Prober, ask: Ask) -> None:
        self._toolchains = toolchains
        self._prober = prober
        self._ask = ask
        self._chosen: dict[tuple[tuple[str, ...], bool], Interpreter | tuple[Lack, ...]] = {}

    def __call__(self, requires: tuple[str, ...], *, headers: bool = False) -> Interpreter | tuple[Lack, ...]:
        """The first that fulfils all version specifiers (PEP 440); or what each lacks."""
        asked = (requires, headers)
        if asked not in self._chosen:
            self._chosen[asked] = self._choose(requires, headers=headers)
            self._prober.save()
        return self._chosen[asked]

    def _choose(self, requires: tuple[str, ...], *, headers: bool) -> Interpreter | tuple[Lack, ...]:
        lacks: dict[str, Lack] = {}
        for toolchain, probe, found in self._candidates():
            answer = toolchain.function(self._ask(found))
            lack = answer if isinstance(answer, Lack) else _unfit(answer, found, requires, headers=headers)
            if lack is None:
                fit = toolchain.function(self._ask(self._prober.identify(probe, found)))
                assert isinstance(fit, Interpreter)
                return fit
            lacks.setdefault(lack.candidate, lack)
        if not lacks:
            return (Lack(candidate="python3", reason="is not on this machine", remedy="install Python"),)
        return tuple(lacks.values())

    def _candidates(self) -> Iterator[tuple[Toolchain, Probe, Found]]:
        for toolchain in self._toolchains:
            for probe in toolchain.probes:
                for found in self._prober.find(probe):
                    yield toolchain, probe, found


def _unfit(answer: object, found: Found, requires: tuple[str, ...], *, headers: bool) -> Lack | None:
    from packaging.specifiers import SpecifierSet

    assert isinstance(answer, Interpreter)
    candidate = f"python {answer.version} ({found.program})"
    wanted = SpecifierSet(",".join(requires))
    if not wanted.contains(answer.version, prereleases=True):
        return Lack(candidate=candidate, reason=f"the build needs {wanted}")
    if headers and not answer.headers:
        return Lack(
            candidate=candidate,
            reason="has no headers (Python.h) to compile with",
            remedy="install its development package, such as python3-dev",
        )
    return None
