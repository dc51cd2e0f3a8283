#!/bin/sh
# bazel/sanitizer_run.sh - starts a test under ThreadSanitizer.
#
# gcc 12's runtime cannot place its shadow memory where the kernel randomizes
# addresses with more than 28 bits (newer distributions use 32): it dies at the
# start. How many they are only root may read, so the randomizing is turned off
# wherever that is allowed.
if setarch -R true 2>/dev/null; then
    exec setarch -R "$@"
fi
exec "$@"
