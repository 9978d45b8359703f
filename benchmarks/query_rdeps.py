"""``piot query rdeps`` on 10,000 targets with 50,000 edges, against the bare interpreter's start, in turns.

Every query is a process of its own, counted with loading; nothing changed since the query before, so the
graph comes from the snapshot. Run it with the Python that piot is installed in, or from the checkout:

    python benchmarks/query_rdeps.py [--rounds 21]

Prints medians in milliseconds of wall and processor time, and by how much the query is above the interpreter.
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
from pathlib import Path

FOLDERS, EACH, DEPS = 1000, 10, 5
BARE = (sys.executable, "-c", "pass")
QUERY = (sys.executable, "-m", "piot", "query", "rdeps", "//g5/f0500:t0")
CONFIG = '[putitoutthere]\nversion = 1\n\n[[package]]\nname = "core"\nkind = "crates"\npath = "core"\n'


def label(number: int) -> str:
    folder = number // EACH
    return f"//g{folder // 100}/f{folder:04}:t{number % EACH}"


def write_repository(root: Path) -> None:
    """Every target depends on five of the 2,000 before it."""
    chance = random.Random(1)
    files = {"putitoutthere.toml": f'{CONFIG}paths = ["core/**"]\n'}
    files["core/Cargo.toml"] = '[package]\nname = "core"\nversion = "0.1.0"\n'
    for folder in range(FOLDERS):
        calls: list[str] = []
        for number in range(folder * EACH, (folder + 1) * EACH):
            deps = chance.sample(range(max(0, number - 2000), number), min(DEPS, number))
            named = ", ".join(f'"{label(dep)}"' for dep in sorted(deps))
            output = f'outputs = ["{number}.txt"], deps = [{named}]'
            calls.append(f'command(name = "t{number % EACH}", argv = ["true"], {output})\n')
        files[f"g{folder // 100}/f{folder:04}/BUILD"] = "".join(calls)
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    git = ["git", "-C", str(root), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *words], check=True)


def run(argv: tuple[str, ...], root: Path) -> tuple[float, float]:
    """Wall and processor milliseconds of a command that must succeed."""
    here = str(Path(__file__).resolve().parent.parent)
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONDONTWRITEBYTECODE",)}
    env["PYTHONPATH"] = os.pathsep.join((here, env.get("PYTHONPATH", "")))
    env["PYTHONPYCACHEPREFIX"] = str(root / ".git" / "bytecode")  # as installed modules have it
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(argv, cwd=root, env=env, stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall * 1000, used * 1000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=21)
    rounds: int = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_repository(root)
        first = run(QUERY, root)
        time.sleep(2.1)  # until stats of the files can be trusted
        again = run(QUERY, root)
        pairs = [(run(BARE, root), run(QUERY, root)) for _ in range(rounds)]
    print(f"first query, nothing kept: {first[0]:.0f} ms; then: {again[0]:.0f} ms")
    for place, what in enumerate(("wall", "processor")):
        bare = statistics.median(pair[0][place] for pair in pairs)
        query = statistics.median(pair[1][place] for pair in pairs)
        above = statistics.median(pair[1][place] - pair[0][place] for pair in pairs)
        least = min(pair[1][place] for pair in pairs) - min(pair[0][place] for pair in pairs)
        print(
            f"{what}: bare {bare:.0f}, query {query:.0f}, above {above:.0f}, least above least {least:.0f} ms"
        )


if __name__ == "__main__":
    main()
