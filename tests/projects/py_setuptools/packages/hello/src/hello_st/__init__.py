"""Greets, in the words of a data file."""

from importlib.resources import files


def greeting(name: str) -> str:
    return files(__name__).joinpath("greeting.txt").read_text(encoding="utf-8").strip().replace("NAME", name)
