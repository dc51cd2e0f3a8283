#!/bin/sh
# bazel/install/stage.sh OUT VERSION FLAGS FILE... - lays out in OUT what an
# installation is made of, as it will lie under the prefix. Run by install.bzl.
#
# The files are public headers, archives, shared libraries, templates (.in) and
# tar archives of what has its place already.
# FLAGS is what the archive of everything needs besides itself. @PREFIX@ is
# known to install.sh only.
set -eu
out=$1 version=$2 flags=$3
shift 3
major=${version%%.*}

# fill TEMPLATE
fill() {
    sed -e "s|@VERSION@|$version|g" -e "s|@MAJOR@|$major|g" \
        -e "s|@FLAGS@|$flags|g" \
        -e "s|@FLAGS_LIST@|$(printf '%s' "$flags" | tr ' ' ';')|g" "$1"
}

# header FILE: our includes are from the root of the repository; installed, that
# root is called mio.
header() {
    mkdir -p "$out/include/mio/${1%/*}"
    sed -E 's|^([[:space:]]*#[[:space:]]*include[[:space:]]*")|\1mio/|' \
        "$1" >"$out/include/mio/$1"
}

# umbrella ROOM FILE...: one header that includes those of a room.
umbrella() {
    room=$1
    shift
    guard=MIO_$(printf '%s' "$room" | tr 'a-z/' 'A-Z_')_H
    {
        printf '/* SPDX-License-Identifier: MIT\n *\n'
        printf ' * mio/%s.h - all public headers of %s. */\n' "$room" "$room"
        printf '#ifndef %s\n#define %s\n\n' "$guard" "$guard"
        printf '#include "mio/%s"\n' "$@"
        printf '\n#endif /* %s */\n' "$guard"
    } >"$out/include/mio/$room.h"
}

mkdir -p "$out/lib/pkgconfig" "$out/lib/cmake/Miocene"
for file in "$@"; do
    name=${file##*/}
    case $name in
    *.h) header "$file" ;;
    *.a) cp "$file" "$out/lib/$name" ;;
    *.so) cp "$file" "$out/lib/$name.$version" ;;
    *.pc.in) fill "$file" >"$out/lib/pkgconfig/${name%.in}" ;;
    *.tar) tar -C "$out" -xf "$file" ;;
    *.cmake.in) fill "$file" >"$out/lib/cmake/Miocene/${name%.in}" ;;
    *)
        echo "$file: where to?" >&2
        exit 1
        ;;
    esac
done

rooms=$(for file in "$@"; do
    case $file in *.h) printf '%s\n' "${file%/*}" ;; esac
done | sort -u)
for room in $rooms; do
    # shellcheck disable=SC2046  # our paths have no blanks
    umbrella "$room" $(printf '%s\n' "$@" | grep "^$room/[^/]*\.h$" | sort)
done
