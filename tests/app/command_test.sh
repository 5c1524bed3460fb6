#!/usr/bin/env bash
# The vengine command from outside: exit codes, one-line errors, results where they were asked for (E72).
# Usage: command_test.sh VENGINE, from the top of the source tree.
set -u
vengine=$1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
failures=0
project=games/void_frontier

# check NAME EXPECTED_CODE STDERR_PART WORDS...: run vengine with these words.
check() {
    local name=$1 code=$2 part=$3
    shift 3
    timeout 120 "$vengine" "$@" >"$out/stdout" 2>"$out/stderr" </dev/null
    local got=$?
    if [ "$got" -ne "$code" ]; then
        echo "FAILED $name: exit code $got, expected $code: $(tail -n 1 "$out/stderr")"
        failures=$((failures + 1))
    elif ! cat "$out/stdout" "$out/stderr" | grep -qF -- "$part"; then
        echo "FAILED $name: nothing says \"$part\": $(tail -n 1 "$out/stderr")"
        failures=$((failures + 1))
    elif [ "$code" -ne 0 ] && [ "$code" -ne 1 ] && [ "$(wc -l <"$out/stderr")" -gt 1 ] && [ $# -gt 0 ]; then
        echo "FAILED $name: $(wc -l <"$out/stderr") lines on stderr, expected one"
        failures=$((failures + 1))
    else
        echo "ok $name"
    fi
}

expect() {
    if ! eval "$2"; then
        echo "FAILED $1"
        failures=$((failures + 1))
    else
        echo "ok $1"
    fi
}

run=(run "$project" --headless --quiet --ticks 40)

check "version" 0 "vengine 0." --version
check "help lists commands" 0 "replay FILE" help
check "help of run" 0 "--screenshot FILE" help run
check "run --help" 0 "--screenshot FILE" run --help
check "no command is a usage error" 2 "usage: vengine"
check "unknown command has a hint" 2 'did you mean "replay"' replya
check "unknown option has a hint" 2 "did you mean --ticks?" run "$project" --tick 5
check "option without value" 2 "--ticks: needs a value" run "$project" --ticks
check "flag with value" 2 "takes no value" run "$project" --headless=yes
check "ticks must be a number" 2 '"ten" is not a whole number' run "$project" --ticks ten
check "negative ticks" 2 "--ticks" run "$project" --ticks -5
check "size must be WxH" 2 "--size" run "$project" --size 100
check "threads are bounded" 2 "from 1 to 64" run "$project" --threads 1000
check "missing project" 2 "missing" run
check "unknown project" 3 "is no project" run "$out/nothing" --headless --quiet
check "unknown level" 3 "levels/nothing.toml" "${run[@]}" --level nothing
check "unknown config key has a hint" 3 "physics.solver.iterations" "${run[@]}" --set physics.solver.iteration=3
check "config value of wrong type" 3 "physics.solver.iterations" "${run[@]}" --set physics.solver.iterations=many
check "report into a file that is no directory" 1 "is no directory" "${run[@]}" --report /dev/null/x.json
check "replay of a missing file" 3 "/nonexistent.vrec" replay /nonexistent.vrec
check "replay of something else" 3 "is not a recording" replay README.md

check "report below a file" 1 "cannot make the directory" "${run[@]}" --report /dev/null/a/x.json
check "hashes on a full disk" 1 "No space left" "${run[@]}" --hashes /dev/full
check "report on a full disk" 1 "No space left" "${run[@]}" --report /dev/full
ln -s /dev/full "$out/full.vrec"
check "recording on a full disk" 1 "No space left" "${run[@]}" --record "$out/full.vrec"
expect "a device is not replaced by a recording" '[ -c "$out/full.vrec" ]'
check "one failed result spares the others" 1 "No space left" "${run[@]}" --report /dev/full --record "$out/spared.vrec" \
    --hashes "$out/spared.txt"
expect "the recording is whole" '"$vengine" replay "$out/spared.vrec" --quiet | grep -q "identical, 40 ticks"'
check "a directory is no level" 3 "is a directory" "${run[@]}" --level "$out"
check "a directory is no recording" 3 "is a directory" replay "$out"
check "replay refuses what it would ignore" 2 "unknown option --ticks" replay README.md --ticks 3
check "run has no --replay" 2 "unknown option --replay" "${run[@]}" --replay README.md
check "replay needs a recording" 2 "name of a recording is missing" replay

printf 'format = 1\nentty = 3\n' >"$out/bad.toml"
check "bad level names file, line and key" 3 "bad.toml:2:1: entty: unknown key" "${run[@]}" --level "$out/bad.toml"

check "run writes its results" 0 "state hash" "${run[@]}" --record "$out/new/a.vrec" --hashes "$out/a.txt" \
    --report "$out/a.json" --threads 2
expect "hashes have a line a tick" '[ "$(wc -l <"$out/a.txt")" -eq 40 ]'
expect "report is there" 'grep -q "\"final_hash\"" "$out/a.json"'
expect "no partial recording is left" '[ ! -e "$out/new/a.vrec.part" ]'
check "replay says identical" 0 "identical, 40 ticks" replay "$out/new/a.vrec" --threads 3 --quiet
check "same seed, other threads" 0 "state hash" "${run[@]}" --hashes "$out/b.txt" --threads 1
expect "hashes do not depend on threads" 'cmp -s "$out/a.txt" "$out/b.txt"'
check "other seed" 0 "state hash" run "$project" --headless --quiet --ticks 200 --seed 99 --hashes "$out/c.txt"
check "level's seed" 0 "state hash" run "$project" --headless --quiet --ticks 200 --hashes "$out/d.txt"
expect "the seed matters" '! cmp -s "$out/c.txt" "$out/d.txt"'
check "settings matter" 0 "state hash" "${run[@]}" --set physics.solver.iterations=1 --set \
    physics.solver.velocity_iterations=1 --hashes "$out/e.txt"
expect "solver settings change the run" '! cmp -s "$out/a.txt" "$out/e.txt"'

printf 'x' | dd of="$out/new/a.vrec" bs=1 seek=400 conv=notrunc 2>/dev/null
check "a damaged recording is refused" 3 "a.vrec" replay "$out/new/a.vrec" --quiet

[ "$failures" -eq 0 ] || { echo "$failures failed"; exit 1; }
