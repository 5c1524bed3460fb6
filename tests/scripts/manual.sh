#!/usr/bin/env bash
# The manual page, the bash completion and the help text of `vengine run` know the same options, and the page is
# well-formed.
#
# usage: manual.sh SOURCE_FOLDER VENGINE
set -euo pipefail

source=$1 vengine=$2
failed=0

if command -v mandoc >/dev/null; then
    mandoc -Tlint -Wwarning "$source/docs/man/vengine.1" || failed=1
fi

sorted_options() {
    grep -oE -- '--[a-z][a-z-]+' | sort -u | grep -vxE -- '--(help|version)'
}

help=$("$vengine" help run | sorted_options)

# compare NAME OPTIONS: against the help text, which is made from the table that the command parses by.
compare() {
    diff -u --label "vengine help run" --label "$1" <(printf '%s\n' "$help") <(printf '%s\n' "$2") || failed=1
}

# The page lists the options of all commands before its ENVIRONMENT.
compare "manual page" "$(sed -n '/^\.Sh DESCRIPTION/,/^\.Sh ENVIRONMENT/s/^\.It Fl -/--/p' \
    "$source/docs/man/vengine.1" | sed 's/ Fl -/ --/g' | sorted_options)"
compare completion "$(sed -n '/run_options=/,/"$/p' "$source/completions/vengine.bash" | sorted_options)"
exit "$failed"
