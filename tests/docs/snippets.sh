#!/usr/bin/env bash
# Compiles and runs every whole program that the documents show: blocks fenced as ```c program.
#
# usage: snippets.sh FOLDER LIBRARY CC SANITIZERS
#
#   FOLDER      holds README.md and docs/guide/*.md; headers are taken from the tree that this script lies in
#   LIBRARY     the built libvengine.so
#   SANITIZERS  what the library was built with, comma-separated; may be empty
#
# Each block is a file by itself. A program gets the options of a run (headless, 60 ticks), must end by itself with status
# 0, and must not be longer than the number that its fence may name: ```c program 40.
set -euo pipefail

folder=$1 library=$2 cc=$3 sanitizers=$4
include=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/engine/include
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Writes each program to FILE.LINE.c and its limit of lines to FILE.LINE.limit.
extract() {
    awk -v prefix="$work/$(basename "$1" .md)" '
        /^```c program( [0-9]+)?$/ { file = prefix "." FNR ".c"; print ($3 == "" ? 1000 : $3) > (prefix "." FNR ".limit"); next }
        /^```/ { if (file != "") close(file); file = ""; next }
        file != "" { print > file }
    ' "$1"
}
for document in "$folder"/README.md "$folder"/docs/guide/*.md; do
    [[ ! -f $document ]] || extract "$document"
done

flags=(-std=c17 -Wall -Wextra -Werror -ffp-contract=off)
[[ -z $sanitizers ]] || flags+=("-fsanitize=$sanitizers")
if [[ $(uname -m) == x86_64 ]]; then
    flags+=(-mno-fma)
fi
count=0
failed=0
wrong() {
    echo "FAILED $*"
    failed=$((failed + 1))
}
for source in "$work"/*.c; do
    [[ -f $source ]] || continue
    count=$((count + 1))
    name=$(basename "$source" .c)
    program=$work/$name
    lines=$(wc -l <"$source")
    limit=$(cat "$work/$name.limit")
    if ((lines > limit)); then
        wrong "$name has $lines lines, $limit were promised"
    elif ! "$cc" "${flags[@]}" -I "$include" "$source" -o "$program" "$library" -lm 2>"$work/log"; then
        wrong "$name does not compile:"
        cat "$work/log"
    elif ! (cd "$work" && LD_LIBRARY_PATH=$(dirname "$library") timeout 120 "$program" --headless --ticks 60 >"$work/log" 2>&1 </dev/null); then
        wrong "$name does not run:"
        cat "$work/log"
    else
        echo "ok $name, $lines lines"
    fi
done
((count > 0)) || wrong "there is no program in $folder/README.md and $folder/docs/guide"
((failed == 0))
