#!/bin/sh
# tests/core/readme_test.sh - the program of core/README.md repeats its input
# until the end.
set -eu
said=$(printf 'a line\nanother\n' | cat | tests/core/readme_example |
    sed 's/> //g') # a prompt per read, however the lines were cut
expected=$(printf 'a line\nanother')
if [ "$said" != "$expected" ]; then
    echo "said: $said"
    exit 1
fi
