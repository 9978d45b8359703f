"""``piot completion``: scripts that ask piot itself at every Tab, so that they never grow old."""

from __future__ import annotations

import sys

from piot.cli.invocation import Invocation
from piot.cli.terminal import Terminal, write_data

BASH = """\
# piot's completion for bash: eval "$(piot completion bash)"
_piot() {
    local IFS=$'\\n' answer
    answer=($(command piot __complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null))
    COMPREPLY=("${answer[@]:1}")
    case ${answer[0]} in
        stems) compopt -o nospace 2>/dev/null ;;
        files) compopt -o default 2>/dev/null ;;
        folders) compopt -o default -o dirnames 2>/dev/null ;;
    esac
}
complete -F _piot piot putitoutthere
"""

ZSH = """\
#compdef piot putitoutthere
# piot's completion for zsh: eval "$(piot completion zsh)" after compinit, or as _piot in a folder of fpath
_piot() {
    local -a answer
    answer=("${(@f)$(command piot __complete zsh "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    local kind=$answer[1]
    shift answer
    case $kind in
        words) _describe -t words word answer ;;
        stems) _describe -t words word answer -S '' ;;
        files) compset -P '--*='; _files ;;
        folders) compset -P '--*='; _files -/ ;;
    esac
}
if [[ ${funcstack[1]} == _piot ]]; then
    _piot "$@"
else
    compdef _piot piot putitoutthere
fi
"""

FISH = """\
# piot's completion for fish: piot completion fish > ~/.config/fish/completions/piot.fish
function __piot_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l answer (command piot __complete fish $words[2..] "$word" 2>/dev/null)
    set -l before (string match -r -- '^--[^=]*=' "$word")
    set -l path (string replace -r -- '^--[^=]*=' '' "$word")
    switch "$answer[1]"
        case files
            printf '%s\\n' "$before"(__fish_complete_path "$path")
        case folders
            printf '%s\\n' "$before"(__fish_complete_directories "$path")
        case '*'
            printf '%s\\n' $answer[2..]
    end
end
complete -c piot -f -a '(__piot_complete)'
complete -c putitoutthere -f -a '(__piot_complete)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


def run(invocation: Invocation, terminal: Terminal) -> int:  # noqa: ARG001 - every verb has this shape
    """Prints the script of one shell."""
    write_data(sys.stdout, SCRIPTS[invocation.arguments[0]])
    return 0
