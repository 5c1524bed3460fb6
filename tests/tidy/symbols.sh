#!/usr/bin/env bash
# Checks symbols of what was built: the library shows v_* alone, and the objects of simulation modules take nothing from
# the C library's mathematics but sqrtf and fabsf.
#
# usage: symbols.sh NM LIBRARY LIBM OBJECT_LIST
#
#   OBJECT_LIST   file with one object per line
set -euo pipefail

nm=$1 library=$2 libm=$3 object_list=$4
failed=0

shown=$("$nm" -D --defined-only "$library" | awk '{ print $NF }')
if [[ -z $shown ]]; then
    printf '%s shows no symbol at all\n' "$library"
    failed=1
fi
if other=$(grep -v '^v_[a-z0-9]' <<<"$shown"); then
    printf '%s shows what is not v_*: %s\n' "$library" "$(paste -sd' ' <<<"$other")"
    failed=$((failed + 1))
fi

mathematics=$("$nm" -D --defined-only "$libm" | awk '{ sub(/@.*/, "", $NF); print $NF }' |
    grep -vxE 'sqrtf?|fabsf?|_.*' | sort -u)
objects=0
while IFS= read -r object; do
    [[ -n $object ]] || continue
    objects=$((objects + 1))
    taken=$("$nm" --undefined-only "$object" | awk '{ print $NF }' | sort -u | comm -12 - <(printf '%s\n' "$mathematics"))
    if [[ -n $taken ]]; then
        printf '%s takes from libm: %s\n' "$object" "$(paste -sd' ' <<<"$taken")"
        failed=$((failed + 1))
    fi
done <"$object_list"
printf 'symbols: %d shown, %d objects, %d findings\n' "$(wc -l <<<"$shown")" "$objects" "$failed"
((failed == 0))
