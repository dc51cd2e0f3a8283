#!/bin/sh
# bazel/run_on_poll.sh PROGRAM ... - starts a test on poll(2) in place of the
# selector that the system would give it; under what valgrind_run.sh says.
# shellcheck disable=SC2086  # a list of words
MIO_SELECTOR=poll exec ${MIO_RUN_UNDER:-} "$@"
