#!/usr/bin/env bash
# Format the C and C++ sources by .clang-format.
#
# usage: scripts/format.sh [--check]
#
#   --check   change nothing; name what is not formatted and end with status 1
#   --help    this text
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

action=(-i)
for argument in "$@"; do
    case $argument in
        --help | -h) print_help; exit 0 ;;
        --check) action=(--dry-run -Werror) ;;
        *) fail 2 "unknown argument '$argument'; see scripts/format.sh --help" ;;
    esac
done
"$V_ROOT/scripts/setup.sh" --test

cd "$V_ROOT"
# The samples of tests/tidy are wrong on purpose.
git ls-files -z '*.c' '*.h' '*.cpp' ':!tests/tidy/samples' | xargs -0 clang-format "${action[@]}"
