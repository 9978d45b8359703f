"""Rapid automatic keyword extraction: the phrases that a text is about."""

from typing import NamedTuple

from rakelet import _core

__version__ = _core.__version__
__all__ = ["Keyword", "keywords"]


class Keyword(NamedTuple):
    """A phrase and how much it says about the text (at least 1)."""

    phrase: str
    score: float


def keywords(text: str, limit: int = 10) -> list[Keyword]:
    """The ``limit`` best keywords of ``text``, best first; ties in alphabetical order."""
    return [Keyword(phrase, score) for phrase, score in _core.keywords(text, limit)]
