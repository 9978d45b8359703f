"""Adds numbers."""

from fast._core import add

__all__ = ["add"]
