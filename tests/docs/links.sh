#!/usr/bin/env bash
# Checks that what the documents name exists: relative links, paths of the tree, public headers.
#
# usage: links.sh FOLDER
#
# Looks at README.md, CONTRIBUTING.md and docs/**/*.md in FOLDER. A path counts from the top of the tree, a link from the
# document. Asterisks are patterns and must match something; whatever holds <, such as tests/<module>, is left alone.
set -euo pipefail

cd "$1"
shopt -s globstar nullglob
failed=0
checked=0

# require DOCUMENT NAME PATH: PATH may be a pattern.
require() {
    local matches
    checked=$((checked + 1))
    # shellcheck disable=SC2206 # the pattern is to be expanded
    matches=($3)
    if ((${#matches[@]} == 0)) || [[ ! -e ${matches[0]} ]]; then
        echo "FAILED $1 names $2, which does not exist"
        failed=$((failed + 1))
    fi
}

folders='docs|engine|scripts|tests|tools|examples|games|bench|cmake|completions'
for document in README.md CONTRIBUTING.md docs/**/*.md; do
    [[ -f $document ]] || continue
    while read -r link; do
        case $link in
            http://* | https://* | mailto:* | '#'*) ;;
            *) require "$document" "$link" "$(dirname "$document")/${link%%#*}" ;;
        esac
    done < <(grep -oP '\]\(\K[^)\s]+' "$document" || true)
    while read -r path; do
        require "$document" "$path" "$path"
    done < <(grep -oP "(?<![\w/.<-])(?:\./)?\K(?:$folders)/[\w./*-]*[\w*](?![\w/*-]*[<{])" "$document" || true)
    while read -r header; do
        require "$document" "$header" "engine/include/$header"
    done < <(grep -oP '(?<![\w/.-])v/\w+\.h' "$document" || true)
done
((checked > 0)) || { echo "FAILED there is no document in $PWD"; failed=1; }
echo "$checked names checked, $failed missing"
((failed == 0))
