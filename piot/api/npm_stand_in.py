"""What answers where a script calls pnpm, Yarn or Bun to run another script of its package."""

from __future__ import annotations

import posixpath

from piot.model.action import Text
from piot.model.npm.project import NpmProject

FOLDER = ".piot/npm/bin"
TOOLS = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "bun.lock": "bun"}

SCRIPT = """\
#!/bin/sh
tool=${0##*/}
whole="$tool $*"
quiet=
while [ "${1-}" = -s ] || [ "${1-}" = --silent ]; do quiet=--silent; shift; done

refuse() {
  echo "$whole: only scripts of package.json and programs of its dependencies run here, without $tool" >&2
  exit 1
}

script() {
  name=$1
  shift
  exec npm run $quiet "$name" -- "$@"
}

program() {
  case ${1-} in '' | -*) refuse ;; esac
  command -v "$1" > /dev/null || refuse
  exec "$@"
}

is_script() {
  node -e 'process.exit(require(process.cwd() + "/package.json").scripts?.[process.argv[1]] ? 0 : 1)' "$1"
}

case $tool:${1-} in
  *: | *:-*) refuse ;;
  yarn:node)
    shift
    exec node "$@"
    ;;
  yarn:run | bun:run)
    shift
    case ${1-} in -T | --top-level | -B | --binaries-only) shift && program "$@" ;; '' | -*) refuse ;; esac
    ;;
  *:run | *:run-script)
    shift
    case ${1-} in '' | -*) refuse ;; esac
    script "$@"
    ;;
  pnpm:exec | yarn:exec | bun:x)
    shift
    [ "${1-}" != -- ] || shift
    case ${1-} in '' | -*) refuse ;; esac
    exec "$@"
    ;;
  bun:*) refuse ;;
esac
if is_script "$1"; then script "$@"; fi
program "$@"
"""
"""npm runs scripts as they do: ``pnpm run x``, ``yarn x``, and programs of dependencies by name.

npm has the programs of a workspace's root on PATH too, which Yarn wants to be asked for (``yarn run -T x``).
Whatever else they can do needs the real one, in the attribute ``tools`` of a target, which is found first.
"""


def stand_in(project: NpmProject) -> tuple[Text, ...]:
    """The program, for a project that one of the three locks."""
    tool = TOOLS.get(posixpath.basename(project.lock or ""))
    if tool is None:
        return ()
    return (Text(dest=f"{FOLDER}/{tool}", content=SCRIPT.encode(), executable=True),)
