#!/usr/bin/env bash
# Build the engine, the vengine command, the tests and the benchmarks into build/<preset>.
#
# usage: scripts/build.sh [preset] [--target NAME]...
#
#   preset          linux-release (default), linux-debug, linux-asan, linux-tsan, linux-server, linux-fuzz
#   --target NAME   build only this target and what it needs; may be repeated
#   --help          this text
#
# Installs missing packages first (scripts/setup.sh). V_JOBS sets the number of parallel jobs.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

preset=""
targets=()
while (($# > 0)); do
    case $1 in
        --help | -h) print_help; exit 0 ;;
        --target)
            (($# > 1)) || fail 2 "--target needs a name"
            targets+=(--target "$2")
            shift
            ;;
        -*) fail 2 "unknown option '$1'; see scripts/build.sh --help" ;;
        *)
            [[ -z $preset ]] || fail 2 "one preset at a time: '$preset' or '$1'"
            preset=$1
            ;;
    esac
    shift
done
preset=${preset:-linux-release}

case $preset in
    linux-server) "$V_ROOT/scripts/setup.sh" --server ;;
    linux-asan | linux-tsan | linux-fuzz) "$V_ROOT/scripts/setup.sh" --test ;;
    *) "$V_ROOT/scripts/setup.sh" ;;
esac
require_preset "$preset"

cd "$V_ROOT"
build=build/$preset
mkdir -p build
# Ninja repeats the configuration by itself when a CMake file changes, but never looks at the presets.
if [[ ! -f $build/build.ninja || CMakePresets.json -nt $build/build.ninja ]]; then
    say "Configuring $preset in $build"
    cmake --preset "$preset" >"$build.configure.log" 2>&1 || {
        cat "$build.configure.log" >&2
        fail 1 "configuring $preset failed"
    }
    grep -A3 -E '^CMake (Deprecation )?Warning' "$build.configure.log" || true
fi
say "Building $preset"
cmake --build "$build" --parallel "$(job_count)" "${targets[@]}"
