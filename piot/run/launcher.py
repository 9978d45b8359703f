"""The small script that starts every command, and is an input of it.

It expands ``%{root}`` (the exec root) and ``%{tool:NAME}`` (where a tool stands on the machine that
runs the command) in arguments, in the variables named by PIOT_EXPAND and in the files named by
PIOT_FILES, so that the same Action runs in a folder, in bubblewrap and on a remote worker.
"""

from __future__ import annotations

from piot.model.action import MOUNTS

PATH = ".piot/launch"

SCRIPT = f"""\
#!/bin/sh
set -eu
PIOT_ROOT=$PWD
export PIOT_ROOT
expand() {{
  value=$1
  while :; do
    case $value in
      *%{{root}}*)
        value=${{value%%"%{{root}}"*}}$PIOT_ROOT${{value#*"%{{root}}"}} ;;
      *%{{tool:*}}*)
        rest=${{value#*"%{{tool:"}}
        name=${{rest%%"}}"*}}
        tool=PIOT_TOOL_$(printf %s "$name" | tr -c 'A-Za-z0-9' _)
        eval "place=\\${{$tool:-$PIOT_ROOT/{MOUNTS}/$name}}"
        value=${{value%%"%{{tool:"*}}$place${{rest#*"}}"}} ;;
      *) break ;;
    esac
  done
}}
for variable in ${{PIOT_EXPAND:-}}; do
  eval "expand \\"\\$$variable\\""
  export "$variable=$value"
done
for file in ${{PIOT_FILES:-}}; do
  expand "$(cat "$file"; printf x)"
  chmod u+w "$file"
  printf %s "${{value%x}}" > "$file"
done
mkdir -p .piot/home .piot/tmp
count=$#
while [ "$count" -gt 0 ]; do
  expand "$1"
  shift
  set -- "$@" "$value"
  count=$((count - 1))
done
unset PIOT_EXPAND PIOT_FILES
exec "$@"
"""
