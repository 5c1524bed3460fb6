#!/usr/bin/env bash
# Installs into an empty prefix, then builds the examples against what lies there and runs them.
#
# usage: install.sh layout|pkg_config|find_package BUILD_FOLDER SOURCE_FOLDER CC
set -euo pipefail

way=$1 build=$2 source=$3 cc=$4
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
cmake --install "$build" --prefix "$prefix/usr" >"$prefix/install.log" 2>&1 || {
    cat "$prefix/install.log"
    exit 1
}
library=$(find "$prefix/usr" -name libvengine.so -printf '%h\n')
[[ -n $library ]] || { echo "libvengine.so is not installed"; exit 1; }

run_examples() {
    local program
    for source_file in "$source"/examples/*.c; do
        program=$1/$(basename "$source_file" .c)
        echo "$program"
        LD_LIBRARY_PATH=$library "$program"
    done
}

case $way in
    layout)
        for path in include/v/base.h bin/vengine share/man/man1/vengine.1 share/bash-completion/completions/vengine; do
            [[ -f $prefix/usr/$path ]] || { echo "$path is not installed"; exit 1; }
        done
        # The name that programs are linked to is the one with the major version.
        soname=$(readelf -d "$library/libvengine.so" | sed -n 's/.*SONAME.*\[\(.*\)\].*/\1/p')
        [[ $soname == libvengine.so.0 && -e $library/$soname ]] || { echo "soname is '$soname'"; exit 1; }
        "$prefix/usr/bin/vengine" --version
        # Nothing that is installed may point back into the tree or the build.
        if grep -rIlF -e "$source" -e "$build" "$prefix/usr/lib" "$prefix/usr/share" "$prefix/usr/include"; then
            echo "these files name the source or the build folder"
            exit 1
        fi
        ;;
    pkg_config)
        export PKG_CONFIG_PATH=$library/pkgconfig
        mkdir "$prefix/examples"
        for source_file in "$source"/examples/*.c; do
            # shellcheck disable=SC2046 # pkg-config prints words
            "$cc" -std=c17 -Wall -Wextra -Werror "$source_file" -o "$prefix/examples/$(basename "$source_file" .c)" \
                $(pkg-config --cflags --libs vengine)
        done
        run_examples "$prefix/examples"
        ;;
    find_package)
        cmake -G Ninja -S "$source/examples" -B "$prefix/examples" -DCMAKE_PREFIX_PATH="$prefix/usr" -DCMAKE_C_COMPILER="$cc" \
            >"$prefix/configure.log" 2>&1 || { cat "$prefix/configure.log"; exit 1; }
        cmake --build "$prefix/examples" >"$prefix/build.log" 2>&1 || { cat "$prefix/build.log"; exit 1; }
        run_examples "$prefix/examples"
        ;;
    *)
        echo "usage: install.sh layout|pkg_config|find_package BUILD_FOLDER SOURCE_FOLDER CC" >&2
        exit 2
        ;;
esac
