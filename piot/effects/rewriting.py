"""Several files of a checkout written together: all of them, or none."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from piot.effects import files
from piot.errors import InputError


def rewrite(root: Path, texts: Mapping[str, str]) -> None:
    """Writes files (path below ``root`` to text), new ones too; modes stay, and links are written through.

    All is written beside first and renamed at the end, so that a full disk changes nothing. Raises
    InputError for a link that leads out of ``root``.
    """
    places = {_place(root, path): text for path, text in texts.items()}
    with ExitStack() as stack:
        written: dict[Path, Path] = {}
        for place, text in places.items():
            files.make_directory(place.parent)
            found = files.look(place)
            temporary = stack.enter_context(files.discarding(files.beside(place)))
            mode = 0o755 if found is not None and found.executable else 0o644
            files.write_new(temporary, text.encode(), mode)
            written[temporary] = place
        for temporary, place in written.items():
            files.replace(temporary, place)


def _place(root: Path, path: str) -> Path:
    real = (root / path).resolve()
    if not real.is_relative_to(root.resolve()):
        raise InputError(f"{path} is a link to {real}, which lies outside of the checkout")
    return real
