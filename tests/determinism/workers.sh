#!/usr/bin/env bash
# Runs a level at 1, 2, 3 and 8 workers and compares the hash of every tick; then another seed, which must differ.
#
# usage: workers.sh VENGINE PROJECT TICKS
set -euo pipefail

vengine=$1 project=$2 ticks=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() {
    local hashes=$1
    shift
    "$vengine" run "$project" --level level_0 --ticks "$ticks" --headless --hashes "$hashes" "$@" >"$work/log" 2>&1 || {
        cat "$work/log"
        exit 1
    }
}

run "$work/1" --threads 1
lines=$(sort -u "$work/1" | wc -l)
((lines >= ticks)) || { echo "$lines different lines in $ticks ticks"; exit 1; }
for threads in 1 2 3 8; do
    run "$work/$threads.again" --threads "$threads"
    cmp "$work/1" "$work/$threads.again"
done
run "$work/other" --threads 2 --seed 987654321
if cmp -s "$work/1" "$work/other"; then
    echo "another seed gives the same hashes: they do not see the state"
    exit 1
fi
echo "$ticks ticks, the same hashes at 1, 2, 3 and 8 workers: $(tail -n 1 "$work/1")"
