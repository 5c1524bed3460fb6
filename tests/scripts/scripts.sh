#!/usr/bin/env bash
# The scripts explain themselves, refuse what they do not know with one line, and are clean by shellcheck.
#
# usage: scripts.sh SOURCE_FOLDER
set -euo pipefail

cd "$1"
failed=0

wrong() {
    echo "$*"
    failed=1
}

for script in scripts/*.sh; do
    [[ $script != scripts/common.sh ]] || continue
    [[ -x $script ]] || wrong "$script is not executable"
    help=$("$script" --help </dev/null) || wrong "$script --help fails"
    [[ $help == *"usage: $script"* ]] || wrong "$script --help does not say how it is used"
    # run.sh passes on what it does not know.
    [[ $script != scripts/run.sh ]] || continue
    status=0
    message=$(V_SETUP=skip "$script" --no-such-option 2>&1 </dev/null) || status=$?
    ((status == 2)) || wrong "$script --no-such-option ended with $status, not 2"
    (($(wc -l <<<"$message") == 1)) || wrong "$script --no-such-option printed: $message"
done

packages=$(scripts/setup.sh --print --server)
[[ $packages == *cmake* && $packages != *libsdl2-dev* ]] || wrong "setup.sh --print --server lists: $packages"
packages=$(scripts/setup.sh --print --test)
[[ $packages == *libsdl2-dev* && $packages == *libcmocka-dev* ]] || wrong "setup.sh --print --test lists: $packages"

if command -v shellcheck >/dev/null; then
    # SC2034: variables that a test's conditions, which are text, read.
    shellcheck -x --severity=warning --exclude=SC2034 scripts/*.sh .ci/run completions/vengine.bash tests/*/*.sh || failed=1
fi
exit "$failed"
