#!/usr/bin/env bash
# Install the Debian packages that the project needs and that are missing. Costs a moment when nothing is missing.
#
# usage: scripts/setup.sh [--server] [--test] [--video] [--print]
#
#   (none)     what building and running the engine needs
#   --server   what the build without GPU and window needs
#   --test     also what the tests, the sanitizers, the fuzzer and the checks of .ci/run need
#   --video    also what `vengine run --video` needs
#   --print    list the packages, why each is needed and whether it is installed; change nothing
#   --help     this text
#
# Needs root or sudo only when something is missing. V_SETUP=skip in the environment turns it off, for systems that
# have the same tools from elsewhere.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

readonly server_packages="
gcc                        C compiler
g++                        C++ compiler, for the bridges to C++ libraries
libc6-dev                  C library headers
cmake                      build description
ninja-build                build runner
pkgconf                    finds installed libraries
libtomlplusplus-dev        TOML parser
libxxhash-dev              XXH3 hashing
"
readonly gpu_packages="
libvulkan-dev              Vulkan loader and headers
libvulkan-volk-dev         Vulkan entry points
mesa-vulkan-drivers        Vulkan on any machine, with or without a GPU
glslang-tools              GLSL to SPIR-V
libstb-dev                 PNG images
libsdl2-dev                window and input
"
readonly video_packages="
ffmpeg                     encodes the video
"
readonly test_packages="
libcmocka-dev              unit tests
libmpfr-dev                reference values for the math tests
ccache                     faster rebuilds
clang                      second compiler, fuzzer
libclang-rt-14-dev         sanitizer and fuzzer runtimes
clang-format               format check
clang-tidy                 static analysis
cppcheck                   static analysis
shellcheck                 script analysis
mandoc                     manual page check
vulkan-validationlayers    Vulkan validation in the GPU tests
spirv-tools                SPIR-V validation in the shader tests
xvfb                       a display for the window tests
xauth                      access to that display
qemu-user-static           runs the other architectures' builds
gcc-aarch64-linux-gnu      cross compiler
g++-aarch64-linux-gnu      cross compiler
libc6-dev-arm64-cross      C library of the cross compiler
gcc-riscv64-linux-gnu      cross compiler
g++-riscv64-linux-gnu      cross compiler
libc6-dev-riscv64-cross    C library of the cross compiler
"

table=""
print_only=false
server=false
extra=""
for argument in "$@"; do
    case $argument in
        --server) server=true ;;
        --test) extra+="$test_packages" ;;
        --video) extra+="$video_packages" ;;
        --print) print_only=true ;;
        --help | -h) print_help; exit 0 ;;
        *) fail 2 "unknown argument '$argument'; see scripts/setup.sh --help" ;;
    esac
done
table="$server_packages$extra"
if ! $server; then
    table="$server_packages$gpu_packages$extra"
fi

mapfile -t packages < <(awk 'NF { print $1 }' <<<"$table")

# Sets `missing`. One query for all: packages that dpkg never heard of are simply not in its answer.
find_missing() {
    local installed package
    installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null |
        awk '$1 == "installed" { print $2 }') || true
    missing=()
    for package in "${packages[@]}"; do
        [[ $'\n'"$installed"$'\n' == *$'\n'"$package"$'\n'* ]] || missing+=("$package")
    done
}

reason() {
    awk -v package="$1" '$1 == package { sub(/^[^ ]+ +/, ""); print; exit }' <<<"$table"
}

if [[ ${V_SETUP:-} == skip ]] && ! $print_only; then
    exit 0
fi
if ! command -v dpkg-query >/dev/null; then
    fail 1 "this is not a Debian system: install the equivalents of these packages, then set V_SETUP=skip: ${packages[*]}"
fi

find_missing
if $print_only; then
    for package in "${packages[@]}"; do
        state=installed
        [[ " ${missing[*]} " != *" $package "* ]] || state=missing
        printf '%-26s %-10s %s\n' "$package" "$state" "$(reason "$package")"
    done
    exit 0
fi
if ((${#missing[@]} == 0)); then
    exit 0
fi

say "Missing packages:"
for package in "${missing[@]}"; do
    printf '  %-26s %s\n' "$package" "$(reason "$package")"
done
by_hand="apt-get update && apt-get install --no-install-recommends ${missing[*]}"
if ! command -v apt-get >/dev/null; then
    fail 1 "apt-get is not available; on a Debian 12 machine run as root: $by_hand"
fi
run_as_root=()
if ((EUID != 0)); then
    # Without a terminal sudo could only hang or fail, so ask it whether it would.
    if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
        run_as_root=(sudo)
    else
        fail 1 "needs root to install packages; run as root: $by_hand"
    fi
fi
readonly apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
say "Installing ${#missing[@]} packages with apt-get"
"${run_as_root[@]}" "${apt[@]}" update </dev/null || say "apt-get update failed; trying with the package lists there are"
if ! "${run_as_root[@]}" "${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null; then
    fail 1 "apt-get could not install everything; run as root to see why: $by_hand"
fi
find_missing
((${#missing[@]} == 0)) || fail 1 "still missing after the installation: ${missing[*]}"
say "All packages are installed"
