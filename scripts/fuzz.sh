#!/usr/bin/env bash
# Fuzz the parsers with clang's libFuzzer under the address and undefined-behaviour sanitizers.
#
# usage: scripts/fuzz.sh [--seconds N] [--list] [target]...
#
#   --seconds N   time for each target, 60 unless told otherwise; 0 only replays the corpus
#   --list        print the names of the targets
#   target        the targets to run, without "fuzz_"; all of them unless told otherwise
#   --help        this text
#
# Each target starts from tests/fuzz/corpus/<target>. New inputs gather in build/linux-fuzz/corpus/<target>; an input that
# breaks something is left in build/linux-fuzz/findings: mend the bug, then add the input to the corpus.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

seconds=60
list=false
wanted=()
while (($# > 0)); do
    case $1 in
        --help | -h) print_help; exit 0 ;;
        --seconds)
            [[ ${2:-} =~ ^[0-9]+$ ]] || fail 2 "--seconds needs a number"
            seconds=$2
            shift
            ;;
        --list) list=true ;;
        -*) fail 2 "unknown option '$1'; see scripts/fuzz.sh --help" ;;
        *) wanted+=("$1") ;;
    esac
    shift
done

cd "$V_ROOT"
targets=()
for source in tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    targets+=("${name#fuzz_}")
done
if $list; then
    printf '%s\n' "${targets[@]}"
    exit 0
fi
for name in "${wanted[@]}"; do
    [[ " ${targets[*]} " == *" $name "* ]] || fail 2 "there is no target '$name'; choose among: ${targets[*]}"
done
((${#wanted[@]} == 0)) || targets=("${wanted[@]}")

scripts/build.sh linux-fuzz --target fuzz

build=build/linux-fuzz
mkdir -p "$build/findings"
passed=0
failed=0
for name in "${targets[@]}"; do
    mkdir -p "$build/corpus/$name"
    # -runs=0 stops after the corpus; a time of 0 would mean without end.
    limit=(-max_total_time="$seconds")
    ((seconds > 0)) || limit=(-runs=0)
    dictionary=()
    [[ ! -f tests/fuzz/$name.dict ]] || dictionary=(-dict="tests/fuzz/$name.dict")
    say "Fuzzing $name for $seconds s"
    log=$build/$name.log
    if "$build/tests/fuzz/fuzz_$name" "${limit[@]}" "${dictionary[@]}" -timeout=10 -rss_limit_mb=2048 \
        -max_len=16384 -print_final_stats=1 -artifact_prefix="$build/findings/$name-" \
        "$build/corpus/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1 </dev/null; then
        passed=$((passed + 1))
        awk '/number_of_executed_units/ { runs = $2 } / cov: / { line = $0 }
             END { sub(/.*cov:/, "cov:", line); printf "  %d runs, %s\n", runs, line }' "$log"
    else
        failed=$((failed + 1))
        tail -n 40 "$log"
        say "  $name failed; the input is in $build/findings, the log in $log"
    fi
done
say "$passed passed, $failed failed"
((failed == 0))
