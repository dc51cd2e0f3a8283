#!/bin/sh
# tests/install/client_test.sh INSTALL - programs of others, built from the
# installation with pkg-config, as C and as C++, shared and static.
set -eu
. tests/install/tree.sh

# Nothing of the system's may stand in for ours.
export PKG_CONFIG_LIBDIR="$tree/lib/pkgconfig"
unset PKG_CONFIG_PATH
warnings="-Wall -Wextra -Wpedantic -Werror"

# An installation without the shared libraries: the linker has to take the
# archives.
archives=$TEST_TMPDIR/archives
"$install" "$archives" >/dev/null
rm "$archives"/lib/*.so*

# needed PROGRAM: which shared libraries it asks for.
needed() {
    readelf -dW "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | xargs
}

# try WHAT NEEDS SAYS COMPILER...: the program that the command makes needs
# these libraries, and says this.
try() {
    try_what=$1 try_needs=$2 try_says=$3
    shift 3
    rm -f "$out"
    "$@" -o "$out" 2>"$TEST_TMPDIR/err" || {
        cat "$TEST_TMPDIR/err"
        fail "$try_what: does not build: $*"
        return 0
    }
    same "$try_what: needs" "$try_needs" "$(needed "$out")"
    same "$try_what: says" "$try_says" \
        "$(LD_LIBRARY_PATH=$tree/lib "$out" 2>&1 || echo "ended with $?")"
}
out=$TEST_TMPDIR/program

# clients PACKAGE SOURCE SAYS NEEDS: made of the archive, it needs NEEDS.
clients() {
    package=$1 source=tests/install/$2 says=$3 needs=$4
    # shellcheck disable=SC2046,SC2086  # lists of words, all of them
    {
        flags=$(pkg-config --cflags --libs "$package")
        try "$package, shared" "libc.so.6 lib$package.so.0" "$says" \
            gcc -std=c11 $warnings "$source" $flags
        try "$package, shared, C++" "libc.so.6 lib$package.so.0" "$says" \
            g++ -std=c++17 $warnings -x c++ "$source" -x none \
            -Wl,--as-needed $flags
        flags=$(PKG_CONFIG_LIBDIR=$archives/lib/pkgconfig \
            pkg-config --static --cflags --libs "$package")
        try "$package, archive" "$needs" "$says" \
            gcc -std=c11 $warnings "$source" $flags
        try "$package, archive, C++" "$needs" "$says" \
            g++ -std=c++17 $warnings -x c++ "$source" -x none \
            -Wl,--as-needed $flags
    }
}

clients miocene-core core_client.c "a guest came" "libc.so.6"
clients miocene client.c "it stopped" "libc.so.6 libjemalloc.so.2"

# core is part of the whole: one package is enough for both.
# shellcheck disable=SC2046
try "core's client, with all of it" "libc.so.6 libmiocene.so.0" "a guest came" \
    gcc -std=c11 tests/install/core_client.c \
    $(pkg-config --cflags --libs miocene)

# Without a system below: core and libc, nothing to load.
# shellcheck disable=SC2046
try "miocene-core, wholly static" "" "a guest came" \
    gcc -static -std=c11 tests/install/core_client.c \
    $(PKG_CONFIG_LIBDIR=$archives/lib/pkgconfig \
        pkg-config --static --cflags --libs miocene-core)

# Below DESTDIR, as who makes packages sees it.
staged=$TEST_TMPDIR/staged
DESTDIR=$staged "$install" /opt/mio >/dev/null
export PKG_CONFIG_LIBDIR="$staged/opt/mio/lib/pkgconfig"
# shellcheck disable=SC2046
try "miocene, below DESTDIR" "libc.so.6 libmiocene.so.0" "it stopped" \
    gcc -std=c11 tests/install/client.c \
    $(PKG_CONFIG_SYSROOT_DIR=$staged pkg-config --cflags --libs miocene)

# The same of both packages.
same "the versions" "$(pkg-config --modversion miocene)" \
    "$(pkg-config --modversion miocene-core)"
verdict
