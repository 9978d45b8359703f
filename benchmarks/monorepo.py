"""One monorepo that piot, Bazel and Turborepo build with equal work, for `engines.py`.

Every package makes one text, the checksum of its source files and of the texts of three to five earlier
packages (`cat … | sha256sum`), and says so three times: in BUILD for piot, in BUILD.bazel, and in
package.json. So the three must make the same bytes of `//packages/...`. Everything follows from two sizes.

    python -m benchmarks.monorepo DIR [--packages 100] [--files 5000]
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SEED = 1
DEFINITIONS = 3
"""Files of a package that are no sources: BUILD, BUILD.bazel, package.json."""

FOLDER = 10
"""Source files in one folder."""

CONE = 10
"""About how many packages are built again after the change that is measured."""

ROOT_FILES = {
    "putitoutthere.toml": '[putitoutthere]\nversion = 1\n\n[[package]]\nname = "released"\nkind = "npm"\n'
    'path = "released"\npaths = ["released/**"]\n',
    "released/package.json": '{"name": "released", "version": "0.0.0"}\n',
    "WORKSPACE": "",
    ".bazelrc": "build --symlink_prefix=/ --nosandbox_debug\n",
    ".bazelignore": ".git\n.piot\ndist\n",
    ".gitignore": "out/\n.turbo/\nnode_modules/\n",
    "turbo.json": '{"tasks": {"build": {"dependsOn": ["^build"], "outputs": ["out/**"]}}}\n',
}
PIOT = """\
command(
    name = "{name}",
    argv = ["sh", "-c", "cat packages/{name}/src/*/* {texts}| sha256sum > {name}.txt"],
    outputs = ["{name}.txt"],
    srcs = glob(["src/**"]),
    deps = [{labels}],
)
"""
BAZEL = """\
genrule(
    name = "{name}",
    srcs = glob(["src/**"]) + [{labels}],
    outs = ["{name}.txt"],
    cmd = "cat $(SRCS) | sha256sum > $@",
    visibility = ["//visibility:public"],
)
"""
TURBO = "mkdir -p out && cat src/*/* {texts}| sha256sum > out/{name}.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Monorepo:
    """``deps`` are the packages that each one reads, by number; ``sources`` is how many files each has."""

    deps: tuple[tuple[int, ...], ...]
    sources: int

    @classmethod
    def of(cls, packages: int, files: int) -> Monorepo:
        """Dependencies are among the fifth of all packages that comes before: cones have many sizes."""
        chance = random.Random(SEED)
        window = max(packages // 5, 5)
        deps: list[tuple[int, ...]] = []
        for number in range(packages):
            near = range(max(0, number - window), number)
            deps.append(tuple(sorted(chance.sample(near, min(chance.randint(3, 5), len(near))))))
        return cls(deps=tuple(deps), sources=max(files // packages - DEFINITIONS, 1))

    def cone(self, package: int) -> frozenset[int]:
        """The package and all that need it, directly or not."""
        found = {package}
        for number in range(package + 1, len(self.deps)):
            if found.intersection(self.deps[number]):
                found.add(number)
        return frozenset(found)

    @property
    def middle(self) -> int:
        """The package whose dependents are asked for: about half of all need it."""
        return len(self.deps) // 2

    @property
    def changed(self) -> int:
        """The first package whose change builds about `CONE` packages again."""
        return min(range(len(self.deps)), key=lambda number: abs(len(self.cone(number)) - CONE))

    @property
    def changed_file(self) -> str:
        return f"packages/{name(self.changed)}/{source(0)}"


def name(package: int) -> str:
    return f"p{package:04}"


def source(number: int) -> str:
    """A source file of a package, relative to it; names sort as numbers do."""
    return f"src/d{number // FOLDER:03}/f{number:05}.txt"


def contents(repo: Monorepo) -> Iterator[tuple[str, str]]:
    """Every file, with its text; sources have 200 to 2,000 characters."""
    yield from ROOT_FILES.items()
    yield "package.json", _json(_root_package())
    yield "package-lock.json", _json(_lock(repo))
    chance = random.Random(SEED)
    words = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz \n", k=100_000))
    for package, deps in enumerate(repo.deps):
        folder = f"packages/{name(package)}"
        yield f"{folder}/BUILD", _piot(package, deps)
        yield f"{folder}/BUILD.bazel", _bazel(package, deps)
        yield f"{folder}/package.json", _json(_package(package, deps))
        for number in range(repo.sources):
            start = chance.randrange(len(words) - 2000)
            yield f"{folder}/{source(number)}", words[start : start + chance.randint(200, 2000)]


def write(repo: Monorepo, root: Path) -> None:
    """Writes the files and commits them."""
    for path, text in contents(repo):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8", newline="\n")
    git = ["git", "-C", str(root), "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "gc.auto=0"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *words], check=True)


def _piot(package: int, deps: tuple[int, ...]) -> str:
    labels = [f"//packages/{name(dep)}:{name(dep)}" for dep in deps]
    texts = "".join(f"$(location {label}) " for label in labels)
    return PIOT.format(name=name(package), texts=texts, labels=_quoted(labels))


def _bazel(package: int, deps: tuple[int, ...]) -> str:
    return BAZEL.format(name=name(package), labels=_quoted([f"//packages/{name(dep)}" for dep in deps]))


def _quoted(labels: list[str]) -> str:
    return ", ".join(f'"{label}"' for label in labels)


def _package(package: int, deps: tuple[int, ...]) -> dict[str, object]:
    texts = "".join(f"../{name(dep)}/out/{name(dep)}.txt " for dep in deps)
    build = TURBO.format(name=name(package), texts=texts)
    return {"name": name(package), **_needs(deps), "scripts": {"build": build}}


def _needs(deps: tuple[int, ...]) -> dict[str, object]:
    return {"version": "0.0.0", "dependencies": {name(dep): "0.0.0" for dep in deps}}


def _root_package() -> dict[str, object]:
    workspaces = {"name": "monorepo", "version": "0.0.0", "workspaces": ["packages/*"]}
    return {**workspaces, "private": True, "packageManager": "npm@11.0.0"}


def _lock(repo: Monorepo) -> dict[str, object]:
    """What `npm install` would write: links to the workspaces, and nothing from a registry."""
    packages: dict[str, object] = {"": {**_root_package()}}
    for package, deps in enumerate(repo.deps):
        packages[f"node_modules/{name(package)}"] = {"resolved": f"packages/{name(package)}", "link": True}
        packages[f"packages/{name(package)}"] = _needs(deps)
    return {"name": "monorepo", "version": "0.0.0", "lockfileVersion": 3, "packages": packages}


def _json(content: dict[str, object]) -> str:
    return json.dumps(content, indent=1) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--packages", type=int, default=100)
    parser.add_argument("--files", type=int, default=5000)
    options = parser.parse_args()
    repo = Monorepo.of(options.packages, options.files)
    write(repo, options.root)
    print(f"change {repo.changed_file}: {len(repo.cone(repo.changed))} packages are built again")


if __name__ == "__main__":
    main()
