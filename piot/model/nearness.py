"""What somebody may have meant by a label, pattern or word that chooses nothing."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence, Set

from piot.errors import UsageError, listed, near
from piot.model.label import PackageName, Pattern


def near_label(wanted: str, labels: Sequence[str], publishing: Set[str]) -> str | None:
    """A hint with the nearest name of the same folder, else with all of it, else with the nearest label.

    What is published is near only where its name is.
    """
    folder, _, name = wanted.rpartition(":")
    here = {label.rpartition(":")[2]: label for label in labels if label.startswith(f"{folder}:")}
    if close := near(name, here):
        return close.replace('"', f'"{folder}:', 1)
    built = [f":{each}" for each, label in here.items() if label not in publishing]
    return f"{folder} has {listed(built)}" if built else near(wanted, labels)


def near_word(word: str, package: str, labels: Sequence[str]) -> str | None:
    """A hint for a word, typed in the folder ``package``, that names a target of it or is a folder's path."""
    if f"//{package}:{word}" in labels:
        return f'did you mean ":{word}"?'
    folder = posixpath.normpath(posixpath.join(package, word))
    if any(label.startswith((f"//{folder}:", f"//{folder}/")) for label in labels):
        return f"the targets of that folder are //{folder}, with those below it //{folder}/..."
    return None


def refuse_only_negative(patterns: Sequence[Pattern | PackageName]) -> None:
    """Raises UsageError where nothing is chosen that could be taken away."""
    if patterns and all(pattern.negative for pattern in patterns):
        raise UsageError(
            f"{patterns[0]} takes away, and nothing is chosen before",
            hint=f"for all others: //... {patterns[0]}",
        )
