#!/bin/sh
# tests/docs/headers_rules_test.sh - each thing that headers_test.py looks for is
# taken away once, and must be missed.
set -eu
here=$PWD
tree=$TEST_TMPDIR/tree
failures=0

check() {
    # shellcheck disable=SC2046  # a list of words
    (cd "$tree" && python3 -B "$here/tests/docs/headers_test.py" \
        "$here/docs/headers.py" $(cat bazel/install/headers.txt))
}

make_tree() {
    rm -rf "$tree"
    mkdir -p "$tree"
    cp -rL "$here/bazel" "$here/core" "$here/net" "$here/runtime" "$tree"
    chmod -R u+w "$tree"
}

# misses WHAT FILE SED: with SED applied to FILE, WHAT is found.
misses() {
    make_tree
    sed -i "$3" "$tree/$2"
    if cmp -s "$tree/$2" "$here/$2"; then
        echo "FAILED: $3 changes nothing in $2"
    elif ! check >"$TEST_TMPDIR/found" && grep -q "$1" "$TEST_TMPDIR/found"; then
        return
    else
        echo "FAILED: not found in $2: $1"
        cat "$TEST_TMPDIR/found"
    fi
    failures=$((failures + 1))
}

make_tree
check >"$TEST_TMPDIR/found" || {
    cat "$TEST_TMPDIR/found"
    exit 1
}
misses "mio_waker_wake: no Thread:" core/waker.h 's/Thread: any, sig.*\*/*/'
misses "mio_waker_wake: int, and no" core/waker.h 's/Returns 0 | MIO_ECLOSED/0/'
misses "mio_poll_wait: which thread" core/poll.h 's/Thread: owner/Thread: mine/'
misses "mio_event: no comment" core/event.h '/A value: free to copy/d'
misses "nothing is said of token" core/event.h 's|token; *//*.*|token;|;s|\(mio_token token;\) */\*.*|\1|'
misses "MIO_FOREVER: no comment" core/poll.h 's|\(#define MIO_FOREVER.*\) /\*.*|\1|'
misses "mio_poll: no header says" core/poll.h '/Opaque/d'
misses "there is no mio_nothing" core/source.h 's/mio_source_init)/mio_nothing)/'
misses "there is no MIO_EXIST" core/signals.h 's/MIO_EEXIST/MIO_EXIST/'
misses "says no purpose" net/shutdown.h 's/ - which .*/ *\//'
[ "$failures" = 0 ] && echo "each is missed"
exit "$failures"
