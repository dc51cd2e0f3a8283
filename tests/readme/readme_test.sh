#!/bin/sh
# tests/readme/readme_test.sh README EXAMPLE... - what the README shows is what
# is built: each example stands in it, whole, but for its head comment.
set -eu
readme=$1
shift
failed=0
for example in "$@"; do
    # From the line behind the head comment, blank lines at the start left out.
    code=$(awk 'body && (NF || seen) { print; seen = 1 } / \*\/$|^.*\*\/$/ && !body { body = 1 }' "$example")
    [ -n "$code" ] || { echo "$example: nothing in it"; failed=1; continue; }
    if ! CODE=$code awk '
        { text = text $0 "\n" }
        END { exit index(text, ENVIRON["CODE"] "\n") == 0 }' "$readme"; then
        echo "$readme does not show $example as it is"
        failed=1
    fi
done
exit $failed
