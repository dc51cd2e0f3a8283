#!/bin/sh
# tests/bench/core/bench_test.sh - one run prints every table.
#
#     bench_test.sh PATH_OF_BENCH
set -eu

out=${TEST_TMPDIR:-/tmp}/bench_test.out
"$1" --quick --rounds 1 --no-callgrind --no-mio >"$out" 2>&1 || {
    cat "$out"
    echo "FAILED: exit status $?"
    exit 1
}

# expect COUNT WHAT PATTERN: so many lines like that.
expect() {
    count=$(grep -c "$3" "$out" || true)
    [ "$count" = "$1" ] || {
        cat "$out"
        echo "FAILED: $2: $count, not $1"
        exit 1
    }
    echo "passed: $2"
}

# 3 chains, 3 registrations and 3 wakes on each selector, 8 of timers.
expect 26 "tables" '^| program '
expect 17 "rows of the base, but where poll(2) has nothing to register" \
    '^| raw epoll  '
expect 6 "rows of the base on poll(2)" '^| raw poll .*1.000'
expect 26 "rows of the core" '^| miocene poll+events .* [0-9.]* *|.*|.*|.*|$'
expect 17 "rows of what was not asked for" '^| Rust mio .*skipped: not asked for'
