#!/bin/sh
# tests/install/cmake_test.sh INSTALL - a project of others that finds the
# installation with CMake.
set -eu
. tests/install/tree.sh

version=$(sed -n 's/^Version: //p' "$tree/lib/pkgconfig/miocene.pc")
minor=${version%.*}

# The sources as files of their own: CMake follows links.
mkdir "$TEST_TMPDIR/project"
cp -L tests/install/CMakeLists.txt tests/install/*client.c "$TEST_TMPDIR/project"

# What it can stand in for, and what not ("=": exactly).
good="$minor $version $version="
bad="99.0 $minor.99 ${minor%.*}.99 ${minor%.*}.0 0.0.1 $minor.0.1="
expected=$(printf "%s: $version found\n" $good
    printf "%s: $version refused\n" $bad)

# configure BUILD PREFIX
configure() {
    cmake -S "$TEST_TMPDIR/project" -B "$TEST_TMPDIR/$1" \
        -DVERSIONS="$(echo $good $bad | tr ' ' ';')" \
        -DCMAKE_PREFIX_PATH="$2" -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF \
        -DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF >"$TEST_TMPDIR/log" 2>&1
}

# says PROGRAM: what it prints, run without help to find its libraries.
says() {
    "$TEST_TMPDIR/build/$1" 2>&1 || echo "ended with $?"
}

# needs PROGRAM: which of our libraries, and what the archive wants.
needs() {
    readelf -dW "$TEST_TMPDIR/build/$1" |
        sed -n 's/.*(NEEDED).*\[\(lib[mj][ie].*\)\]/\1/p' | sort | xargs
}

if configure build "$tree" &&
    same "the versions" "$expected" \
        "$(grep -E '^[0-9.=]+: .*(found|refused)$' "$TEST_TMPDIR/log")" &&
    cmake --build "$TEST_TMPDIR/build" >"$TEST_TMPDIR/log" 2>&1; then
    same "core" "a guest came" "$(says core)"
    same "core_static" "a guest came" "$(says core_static)"
    same "miocene" "it stopped" "$(says miocene)"
    same "miocene_static" "it stopped" "$(says miocene_static)"
    same "miocene_cxx" "it stopped" "$(says miocene_cxx)"
    same "core needs" "libmiocene-core.so.0" "$(needs core)"
    same "core_static needs" "" "$(needs core_static)"
    same "miocene needs" "libmiocene.so.0" "$(needs miocene)"
    same "miocene_static needs" "libjemalloc.so.2" "$(needs miocene_static)"
else
    cat "$TEST_TMPDIR/log"
    fail "does not build with CMake"
fi

# Where it was moved to, and through a link, it is found as well.
mkdir "$TEST_TMPDIR/moved"
cp -R "$tree" "$TEST_TMPDIR/moved/usr"
ln -s usr/lib "$TEST_TMPDIR/moved/lib"
for prefix in "$TEST_TMPDIR/moved/usr" "$TEST_TMPDIR/moved"; do
    rm -rf "$TEST_TMPDIR/again"
    if configure again "$prefix"; then
        cmake --build "$TEST_TMPDIR/again" --target core \
            >"$TEST_TMPDIR/log" 2>&1 || {
            cat "$TEST_TMPDIR/log"
            fail "does not build from $prefix"
        }
    else
        cat "$TEST_TMPDIR/log"
        fail "not found at $prefix"
    fi
done

verdict
