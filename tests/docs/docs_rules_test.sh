#!/bin/sh
# tests/docs/docs_rules_test.sh WORKSPACE - each thing that docs_test.py looks
# for is broken once in a copy of the tree, and must be found.
set -eu
here=$PWD
root=$(dirname "$(readlink -f "$1")")
tree=$TEST_TMPDIR/tree
failures=0

check() {
    # shellcheck disable=SC2046  # a list of words
    python3 -B "$here/tests/docs/docs_test.py" "$tree" "$here/docs/headers.py" \
        $(cat "$here/bazel/install/headers.txt")
}

make_tree() {
    rm -rf "$tree"
    mkdir -p "$tree"
    cp -r "$root/docs" "$root/examples" "$root/core" "$root/net" \
        "$root/runtime" "$root/apps" "$root/bazel" "$tree"
    mkdir "$tree/tests"
    cp -r "$root/tests/models" "$tree/tests"
}

# finds WHAT FILE SED: with SED applied to FILE, WHAT is found.
finds() {
    make_tree
    sed -i "$3" "$tree/$2"
    if cmp -s "$tree/$2" "$root/$2"; then
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
# The code is that of the examples, whichever of the two changes.
finds "is not in examples/timers.c" docs/05-timers.md 's/state->beats == 2/state->beats == 3/'
finds "is not in examples/timers.c" examples/timers.c 's/state->beats == 2/state->beats == 3/'
finds "is not in examples/notify.c" docs/07-messages.md '/^\*message = n/d; s/ \*message = n;/ *message = m;/'
finds "which does not exist" docs/06-signals.md 's|^```c examples/signals.c|```c examples/gone.c|'
finds "neither a whole program" docs/05-timers.md 's|^```c examples/timers.c|```c|'
finds "there is no //examples:timer$" docs/05-timers.md 's|//examples:timers|//examples:timer|'
# Links and names.
finds "a link to gone.md" docs/README.md 's|(lifetimes.md)|(gone.md)|'
finds "no such heading" docs/README.md 's|(#the-reference)|(#no-reference)|'
finds "no such heading" core/README.md 's|^## Selectors|## Choosing|'
finds "there is no mio_poll_renew" docs/from-mio.md 's|mio_poll_reregister|mio_poll_renew|'
finds "there is no mio_udp_socket_leave_multicast_v6" net/udp_socket.h 's|leave_multicast_v6|quit_multicast_v6|'
# The lessons are in order, and none is left out.
finds "does not lead to the next" docs/05-timers.md 's|^Next: .*|Next: nothing|'
finds "is not in its place" docs/README.md '/(05-timers.md)/d'
finds "no lesson shows it" docs/03-registering.md 's|examples/modes.c||g'
finds "a lesson of" docs/16-one-reactor-per-core.md '10,80d'
# Each object has its row.
finds "nothing of mio_ring" docs/lifetimes.md '/`mio_ring`/d'
[ "$failures" = 0 ] && echo "each is found"
exit "$failures"
