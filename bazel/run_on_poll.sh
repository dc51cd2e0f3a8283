#!/bin/sh
# bazel/run_on_poll.sh PROGRAM ... - starts a test on poll(2) in place of the
# selector that the system would give it.
MIO_SELECTOR=poll exec "$@"
