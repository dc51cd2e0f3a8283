#!/bin/sh
# docs/reference.sh DIR - writes the reference as HTML pages into DIR:
#
#     ./bazelw run //docs:reference -- DIR
#
# Any warning of Doxygen is a failure.
set -eu
[ $# = 1 ] || {
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
mkdir -p "$1"
out=$(cd "$1" && pwd)

# Bazel starts it among its runfiles, which lie as in the source; `bazelw run`
# comes from wherever you are.
[ -f bazel/install/headers.txt ] || cd "$0".runfiles/*/

headers=$(cat bazel/install/headers.txt)
export MIO_HEADERS="$headers"
# shellcheck disable=SC2086  # a list of words
{
    cat docs/Doxyfile
    echo "INPUT = docs/reference.dox" $headers
    echo "FILTER_PATTERNS = *.dox=cat"
    echo "OUTPUT_DIRECTORY = \"$out\""
    echo "HTML_OUTPUT = ."
} | doxygen -
echo "$out/index.html"
