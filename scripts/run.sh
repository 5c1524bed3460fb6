#!/usr/bin/env bash
# Set up, build and run Void Frontier, level_0, for ten seconds (600 ticks) of simulated time.
#
# usage: scripts/run.sh [--headless] [options of vengine run]...
#
#   --headless   open no window even where there is a display
#   --help       this text; `build/linux-release/vengine help run` explains the other options
#
# The results lie in out/level_0: the last frame, the recording and the report. Options given here come after the
# script's own and win over them, for instance --ticks 1200, --threads 1 or --video out/level_0/run.mp4.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

headless=false
video=false
[[ -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]] || headless=true
for argument in "$@"; do
    case $argument in
        --help | -h) print_help; exit 0 ;;
        --headless) headless=true ;;
        --video | --video=*) video=true ;;
    esac
done

if $video; then
    "$V_ROOT/scripts/setup.sh" --video
fi
"$V_ROOT/scripts/build.sh" linux-release --target vengine_cli

cd "$V_ROOT"
out=out/level_0
mkdir -p "$out"
options=(--level level_0 --ticks 600 --record "$out/run.vrec" --screenshot "$out/frame_0600.png"
    --report "$out/run.json")
if $headless; then
    [[ " $* " == *" --headless "* ]] || options+=(--headless)
    say "Running Void Frontier level_0 headless"
else
    say "Running Void Frontier level_0 in a window; --headless runs it without"
fi
status=0
build/linux-release/vengine run games/void_frontier "${options[@]}" "$@" || status=$?
((status == 0)) || exit "$status"

say "Results in $out:"
for file in "$out"/*; do
    printf '  %-36s %s bytes\n' "$file" "$(stat -c %s "$file")"
done
say "Prove that the run repeats: build/linux-release/vengine replay $out/run.vrec"
