#!/usr/bin/env bash
# Prove that a run has the same state hash in every tick whatever the compiler, optimisation, architecture and number
# of threads.
#
# usage: scripts/determinism.sh [--quick] [--ticks N] [variant]...
#
#   --quick    gcc, clang and aarch64 alone, at fewer thread counts
#   --ticks N  length of the run, 600 unless told otherwise
#   variant    the builds to compare: gcc-O0 gcc-O3 gcc-O3-avx2 clang-O0 clang-O3 aarch64 riscv64; all of them unless told
#              otherwise
#   --help     this text
#
# Each variant is a server build (no GPU, no window) in build/determinism/<variant>; the other architectures run under
# qemu-user. The first variant at one thread is the reference. Prints a matrix and ends with status 1 on a difference.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

ticks=600
quick=false
variants=()
while (($# > 0)); do
    case $1 in
        --help | -h) print_help; exit 0 ;;
        --quick) quick=true ;;
        --ticks)
            [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || fail 2 "--ticks needs a number above 0"
            ticks=$2
            shift
            ;;
        -*) fail 2 "unknown option '$1'; see scripts/determinism.sh --help" ;;
        *) variants+=("$1") ;;
    esac
    shift
done
threads=(1 2 3 8)
if ((${#variants[@]} == 0)); then
    variants=(gcc-O0 gcc-O3 gcc-O3-avx2 clang-O0 clang-O3 aarch64 riscv64)
    if $quick; then
        variants=(gcc-O3 clang-O3 aarch64)
    fi
fi
if $quick; then
    threads=(1 3 8)
fi

"$V_ROOT/scripts/setup.sh" --server --test
cd "$V_ROOT"
out=build/determinism
mkdir -p "$out"

# Sets `arguments` for cmake and `emulator` for the run.
describe() {
    local level=-O3
    emulator=()
    case $1 in
        *-O0*) level=-O0 ;;
        *-avx2) level="-O3 -march=x86-64-v3" ;;
    esac
    case $1 in
        gcc-O0 | gcc-O3 | gcc-O3-avx2) arguments=(-DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++) ;;
        clang-O0 | clang-O3) arguments=(-DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++) ;;
        aarch64 | riscv64)
            arguments=("-DCMAKE_TOOLCHAIN_FILE=$V_ROOT/cmake/toolchain-$1.cmake")
            emulator=("qemu-$1-static")
            ;;
        *) fail 2 "there is no variant '$1'; see scripts/determinism.sh --help" ;;
    esac
    arguments+=(-DV_GPU=OFF -DV_PLATFORM=OFF -DV_TESTS=OFF -DV_BENCH=OFF -DCMAKE_BUILD_TYPE=None
        "-DV_OPTIMIZE=$level")
}

# Wide vectors must not change a bit; only a processor that has them can show it.
can_run() {
    [[ $1 != gcc-O3-avx2 ]] || { grep -qw fma /proc/cpuinfo && grep -qw avx2 /proc/cpuinfo && grep -qw bmi2 /proc/cpuinfo; }
}

build_variant() {
    local build=$out/$1
    say "Building $1"
    if [[ ! -f $build/build.ninja ]]; then
        cmake -G Ninja -S . -B "$build" "${arguments[@]}" >"$build.configure.log" 2>&1 || {
            cat "$build.configure.log" >&2
            fail 1 "configuring $1 failed"
        }
    fi
    cmake --build "$build" --parallel "$(job_count)" --target vengine_cli >"$build.build.log" 2>&1 || {
        tail -n 40 "$build.build.log" >&2
        fail 1 "building $1 failed"
    }
}

reference=""
passed=0
failed=0
matrix=$(printf '%-12s' variant; printf '%16s' "${threads[@]/%/ threads}")
for variant in "${variants[@]}"; do
    if ! can_run "$variant"; then
        say "Skipping $variant: this processor cannot run it"
        continue
    fi
    describe "$variant"
    build_variant "$variant"
    row=$(printf '%-12s' "$variant")
    for count in "${threads[@]}"; do
        hashes=$out/$variant-$count.hashes
        rm -f "$hashes"
        say "Running $variant with $count threads"
        "${emulator[@]}" "$out/$variant/vengine" run games/void_frontier --level level_0 \
            --ticks "$ticks" --headless --threads "$count" --hashes "$hashes" >"$out/$variant-$count.log" 2>&1 </dev/null || {
            tail -n 20 "$out/$variant-$count.log" >&2
            fail 1 "$variant with $count threads failed"
        }
        (($(wc -l <"$hashes") >= ticks)) || fail 1 "$hashes has fewer than $ticks lines"
        reference=${reference:-$hashes}
        if cmp -s "$reference" "$hashes"; then
            cell=same
            passed=$((passed + 1))
        else
            line=$({ cmp "$reference" "$hashes" 2>&1 || true; } | sed -n "s/.*line \([0-9]*\).*/\1/p")
            cell="differs: ${line:-length}"
            failed=$((failed + 1))
        fi
        row+=$(printf '%16s' "$cell")
    done
    matrix+=$'\n'$row
done

printf '\n%s\n\n' "$matrix"
say "Reference $reference, last hash: $(tail -n 1 "$reference")"
((failed == 0)) || say "'differs: N' names the first differing line; compare with: diff $reference build/determinism/<variant>-<threads>.hashes"
say "$passed same, $failed different"
((failed == 0))
