#!/bin/sh
# tests/docs/run_python.sh SCRIPT ARGUMENT... - a test written in Python; a file
# behind an @ holds arguments.
set -eu
script=$1
shift
for argument in "$@"; do
    shift
    case $argument in
    # shellcheck disable=SC2046  # a list of words
    @*) set -- "$@" $(cat "${argument#@}") ;;
    *) set -- "$@" "$argument" ;;
    esac
done
exec python3 -B "$script" "$@"
