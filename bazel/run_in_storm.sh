#!/bin/sh
# bazel/run_in_storm.sh SELECTOR:PROGRAM... - runs test programs one after the
# other while signals interrupt them every 100 us (tests/storm/storm.c), each on
# the selector that stands before it: "epoll", "poll", or nothing for the
# system's own. Shows what those print that fail.
set -u

# One shard of several runs each so-manieth.
shards=${TEST_TOTAL_SHARDS:-1}
shard=${TEST_SHARD_INDEX:-0}
[ -z "${TEST_SHARD_STATUS_FILE:-}" ] || : >"$TEST_SHARD_STATUS_FILE"

log=$(mktemp "${TEST_TMPDIR:-/tmp}/storm.XXXXXX")
trap 'rm -f "$log"' EXIT

number=0
count=0
failures=0
for word in "$@"; do
    number=$((number + 1))
    [ $((number % shards)) -eq "$shard" ] || continue
    selector=${word%%:*}
    program=${word#*:}
    count=$((count + 1))
    started=$(date +%s)
    # What hangs is named, too.
    if MIO_STORM=1 MIO_SELECTOR=$selector \
        timeout 60 "./$program" >"$log" 2>&1; then
        echo "ok $word: $(($(date +%s) - started)) s"
    else
        status=$?
        failures=$((failures + 1))
        cat "$log"
        echo "FAILED $word: $status"
    fi
done

echo "$count programs, $failures failed"
[ "$count" -gt 0 ] && [ "$failures" -eq 0 ]
