#!/bin/sh
# tests/tidy/rules_test.sh - each rule of tidy.sh is broken once, in a small
# tree, and must be reported; the tree as it was must not.
set -eu

tidy=$(readlink -f "$(dirname "$0")/tidy.sh")
tree=$(mktemp -d "${TEST_TMPDIR:-/tmp}/tree.XXXXXX")
trap 'rm -rf "$tree"' EXIT
# Without git around it: the search for files has to do.
cd "$tree"

# A tree with one room, and nothing to find in it.
make_tree() {
    rm -rf "$tree"/*
    mkdir -p core/sys tests/core
    cat >core/a.h <<'C'
/* SPDX-License-Identifier: MIT
 *
 * core/a.h - something. */
#ifndef MIO_CORE_A_H
#define MIO_CORE_A_H

#include <stdint.h>

/** Do it.                                                Thread: any. */
MIO_API int mio_a(void);

#endif /* MIO_CORE_A_H */
C
    cat >core/a.c <<'C'
/* SPDX-License-Identifier: MIT
 *
 * core/a.c - something. */
#include "core/a.h"

int mio_a(void)
{
    return 1;
}
C
    cat >core/sys/b.c <<'C'
/* SPDX-License-Identifier: MIT
 *
 * core/sys/b.c - the system. */
#ifdef __linux__
#include <sys/epoll.h>
#endif
C
    sed 's|core/sys/b.c|tests/core/a_test.c|' core/sys/b.c >tests/core/a_test.c
    echo 'srcs = ["a.c", "a.h", "sys/b.c"]' >core/BUILD
    echo 'srcs = ["a_test.c"]' >tests/core/BUILD
    echo 'See [a](a.h) and [the web](https://example.org/).' >core/README.md
    echo 'Tests.' >tests/README.md
}

failures=0
fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# finds RULE: the tree, as broken by the lines above, is reported under RULE and
# under nothing else.
finds() {
    if "$tidy" "$tree" >out; then
        fail "not found: $*"
    elif grep -v '^[0-9]* findings$' out | grep -qv ": $1: "; then
        fail "found something else than $1:"
        cat out
    fi
    make_tree
}

make_tree
"$tidy" "$tree" >out || {
    fail "the good tree is reported:"
    cat out
}
rm -f out

after_head() { # FILE LINE: puts LINE behind the head comment
    printf '%s\n' "$2" >line
    sed -i '3r line' "$1"
    rm line
}

echo 'int x; ' >>core/a.c && finds space
printf '\tint x;\n' >>core/a.c && finds space
printf 'int x;\r\n' >>core/a.c && finds space
printf 'int x;' >>core/a.c && finds space
echo "/* T""ODO: more */" >>core/a.c && finds unfinished
echo "F""IXME" >>core/README.md && finds unfinished
echo "not imp""lemented" >>core/README.md && finds unfinished
echo '/* see /ho''me/me/notes */' >>core/a.c && finds machine

yes '/* */' | head -n 800 >>core/a.c && finds size
{ echo 'void f(void)'; echo '{'; yes '    g();' | head -n 70; echo '}'; } \
    >>core/a.c && finds size

sed -i 1d core/a.c && finds head
sed -i 's|core/a.c - |core/other.c - |' core/a.c && finds head
sed -i 's/MIO_CORE_A_H/MIO_CORE_B_H/' core/a.h && finds guard
sed -i 's/Thread: any/Any thread/' core/a.h && finds contract

after_head core/a.c '#include <sys/epoll.h>' && finds include
after_head core/a.c '#  include <unistd.h>' && finds include
after_head core/a.c '#include <assert.h>' && finds include
after_head core/a.c '#include <errno.h>' && finds include
after_head core/a.c '#include <ck_pr.h>' && finds include
after_head core/sys/b.c '#include <ck_pr.h>' && finds include
after_head core/a.c '#include <jemalloc/jemalloc.h>' && finds include
after_head core/a.c '#include "a.h"' && finds include

echo '#ifdef __linux__' >>core/a.c && finds platform
echo '# if defined(_WIN32)' >>core/a.c && finds platform
echo '#elif defined(__APPLE__)' >>core/a.c && finds platform

echo 'int x = rand();' >>core/a.c && finds seam
echo 'int x = clock_gettime(0, 0);' >>core/a.c && finds seam
echo 'int x = atoi("1");' >>core/a.c && finds unsafe
echo 'int x = (sprintf(p, "x"));' >>core/a.c && finds unsafe

rm core/BUILD && finds room
rm core/README.md && finds room
rm tests/README.md && finds room
echo 'srcs = ["a.h", "sys/b.c"]' >core/BUILD && finds dead
echo 'srcs = ["a.c", "a.h"]' >core/BUILD && finds dead
echo 'srcs = []' >core/sys/BUILD && finds dead
echo 'See [gone](gone.md).' >>core/README.md && finds link

# A tree with nothing in it is a mistake of the caller, no success.
rm -rf "$tree"/*
if "$tidy" "$tree" >/dev/null; then
    fail "an empty tree passes"
fi

[ "$failures" = 0 ] && echo "every rule finds its fault"
exit "$failures"
