"""``piot plan`` in a history of 10,000 commits with 1,000 packages and 100,000 files, from warm objects.

Packages depend on up to two of the fifty before them. Every commit changes two files of one package, every
fiftieth is released: what changed since, and what depends on it, gets tags (28,000 in the end, from some 200
commits). The last release is some commits ago.

    python benchmarks/plan.py [--rounds 11] [--keep DIR]

Registries are not asked. Prints medians in milliseconds of wall and processor time of `piot plan`, of
`git status` and of the bare interpreter's start, in turns.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PACKAGES, FILES, COMMITS, RELEASE, REST = 1000, 100, 10_000, 50, 20
COMMANDS = {
    "piot plan": (sys.executable, "-m", "piot", "plan", "--json", "--offline"),
    "git status": ("git", "status", "--short"),
    "python": (sys.executable, "-c", "pass"),
}


def folder(number: int) -> str:
    return f"packages/g{number // 50:02}/p{number:04}"


def dependencies() -> list[list[int]]:
    chance = random.Random(1)
    counts = (0, 0, 0, 1, 1, 2)
    return [
        sorted(chance.sample(range(max(0, at - 50), at), min(at, chance.choice(counts))))
        for at in range(PACKAGES)
    ]


def config(needs: list[list[int]]) -> str:
    texts = ["[putitoutthere]\nversion = 1\n"]
    for at in range(PACKAGES):
        named = ", ".join(f'"p{each:04}"' for each in needs[at])
        texts.append(
            f'\n[[package]]\nname = "p{at:04}"\nkind = "crates"\npath = "{folder(at)}"\n'
            f'paths = ["{folder(at)}/**", "!{folder(at)}/docs/**"]\ndepends_on = [{named}]\n'
        )
    return "".join(texts)


def stream(needs: list[list[int]]) -> Iterator[str]:
    """The whole history for ``git fast-import``."""
    chance = random.Random(2)
    texts = {"putitoutthere.toml": config(needs)}
    texts |= {
        f"{folder(at)}/src/m{n // 10}/f{n:02}.rs": f"{at} {n}\n"
        for at in range(PACKAGES)
        for n in range(FILES)
    }
    yield from commit(1, "all", texts)
    versions, dirty = [0] * PACKAGES, set[int](range(PACKAGES))
    for number in range(2, COMMITS + 1):
        at = chance.randrange(PACKAGES)
        dirty.add(at)
        said = "\n\nrelease: minor\n" if number % 97 == 0 else ""
        files = (f"{folder(at)}/src/m{n // 10}/f{n:02}.rs" for n in chance.sample(range(FILES), 2))
        yield from commit(number, f"change {number}{said}", dict.fromkeys(files, f"{number}\n"))
        if number % RELEASE == 0 and number < COMMITS - REST:
            for each in range(PACKAGES):
                if each in dirty or dirty.intersection(needs[each]):
                    dirty.add(each)
                    versions[each] += 1
                    yield f"reset refs/tags/p{each:04}-v1.{versions[each]}.0\nfrom :{number}\n\n"
            dirty.clear()


def commit(mark: int, message: str, texts: dict[str, str]) -> Iterator[str]:
    yield f"commit refs/heads/main\nmark :{mark}\ncommitter x <x@example.org> {1_700_000_000 + mark} +0000\n"
    yield f"data {len(message)}\n{message}\n"
    yield "".join(f"M 100644 inline {path}\ndata {len(text)}\n{text}\n" for path, text in texts.items())


def write_repository(root: Path) -> None:
    git = ("git", "-C", str(root))
    subprocess.run((*git, "init", "--quiet", "--initial-branch=main"), check=True)
    text = "".join(stream(dependencies())).encode()
    subprocess.run((*git, "fast-import", "--quiet"), input=text, check=True)
    subprocess.run((*git, "gc", "--quiet"), check=True)
    subprocess.run((*git, "checkout", "--quiet", "--force", "main"), check=True)
    subprocess.run((*git, "status", "--short"), check=True, capture_output=True)


def run(argv: tuple[str, ...], root: Path) -> tuple[float, float]:
    """Wall and processor milliseconds of a command that must succeed."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed piot is compiled once
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(argv, cwd=root, env=env, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall * 1000, used * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--keep", type=Path, help="a folder for the repository, used again when it is there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = asked.keep or Path(temporary) / "repository"
        if not root.exists():
            root.mkdir(parents=True)
            write_repository(root)
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
        for _ in range(asked.rounds):
            for name, argv in COMMANDS.items():
                found[name].append(run(argv, root))
    for name, times in found.items():
        wall, used = (statistics.median(each) for each in zip(*times, strict=True))
        print(f"{name:12}{wall:8.0f} ms wall {used:8.0f} ms processor")


if __name__ == "__main__":
    main()
