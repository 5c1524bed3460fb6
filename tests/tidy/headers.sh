#!/usr/bin/env bash
# Compiles every public header alone, twice in a row, as C17 and as C++17.
#
# usage: headers.sh INCLUDE_FOLDER CC CXX
set -euo pipefail

include=$1 cc=$2 cxx=$3
flags=(-fsyntax-only -Wall -Wextra -Werror "-I$include")
headers=0
failed=0
for path in "$include"/v/*.h; do
    header=v/$(basename "$path")
    program=$(printf '#include "%s"\n#include "%s"\n' "$header" "$header")
    for compile in "$cc -std=c17 -x c" "$cxx -std=c++17 -x c++"; do
        # shellcheck disable=SC2086 # a command and its options
        if ! $compile "${flags[@]}" - <<<"$program"; then
            printf '%s does not compile alone with %s\n' "$header" "$compile"
            failed=$((failed + 1))
        fi
    done
    headers=$((headers + 1))
done
printf 'headers: %d headers, %d findings\n' "$headers" "$failed"
((headers > 0 && failed == 0))
