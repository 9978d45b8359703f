from ._core import sum

__all__ = ["sum"]
