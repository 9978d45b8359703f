from shout._core import shout

__all__ = ["shout"]
