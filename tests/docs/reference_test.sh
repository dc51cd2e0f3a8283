#!/bin/sh
# tests/docs/reference_test.sh REFERENCE - Doxygen reads our headers without a
# warning, and the pages have what the headers say.
set -eu
out=$TEST_TMPDIR/reference
"$1" "$out" >"$TEST_TMPDIR/said" 2>&1 || {
    cat "$TEST_TMPDIR/said"
    echo "FAILED: Doxygen"
    exit 1
}
failures=0

# has PAGE TEXT: the words of a page, without its marks.
has() {
    sed 's/<[^>]*>/ /g' "$out/$1" | tr -s ' \n' '  ' | grep -qF "$2" || {
        echo "FAILED: $1 does not say: $2"
        failures=$((failures + 1))
    }
}

has poll_8h.html "int mio_poll_register"
has poll_8h.html "MIO_EPERM (a handle that cannot be watched"
has poll_8h.html "Thread any; of two that register one source, one succeeds."
has poll_8h.html "a timeout_ns that never expires"
has structmio__event__loop__options.html "timeouts at once; 0 = 65536"
has error_8h.html "would block, wait for readiness"
has structmio__counters.html "readiness events"
has udp__socket_8h.html "int mio_udp_socket_leave_multicast_v6"
has structmio__poll.html "Opaque: one per thread that waits."
# A name is a link to what it names.
grep -q 'href="poll_8h.html#[^>]*>mio_poll_register</a>' \
    "$out/event__loop_8h.html" || {
    echo "FAILED: event_loop.h has no link to mio_poll_register"
    failures=$((failures + 1))
}
# What is private stays so.
! grep -rqs 'begin; *</td>\|next_free' "$out"/structmio__slab*.html || {
    echo "FAILED: private fields are shown"
    failures=$((failures + 1))
}
[ "$failures" = 0 ] && echo "all is well"
exit "$failures"
