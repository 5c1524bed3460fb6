#!/usr/bin/env bash
# Proves that the checks can fail: runs each of them over samples that are wrong on purpose and compares what it finds.
#
# usage: self_test.sh TIDY CC CXX NM LIBM
set -euo pipefail

tidy=$1 cc=$2 cxx=$3 nm=$4 libm=$5
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

wrong() {
    printf '%s\n' "$*"
    failed=$((failed + 1))
}

# expect_findings CHECK ROOT: the check must fail, with the findings of samples/expected_CHECK.txt.
expect_findings() {
    local status=0
    "$tidy" "$1" "$2" >"$work/found" || status=$?
    ((status == 1)) || wrong "tidy $1 ended with $status, not 1"
    diff -u "$here/samples/expected_$1.txt" "$work/found" || wrong "tidy $1 found something else"
}

# A file of 1,205 lines with functions of 71, 100 and 101 lines and a struct of 122.
write_long_file() {
    local length line
    echo '// Long.'
    for length in 71 100 101; do
        printf '\nvoid lines_%s(void)\n{\n' "$length"
        for ((line = 2; line < length; ++line)); do
            echo '    step();'
        done
        echo '}'
    done
    printf '\nstruct no_function\n{\n'
    for ((line = 0; line < 120; ++line)); do
        echo '    int field;'
    done
    echo '};'
    for ((line = 403; line < 1205; ++line)); do
        echo
    done
}

cp -r "$here/samples" "$work/samples"
mkdir -p "$work/samples/engine/render"
write_long_file >"$work/samples/engine/render/long.c"

for check in floors files functions calls; do
    expect_findings "$check" "$work/samples"
done

if "$here/headers.sh" "$here/samples/include" "$cc" "$cxx" >"$work/found" 2>/dev/null; then
    wrong "headers.sh accepts headers that do not compile alone"
fi
grep -q 'v/needs_more.h does not compile alone with .*c17' "$work/found" || wrong "headers.sh missed needs_more.h in C"
grep -q 'v/not_cpp.h does not compile alone with .*c++17' "$work/found" || wrong "headers.sh missed not_cpp.h in C++"
grep -q 'not_cpp.h .*c17' "$work/found" && wrong "headers.sh refuses not_cpp.h in C, where it is right"

cat >"$work/leaky.c" <<'C'
double sinh(double);
double v_shown(double x);
double leaked(double x);
double v_shown(double x) { return sinh(x); }
double leaked(double x) { return v_shown(x); }
C
"$cc" -O1 -fPIC -c "$work/leaky.c" -o "$work/leaky.o"
"$cc" -shared "$work/leaky.o" -o "$work/libleaky.so" -lm
echo "$work/leaky.o" >"$work/objects"
if "$here/symbols.sh" "$nm" "$work/libleaky.so" "$libm" "$work/objects" >"$work/found"; then
    wrong "symbols.sh accepts a library that shows 'leaked' and an object that takes sinh"
fi
grep -q 'shows what is not v_\*: leaked' "$work/found" || wrong "symbols.sh missed the symbol that leaked"
grep -q 'takes from libm: sinh' "$work/found" || wrong "symbols.sh missed sinh"

((failed == 0)) && echo "self_test: every check can fail"
((failed == 0))
