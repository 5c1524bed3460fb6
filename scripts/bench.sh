#!/usr/bin/env bash
# Build linux-release and run the benchmarks of one subject.
#
# usage: scripts/bench.sh NAME [--json FILE] [program options]...
#
#   NAME          the subject: runs the programs bench_NAME and bench_NAME_*, for instance core
#   --json FILE   write the results there as well; they are always in build/linux-release/bench/NAME.json
#   --list        print the names of the programs
#   --help        this text
#
# Every program prints one JSON object a line for each result; other lines are notes and pass through. Further options
# go to the programs. Figures are medians; `ratio` says how many times better ours is than a peer in the same run.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

name=""
json=""
options=()
cd "$V_ROOT"
while (($# > 0)); do
    case $1 in
        --help | -h) print_help; exit 0 ;;
        --list)
            find bench -name 'bench_*.c' -printf '%f\n' | sed 's/\.c$//' | sort
            exit 0
            ;;
        --json)
            (($# > 1)) || fail 2 "--json needs a file"
            json=$2
            shift
            ;;
        *)
            if [[ -z $name && $1 != -* ]]; then
                name=$1
            else
                options+=("$1")
            fi
            ;;
    esac
    shift
done
[[ -n $name ]] || fail 2 "name a subject; scripts/bench.sh --list names the programs"

programs=()
for source in bench/bench_"$name".c bench/bench_"$name"_*.c; do
    [[ ! -f $source ]] || programs+=("$(basename "$source" .c)")
done
((${#programs[@]} > 0)) || fail 2 "there is no benchmark '$name'; scripts/bench.sh --list names the programs"

targets=()
for program in "${programs[@]}"; do
    targets+=(--target "$program")
done
scripts/build.sh linux-release "${targets[@]}"

folder=build/linux-release/bench
results=$folder/$name.results
: >"$results"
for program in "${programs[@]}"; do
    say "Running $program"
    "$folder/$program" "${options[@]}" </dev/null >"$folder/$program.out" || fail 1 "$program failed with status $?"
    grep -v '^{' "$folder/$program.out" || true
    grep '^{' "$folder/$program.out" >>"$results" || fail 1 "$program printed no result"
done

cpu=$(awk -F': *' '/^model name/ { print $2; exit }' /proc/cpuinfo | sed 's/["\\]//g')
{
    printf '{"bench": "%s", "machine": {"cpu": "%s", "cores": %d}, "results": [\n' "$name" "${cpu:-unknown}" "$(nproc)"
    sed '$!s/$/,/; s/^/  /' "$results"
    printf ']}\n'
} >"$folder/$name.json"

# Enough JSON for lines that our own programs wrote: scalars, and objects of scalars.
awk '
    function value(key,    rest) {
        if (!match($0, "\"" key "\": *")) return ""
        rest = substr($0, RSTART + RLENGTH)
        if (rest ~ /^"/) { sub(/^"/, "", rest); sub(/".*/, "", rest) }
        else if (rest ~ /^[{\[]/) { rest = substr(rest, 2); sub(/[}\]].*/, "", rest); gsub(/"/, "", rest) }
        else sub(/[,}].*/, "", rest)
        return rest
    }
    BEGIN { printf "\n%-28s %12s %-6s %-22s %-34s %s\n", "result", "ours", "unit", "spread", "peers", "ratio" }
    { printf "%-28s %12s %-6s %-22s %-34s %s\n", value("name"), value("ours"), value("unit"), value("spread"),
             value("peers"), value("ratio") }
' "$results"
say ""
say "Results in $folder/$name.json"
if [[ -n $json ]]; then
    mkdir -p "$(dirname "$json")"
    cp "$folder/$name.json" "$json"
    say "and in $json"
fi
