#!/bin/sh
# tests/install/layout_test.sh INSTALL - what lands where, and how.
set -eu
. tests/install/tree.sh

# files DIR: all of it but the headers of the rooms and their manual pages, and
# the links' targets.
files() {
    (cd "$1" && find . -path './include/mio/*/*' -prune -o \
        -path './share/man/man3/mio_*.3' -prune -o \
        -type f -printf '%p\n' -o -type l -printf '%p -> %l\n' | sort)
}

version=$(sed -n 's/^Version: //p' "$tree/lib/pkgconfig/miocene.pc")
major=${version%%.*}
expected=$(sort <<END
./include/mio/core.h
./include/mio/net.h
./include/mio/runtime.h
./lib/cmake/Miocene/MioceneConfig.cmake
./lib/cmake/Miocene/MioceneConfigVersion.cmake
./lib/libmiocene-core.a
./lib/libmiocene-core.so -> libmiocene-core.so.$major
./lib/libmiocene-core.so.$major -> libmiocene-core.so.$version
./lib/libmiocene-core.so.$version
./lib/libmiocene.a
./lib/libmiocene.so -> libmiocene.so.$major
./lib/libmiocene.so.$major -> libmiocene.so.$version
./lib/libmiocene.so.$version
./lib/pkgconfig/miocene-core.pc
./lib/pkgconfig/miocene.pc
END
)
same "the files" "$expected" "$(files "$tree")"

# Headers: each room has some, and none that is not for the world.
for header in core/poll.h net/address.h net/server.h net/server/server.h \
    runtime/actor.h; do
    [ -f "$tree/include/mio/$header" ] || fail "no mio/$header"
done
for header in $(cd "$tree/include/mio" && find . -path './*/*.h' |
    grep -v /server\\.h); do
    page=$(basename "$header" .h)
    [ -s "$tree/share/man/man3/mio_$page.3" ] || fail "no mio_$page(3)"
done
private=$(cd "$tree/include/mio" && find . -path '*/sys/*' -o -name '*private*')
same "private headers" "" "$private"

# Everybody may read, the owner may write, and programs are none of it but the
# shared libraries, as the loader likes them.
odd=$(cd "$tree" && find . -type f ! -name '*.so.*' ! -perm 644 -o \
    -type f -name '*.so.*' ! -perm 755 -o -type d ! -perm 755)
same "files of odd modes" "" "$odd"

# It says what it installed.
same "what it says" "$(cd "$tree" && find "$tree" ! -type d | sort)" \
    "$(sort "$TEST_TMPDIR/installed")"

# Nothing in it remembers where it was built, and no place is left unfilled.
# (What is installed under another prefix than one of the build's.)
staged=$TEST_TMPDIR/staged
DESTDIR=$staged "$install" /opt/mio >/dev/null
base=${here%%/sandbox/*}
base=${base%%/execroot/*}
for path in "$base" "$TEST_TMPDIR" /execroot/ /sandbox/ /home/ /root/; do
    found=$(grep -rlaF -e "$path" "$staged" || true)
    same "files that remember $path" "" "$found"
done
same "places not filled" "" \
    "$(grep -rlE '@[A-Z_]+@' "$staged" --include=*.pc --include=*.cmake || true)"

# DESTDIR goes before the prefix, and only there.
same "the files below DESTDIR" "$expected" "$(files "$staged/opt/mio")"
same "the prefix" "prefix=/opt/mio" \
    "$(head -n 1 "$staged/opt/mio/lib/pkgconfig/miocene.pc")"
same "what is besides the prefix" "opt" "$(ls "$staged")"

# Relative paths begin where the caller is. Bazel alone starts programs
# elsewhere, and says where that was; bazelw starts them there, and Bazel's word
# is not to be believed.
mkdir -p "$TEST_TMPDIR/there" "$TEST_TMPDIR/install.runfiles/miocene"
(
    export BUILD_WORKING_DIRECTORY="$TEST_TMPDIR/there"
    cd "$TEST_TMPDIR/install.runfiles/miocene"
    "$install" pre/fix >/dev/null
    cd "$TEST_TMPDIR"
    DESTDIR=dest "$install" /usr/ >/dev/null
)
same "the files at a relative prefix" "$expected" \
    "$(files "$TEST_TMPDIR/there/pre/fix")"
same "a relative prefix, as written" "prefix=$TEST_TMPDIR/there/pre/fix" \
    "$(head -n 1 "$TEST_TMPDIR/there/pre/fix/lib/pkgconfig/miocene.pc")"
same "the files below a relative DESTDIR" "$expected" \
    "$(files "$TEST_TMPDIR/dest/usr")"

# A second time over the first: what was changed is mended, what was there for
# others stays, and who has the old library open keeps what he had.
cp -R "$tree" "$TEST_TMPDIR/first"
old=$tree/lib/libmiocene.so.$version
exec 3<"$old"
printf 'changed' >"$tree/include/mio/core/poll.h"
rm "$tree/lib/libmiocene.so" "$tree/include/mio/core/error.h"
ln -s nowhere "$tree/lib/libmiocene.so"
inode=$(stat -c %i "$old")
"$install" "$tree" >/dev/null || fail "cannot install over itself"
diff -r "$TEST_TMPDIR/first" "$tree" || fail "installed twice is not as once"
[ "$inode" != "$(stat -c %i "$old")" ] ||
    fail "the old library was written over, not replaced"
exec 3<&-

# Mistakes: nothing is written, and the code is not 0.
for wrong in '' --help 'with blanks/in it'; do
    if "$install" "$wrong" >"$TEST_TMPDIR/out" 2>&1; then
        fail "takes '$wrong' for a prefix"
    fi
    [ -s "$TEST_TMPDIR/out" ] || fail "says nothing of '$wrong'"
done
if "$install" >/dev/null 2>&1; then
    fail "takes no prefix at all"
fi
verdict
