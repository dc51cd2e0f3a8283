#!/bin/sh
# tests/install/complete_test.sh INSTALL WORKSPACE - no header of the tree that
# exports something is forgotten: it is installed. WORKSPACE is a link to the
# real tree, which no sandbox holds.
set -eu
. tests/install/tree.sh
root=$(dirname "$(readlink -f "$2")")

forgotten=$(cd "$root" && grep -rl --include='*.h' '^MIO_API ' core net runtime |
    sort | while read -r header; do
    [ -f "$tree/include/mio/$header" ] || echo "$header"
done)
same "what //bazel/install does not ship" "" "$forgotten"

count=$(cd "$root" && grep -rl --include='*.h' '^MIO_API ' core net runtime |
    wc -l)
[ "$count" -gt 20 ] || fail "only $count headers of the tree export something"
verdict
