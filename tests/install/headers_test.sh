#!/bin/sh
# tests/install/headers_test.sh INSTALL - each installed header compiles alone,
# as C11 and as C++17, with nothing but the installation and libc.
set -eu
. tests/install/tree.sh

warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Werror"

# compile LANGUAGE STANDARD HEADER: twice in a row, for the include guard.
compile() {
    printf '#include <%s>\n#include <%s>\nextern int it;\n' "$3" "$3" |
        gcc -x "$1" -std="$2" $warnings -fsyntax-only -I "$tree/include" - ||
        fail "$3 does not compile alone as $2"
}

cd "$tree/include"
count=0
for header in $(find . -type f | sed 's|^\./||' | sort); do
    compile c c11 "$header"
    compile c++ c++17 "$header"
    below=$(printf '#include <%s>\n' "$header" |
        gcc -x c -std=c11 -M -I "$tree/include" - |
        grep -oE '[^ ]*(/ck_[a-z]+|jemalloc)[^ ]*' || true)
    same "what $header includes of CK and jemalloc" "" "$below"
    count=$((count + 1))
done
[ "$count" -gt 20 ] || fail "only $count headers"

# All together, and linked: what C++ calls is what C has defined.
cat >"$TEST_TMPDIR/all.cc" <<'C'
#include <mio/core.h>
#include <mio/net.h>
#include <mio/net/server.h>
#include <mio/runtime.h>
int main()
{
    return mio_error_text(MIO_EINVAL) == nullptr ||
           mio_usable_cpus_count() == 0;
}
C
g++ -std=c++17 $warnings -I "$tree/include" "$TEST_TMPDIR/all.cc" \
    -o "$TEST_TMPDIR/all" -L "$tree/lib" -lmiocene &&
    LD_LIBRARY_PATH=$tree/lib "$TEST_TMPDIR/all" ||
    fail "all headers in one C++ program"
verdict
