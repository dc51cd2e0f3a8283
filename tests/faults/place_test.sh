#!/bin/sh
# tests/faults/place_test.sh WORKSPACE - each fault of the list has its place.
exec "$(dirname "$(readlink -f "$1")")/tests/faults/faults.py" --check
