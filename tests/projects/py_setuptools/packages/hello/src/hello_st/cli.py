"""The program."""

import sys

from hello_st import greeting


def main() -> None:
    print(greeting(" ".join(sys.argv[1:]) or "world"))
