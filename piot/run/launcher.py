"""The small script that starts every command, and is an input of it.

It expands ``%{root}`` (the exec root) and ``%{tool:NAME}`` (where a tool stands on the machine that
runs the command) in arguments, in the variables named by PIOT_EXPAND (blanks between) and in the files
named by PIOT_FILES (one a line), so that the same Action runs in a folder, in bubblewrap and on a remote
worker. Running it again in the same folder changes nothing more. A local runner says where tools stand by
variables PIOT_TOOL_NAME, and names these in PIOT_TOOLS (one a line); the command sees none of them, but
for PIOT_ROOT. On Windows it is `effects.windows_launch`, which does the same.
"""

from __future__ import annotations

from pathlib import Path

from piot.effects import files, windows_launch
from piot.model.action import MOUNTS
from piot.model.triple import Triple

PATH = ".piot/launch"

FILES = "PIOT_FILES"
"""The variable that names the files to expand, one a line."""

SCRIPT = r"""#!/bin/sh
set -euf
PIOT_ROOT=$PWD
export PIOT_ROOT
expand() {
  piot_before= piot_rest=$1
  while :; do
    case $piot_rest in
      *%{root}* | *%{tool:*}*) ;;
      *) break ;;
    esac
    piot_head=${piot_rest%%"%{"*}
    piot_rest=${piot_rest#*"%{"}
    case $piot_rest in
      root}*)
        piot_before=$piot_before$piot_head$PIOT_ROOT
        piot_rest=${piot_rest#"root}"} ;;
      tool:*}*)
        piot_name=${piot_rest%%"}"*}
        piot_name=${piot_name#tool:}
        piot_holder=PIOT_TOOL_$(printf %s "$piot_name" | tr -c 'A-Za-z0-9' _)
        eval "piot_place=\${$piot_holder-}"
        piot_before=$piot_before$piot_head${piot_place:-$PIOT_ROOT/MOUNTS/$piot_name}
        piot_rest=${piot_rest#*"}"} ;;
      *)
        piot_before=$piot_before$piot_head"%{" ;;
    esac
  done
  piot_value=$piot_before$piot_rest
}
for piot_variable in ${PIOT_EXPAND:-}; do
  eval "expand \"\$$piot_variable\""
  export "$piot_variable=$piot_value"
done
IFS='
'
for piot_file in ${PIOT_FILES:-}; do
  expand "$(cat "$piot_file"; printf x)"
  chmod u+w "$piot_file"
  printf %s "${piot_value%x}" > "$piot_file"
done
mkdir -p .piot/home .piot/tmp
piot_count=$#
while [ "$piot_count" -gt 0 ]; do
  expand "$1"
  shift
  set -- "$@" "$piot_value"
  piot_count=$((piot_count - 1))
done
unset PIOT_EXPAND PIOT_FILES ${PIOT_TOOLS:-} PIOT_TOOLS
exec "$@"
""".replace("MOUNTS", MOUNTS)


def text(host: Triple) -> str:
    """The launcher of machines of this kind: no Windows has a shell that could be relied on for it."""
    if host.os == "windows":
        return files.read_file(Path(windows_launch.__file__)).decode()
    return SCRIPT
