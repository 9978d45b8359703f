"""The program."""

import sys

from hello import greeting


def main() -> None:
    print(greeting(" ".join(sys.argv[1:]) or "world"))
