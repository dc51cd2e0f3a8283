#!/bin/sh
# tests/bench/core/workloads_test.sh - a peer does what it is told, all of it.
#
#     workloads_test.sh PATH_OF_PEER
set -eu

peer=$1
dir=${TEST_TMPDIR:-/tmp}
failures=0

# ask "COMMAND N, ..." WORKLOAD...: its answers, of each the count; false if it
# has no such workload.
ask() {
    printf '%s\n' "$1" | tr ',' '\n' | sed 's/^ *//; /^$/d' >"$dir/script"
    shift
    "$peer" "$@" <"$dir/script" >"$dir/out" || {
        echo "FAILED: $*: exit status $?"
        exit 1
    }
    if grep '^skip' "$dir/out"; then
        return 1
    fi
    answers=$(sed 1d "$dir/out" | cut -d ' ' -f 1 | tr '\n' ' ')
}

# expect WHAT WANTED: WANTED is a pattern of the counts.
expect() {
    # shellcheck disable=SC2254  # a pattern
    case $answers in
    $2) echo "passed: $1" ;;
    *)
        echo "FAILED: $1: $answers, not $2"
        failures=$((failures + 1))
        ;;
    esac
}

# A loop may handle the rest of its batch, so at least so many events.
if ask "event 50, event 1, left 0" chain 20 4; then
    expect "no byte of a chain is lost" "5? * 4 "
fi
if ask "event 500, event 500, left 0" chain 300 300; then
    expect "nor where each pipe has one" "*[0-9][0-9][0-9] * 300 "
fi

# Beside what the loop watches for itself. libev never tells the kernel that it
# is interested no more; others watch something of their own from the first
# look on; on poll(2) nothing is seen here.
if ask "register 1, deregister 1, watched 0,
    register 30, watched 0, reregister 30, watched 0,
    deregister 30, watched 0, register 10, watched 0" registry 30; then
    # shellcheck disable=SC2086  # the words of a line
    set -- $answers
    shift 2
    own=$1
    if [ "$3" = "$own" ]; then
        echo "skipped: what is watched, which this selector does not show"
    else
        answers="$(($3 - own)) $(($5 - own)) $(($7 - own)) $(($9 - own))"
        wanted="30 30 0 10"
        case $peer in
        */ev) wanted="29 29 29 29" ;;
        esac
        expect "the kernel knows each registration" "$wanted"
    fi
fi

if ask "asleep 20, awake 20, own 20, coalesced 20, own 1" wake; then
    expect "each wake is seen, many under way as one" "20 20 20 20 1 "
fi

if ask "insert 100, rearm 250, drain 0, drain 0" timers 100 20; then
    expect "each timer fires once" "100 250 100 0 "
fi
if ask "insert 100, rearm 100, cancel 40, drain 0" timers 100 20; then
    expect "but for those that were cancelled" "100 100 40 60 "
fi
if ask "insert 100, cancel 100, fire 100, drain 0" timers 100 60; then
    expect "all that are due fire at one look" "100 100 100 0 "
fi

[ "$failures" = 0 ]
