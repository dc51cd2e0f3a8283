#!/bin/sh
# tests/models/table_test.sh WORKSPACE - the table of tests/models is true.
exec "$(dirname "$(readlink -f "$1")")/tests/models/table.py"
