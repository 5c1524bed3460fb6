#!/usr/bin/env bash
# Records a run and replays it at other worker counts: identical. A recording with one byte turned must not be.
#
# usage: replay.sh VENGINE PROJECT TICKS
set -euo pipefail

vengine=$1 project=$2 ticks=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$vengine" run "$project" --level level_0 --ticks "$ticks" --headless --threads 2 --record "$work/run.vrec"
for threads in 1 3; do
    "$vengine" replay "$work/run.vrec" --threads "$threads"
done

# Turn a byte at each of several places: every one must be noticed, by the reader or by the hashes.
size=$(stat -c %s "$work/run.vrec")
for part in 1 2 3 4 5 6 7; do
    place=$((size * part / 8))
    cp "$work/run.vrec" "$work/bad.vrec"
    byte=$(od -An -tu1 -j "$place" -N 1 "$work/run.vrec")
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\x$(printf %x $((byte ^ 0x55)))" | dd of="$work/bad.vrec" bs=1 seek="$place" conv=notrunc status=none
    status=0
    "$vengine" replay "$work/bad.vrec" >"$work/log" 2>&1 || status=$?
    if ((status != 1 && status != 3)); then
        cat "$work/log"
        echo "byte $place of $size turned, and replay ended with $status instead of 1 (differs) or 3 (bad file)"
        exit 1
    fi
done
head -c $((size / 2)) "$work/run.vrec" >"$work/cut.vrec"
status=0
"$vengine" replay "$work/cut.vrec" >"$work/log" 2>&1 || status=$?
if ((status > 4)); then
    cat "$work/log"
    echo "half a recording, and replay ended with $status"
    exit 1
fi
