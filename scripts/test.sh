#!/usr/bin/env bash
# Set up, build and run the tests. The last line is `N passed, N failed`.
#
# usage: scripts/test.sh [--filter PATTERN] [preset] [--verbose]
#
#   --filter PATTERN   only tests whose name (module.subject) matches this shell pattern, for instance "*descriptor*";
#                      a PATTERN without * ? [ matches every name that contains it; may be repeated
#   preset             linux-debug (default), linux-release, linux-asan, linux-tsan, linux-server
#   --verbose          show the output of passing tests as well
#   --list             print the names of the tests instead of running them
#   --help             this text
#
# Ends with status 1 when a test fails or none matches. V_JOBS sets the number of parallel jobs.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

preset=""
filters=()
verbosity=--output-on-failure
list=false
while (($# > 0)); do
    case $1 in
        --help | -h) print_help; exit 0 ;;
        --filter)
            (($# > 1)) || fail 2 "--filter needs a pattern"
            filters+=("$2")
            shift
            ;;
        --filter=*) filters+=("${1#--filter=}") ;;
        --verbose | -v) verbosity=--verbose ;;
        --list) list=true ;;
        -*) fail 2 "unknown option '$1'; see scripts/test.sh --help" ;;
        *)
            [[ -z $preset ]] || fail 2 "one preset at a time: '$preset' or '$1'"
            preset=$1
            ;;
    esac
    shift
done
preset=${preset:-linux-debug}

# Shell patterns to the one anchored regular expression that ctest wants.
patterns_to_regex() {
    local pattern regex=""
    for pattern in "$@"; do
        [[ $pattern == *[*?[]* ]] || pattern="*$pattern*"
        regex+="|$(sed -e 's/[.+()^$|{}\\]/\\&/g' -e 's/\*/.*/g' -e 's/?/./g' -e 's/\[!/[^/g' <<<"$pattern")"
    done
    printf '^(%s)$\n' "${regex#|}"
}

"$V_ROOT/scripts/setup.sh" --test
require_preset "$preset"
"$V_ROOT/scripts/build.sh" "$preset" || {
    say "the build failed, so no test ran"
    say "0 passed, 1 failed"
    exit 1
}

cd "$V_ROOT"
build=build/$preset
selection=()
((${#filters[@]} == 0)) || selection=(--tests-regex "$(patterns_to_regex "${filters[@]}")")
if $list; then
    ctest --preset "$preset" --show-only "${selection[@]}" | awk '/^ *Test +#/ { print $NF }'
    exit 0
fi

say "Testing $preset${filters:+, tests matching ${filters[*]}}"
junit=$V_ROOT/$build/tests.junit.xml
rm -f "$junit"
status=0
ctest --preset "$preset" --parallel "$(job_count)" --no-tests=error --timeout 600 "$verbosity" \
    --output-junit "$junit" "${selection[@]}" </dev/null || status=$?

# The junit file's first element carries the counts: <testsuite name=".." tests="7" failures="1" disabled="0" skipped="0"
count() {
    local value
    value=$(sed -n "s/.*[[:space:]]$1=\"\([0-9]*\)\".*/\1/p" "$junit" 2>/dev/null | head -n 1)
    printf '%s\n' "${value:-0}"
}
total=$(count tests)
failed=$(count failures)
skipped=$(($(count skipped) + $(count disabled)))
if ((total == 0)); then
    say "no test matches${filters:+ ${filters[*]}} in $preset; scripts/test.sh --list $preset names them all"
fi
((skipped == 0)) || say "$skipped skipped"
say "$((total - failed - skipped)) passed, $failed failed"
((status == 0 && total > 0 && failed == 0)) || exit 1
