"""Starts the program that the wheel carries."""

import os
import subprocess
import sys
from pathlib import Path


def main() -> None:
    name = "greet.exe" if os.name == "nt" else "greet"
    program = Path(__file__).parent / "_bin" / name
    words = [str(program), *sys.argv[1:]]
    if os.name == "nt":  # exec there leaves the shell waiting for nobody
        sys.exit(subprocess.run(words, check=False).returncode)
    os.execv(program, words)
