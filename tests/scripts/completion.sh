#!/usr/bin/env bash
# Asks the bash completion for words as a shell would.
#
# usage: completion.sh SOURCE_FOLDER
set -euo pipefail

cd "$1"
# shellcheck source=completions/vengine.bash
source completions/vengine.bash
failed=0

# expect WORDS... -- EXPECTED...: completing the last of WORDS offers every one of EXPECTED and, when the last one is
# "only", nothing else.
expect() {
    COMP_WORDS=()
    while [[ $1 != -- ]]; do
        COMP_WORDS+=("$1")
        shift
    done
    shift
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    _vengine
    local wanted count=0
    for wanted in "$@"; do
        [[ $wanted != only ]] || continue
        count=$((count + 1))
        if [[ " ${COMPREPLY[*]} " != *" $wanted "* ]]; then
            echo "'${COMP_WORDS[*]}' does not offer '$wanted' but: ${COMPREPLY[*]}"
            failed=1
        fi
    done
    if [[ ${*: -1} == only ]] && ((${#COMPREPLY[@]} != count)); then
        echo "'${COMP_WORDS[*]}' offers more: ${COMPREPLY[*]}"
        failed=1
    fi
}

expect vengine "" -- run replay doctor help
expect vengine re -- replay only
expect vengine run ga -- games only
expect vengine run games/void_frontier --t -- --ticks --threads only
expect vengine run games/void_frontier --level level_ -- level_0
expect vengine help d -- doctor only
expect vengine run games/void_frontier --ticks 6 -- only
exit "$failed"
