#!/bin/sh
# bazel/lint.sh - what clang-format and clang-tidy say of the project's code.
#
#     bazel/lint.sh format          fails on files that are not formatted
#     bazel/lint.sh fix             formats them
#     bazel/lint.sh tidy [FILE...]  clang-tidy, on all .c files or on these
#
# Installs the two tools when they are missing. The rules that need no tool are
# tests: //tests/tidy.
set -eu

cd "$(dirname "$(readlink -f "$0")")/.."
. bazel/packages.sh

# The version matters: each formats a little differently.
FORMAT=clang-format-14
TIDY=clang-tidy-14

# sources PATTERN...: our files, those not committed yet too. (safe.directory:
# the clone may belong to somebody else than who builds.)
sources() {
    git -c safe.directory='*' ls-files --cached --others --exclude-standard -- \
        "$@" | while read -r file; do
        # Deleted, and the deletion not committed.
        [ -f "$file" ] && printf '%s\n' "$file"
    done
}

# The flags of bazel/mio.bzl that decide what the code says; its warnings are
# the compiler's business. CK and jemalloc are in /usr/include.
FLAGS="-std=gnu11 -iquote . -DMIO_HAVE_JEMALLOC=1"

case ${1:-} in
format)
    packages_need "the format check" $PACKAGES_FORMAT
    for file in $(sources '*.c' '*.h'); do
        "$FORMAT" "$file" | diff -u --label "$file" --label "$file, formatted" \
            "$file" - || bad="${bad:-} $file"
    done
    [ -z "${bad:-}" ] || {
        echo "not formatted (bazel/lint.sh fix):$bad"
        exit 1
    }
    echo "$FORMAT: $(sources '*.c' '*.h' | wc -l) files, all formatted"
    ;;
fix)
    packages_need "formatting" $PACKAGES_FORMAT
    sources '*.c' '*.h' | xargs -r -n 16 "$FORMAT" -i
    ;;
tidy)
    packages_need "the lint check" $PACKAGES_TIDY $PACKAGES_BUILD \
        $PACKAGES_EXAMPLES
    shift
    # (The clients in tests/install include what only an installation has.)
    [ $# -gt 0 ] || set -- $(sources '*.c' ':!tests/install/*.c')
    # Few files a process, so that the CPUs finish together. The count of
    # warnings it hid in the system's headers is of no interest.
    # shellcheck disable=SC2086  # FLAGS is a list of words
    printf '%s\n' "$@" |
        xargs -P "$(nproc)" -n 1 sh -c '
            tidy=$1 flags=$2 file=$3
            out=$("$tidy" --quiet "$file" -- $flags 2>&1) && exit 0
            printf "%s\n" "$out" | grep -v " warnings* generated"
            exit 1
        ' sh "$TIDY" "$FLAGS"
    echo "$TIDY: $# files, nothing found"
    ;;
*)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
