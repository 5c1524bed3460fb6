#!/usr/bin/env bash
# The checks of the documents can fail: each breach in a document made for it is noticed, and a good document passes.
#
# usage: self_test.sh FOLDER LIBRARY CC SANITIZERS
set -euo pipefail

library=$2 cc=$3 sanitizers=$4
here=$(dirname "${BASH_SOURCE[0]}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/docs/guide" "$work/engine/include/v" "$work/scripts"
touch "$work/engine/include/v/app.h" "$work/scripts/run.sh"

# expect pass|fail snippets|links WHAT: with the document on standard input.
expect() {
    local wanted=$1 check=$2 what=$3 got=pass
    cat >"$work/README.md"
    case $check in
        snippets) "$here/snippets.sh" "$work" "$library" "$cc" "$sanitizers" >"$work/log" 2>&1 || got=fail ;;
        links) "$here/links.sh" "$work" >"$work/log" 2>&1 || got=fail ;;
    esac
    if [[ $got == "$wanted" ]]; then
        echo "ok $what"
    else
        echo "FAILED $what: $check says $got"
        cat "$work/log"
        exit 1
    fi
}

# program FENCE BODY: a document with one program, whose main does BODY.
program() {
    printf '```%s\n#include <v/app.h>\nint main(void)\n{\n    %s\n}\n```\n' "$1" "$2"
}

program 'c program' 'return v_version() == NULL;' | expect pass snippets "a good program"
program 'c program 5' 'return v_version() == NULL;' | expect pass snippets "a program within its limit"
program 'c program 4' 'return v_version() == NULL;' | expect fail snippets "a program beyond its limit"
program 'c program' 'return v_no_such_call();' | expect fail snippets "a call that does not exist"
program 'c program' 'int unused; return 0;' | expect fail snippets "a warning"
program 'c program' 'return 1;' | expect fail snippets "a program that fails"
program 'c' 'return 1;' | expect fail snippets "a document without a program"

echo 'See `scripts/run.sh`, [it](scripts/run.sh), `v/app.h`, https://example.org/ and tests/<name>/x.c.' |
    expect pass links "names that exist"
echo 'See [it](scripts/walk.sh).' | expect fail links "a link to nothing"
echo 'See `scripts/walk.sh`.' | expect fail links "a path to nothing"
echo 'Run ./scripts/walk.sh.' | expect fail links "a command that does not exist"
echo 'See `engine/*/none.c`.' | expect fail links "a pattern that matches nothing"
echo 'See `v/none.h`.' | expect fail links "a header that does not exist"
: | expect fail links "a document that names nothing"
