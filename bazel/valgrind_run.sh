#!/bin/sh
# bazel/valgrind_run.sh PROGRAM ... - starts a test under valgrind's memcheck,
# for --config=valgrind. A wrong access fails the test, and so does memory that
# is lost, or a descriptor that the program opened and left open.
#
# A test that is a script is not looked at; it starts its program with
# $MIO_RUN_UNDER before it (bazel/run_on_poll.sh).
set -u

log=$(mktemp "${TEST_TMPDIR:-/tmp}/valgrind.XXXXXX")
trap 'rm -f "$log" "$log".*' EXIT

# Some tests ask (tests/core/check.h).
export MIO_VALGRIND=1

# What a forked child leaves open is its parent's business.
valgrind="valgrind --quiet --error-exitcode=99 --leak-check=full
    --errors-for-leak-kinds=definite,indirect,possible
    --track-fds=yes --child-silent-after-fork=yes --log-file=$log.%p"

# An ELF program, unless it is a script.
if [ "$(head -c 4 "$1" | tail -c 3)" = ELF ]; then
    # shellcheck disable=SC2086  # a list of words
    $valgrind "$@"
else
    MIO_RUN_UNDER=$valgrind "$@"
fi
status=$?

set -- "$log".*
[ -e "$1" ] || exit "$status" # a script that starts nothing under it

# Of a system call that it does not know, valgrind says ENOSYS to the program
# and five lines to us. Paragraphs of descriptors that it did not open itself
# are of no interest, either.
awk '
    /unhandled .* syscall|^--.*(able to write your own handler|README_MISSING_SYSCALL|consider this a bug|valgrind\.org)/ {
        next
    }
    { line = $0; sub(/^==[0-9]+== ?/, "", line) }
    line ~ /^FILE DESCRIPTORS/ || line == "" { next }
    line ~ /^Open / { open = $0; next }
    open != "" && line ~ /inherited from parent/ { open = ""; next }
    open != "" { print open; open = ""; left++ }
    { print }
    END { exit left > 0 }
' "$@" || [ "$status" -ne 0 ] || status=98
exit "$status"
