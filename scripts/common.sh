# Shared by the scripts of this folder: the project's root, plain messages, failure, help. Sourced, never run.
# shellcheck shell=bash

V_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly V_ROOT
V_SCRIPT=$(basename "$0")
readonly V_SCRIPT

say() {
    printf '%s\n' "$*"
}

# fail STATUS MESSAGE...: one line on stderr, then exit.
fail() {
    local status=$1
    shift
    printf '%s: %s\n' "$V_SCRIPT" "$*" >&2
    exit "$status"
}

# A script's help is its own leading comment.
print_help() {
    awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"
}

presets() {
    (cd "$V_ROOT" && cmake --list-presets | awk -F'"' 'NF > 1 { print $2 }')
}

# require_preset NAME: fails with the list of presets when there is no such preset.
require_preset() {
    local name
    for name in $(presets); do
        [[ $name != "$1" ]] || return 0
    done
    fail 2 "there is no preset '$1'; choose one of: $(presets | paste -sd' ')"
}

# V_JOBS overrides the number of parallel build and test jobs.
job_count() {
    printf '%s\n' "${V_JOBS:-$(nproc)}"
}
