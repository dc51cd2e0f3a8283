#!/bin/sh
# tests/bench/chat/faults_test.sh - the load program must call a liar a liar.
#
#     faults_test.sh PATH_OF_LOAD
#
# The floor server does one kind of wrong on purpose; load must exit with 1 and
# name that kind. An honest floor must pass.
set -eu

load=$1
out=${TEST_TMPDIR:-/tmp}/faults_test.out

# run SERVER [OPTION...]: a short load; its exit status goes to $status.
run() {
    server=$1
    shift
    status=0
    "$load" --server "$server" --connections 20 --channels 2 --duration 0.2 \
        --warmup 0 --syscalls 0 "$@" >"$out" 2>&1 || status=$?
}

fail() {
    echo "FAILED: $1"
    cat "$out"
    exit 1
}

# expect_clean OPTION...: an honest server passes.
expect_clean() {
    run floor "$@" --patience 30
    [ "$status" = 0 ] || fail "an honest server was refused ($*)"
    echo "passed: an honest server ($*)"
}

# expect_fault FAULT WORDS OPTION...: load exits with 1 and says WORDS.
expect_fault() {
    fault=$1
    words=$2
    shift 2
    run "floor:fault=$fault" "$@" --patience 0.3
    [ "$status" = 1 ] || fail "$fault: exit status $status, not 1 ($*)"
    grep -q "! $words: [1-9]" "$out" || fail "$fault: not \"$words\" ($*)"
    echo "passed: $fault is reported as \"$words\" ($*)"
}

expect_clean --in-flight 8
expect_clean --rate 2000
expect_clean --in-flight 8 --echo
expect_clean --rate 2000 --stalled 2 --payload 400
expect_fault lose "deliveries lost" --rate 2000
expect_fault lose "deliveries lost" --in-flight 8
expect_fault duplicate "deliveries twice" --rate 2000
expect_fault echo "deliveries to the wrong client" --rate 2000
expect_fault damage "lines damaged" --rate 2000
expect_fault swap "deliveries against their channel's order" --in-flight 8
expect_fault swap "receivers that saw another order" --in-flight 8
expect_fault swap "deliveries out of their sender's order" --in-flight 64 --echo
