#!/bin/sh
# tests/models/spin.sh MODEL.pml [WEAKENING] - has spin look through all that
# can happen in a model. Without a weakening nothing may be wrong; with one,
# something must be.
set -eu
model=$(readlink -f "$1")
weakening=${2:-}
work=$(mktemp -d "${TEST_TMPDIR:-/tmp}/spin.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
cp "$model" model.pml

command -v spin >/dev/null || {
    echo "spin is missing: ./bazelw installs it"
    exit 1
}
spin -a ${weakening:+"-D$weakening"} model.pml >spin.log 2>&1 && [ -f pan.c ] || {
    cat spin.log
    exit 1
}
# Safety only: a wake that is lost is a state in which nobody can go on.
gcc -O2 -w -DSAFETY -DNOFAIR -DVECTORSZ=4096 -o pan pan.c
./pan -m200000 >pan.log 2>&1 || true

grep -E '^pan:|errors:|states, stored|depth reached|elapsed' pan.log || true

# What was not looked at proves nothing.
if grep -qE 'max search depth too small|out of memory|search not completed|VECTORSZ' pan.log &&
    [ -z "$weakening" ]; then
    echo "not all of it was looked at"
    exit 1
fi
errors=$(sed -n 's/.*errors: \([0-9]*\)$/\1/p' pan.log)
case $weakening:$errors in
:0) ;;
:*)
    echo "wrong:"
    [ ! -f model.pml.trail ] || spin -t -p -g -l model.pml | tail -60
    exit 1
    ;;
*:0 | *:)
    echo "nothing is wrong, in spite of $weakening"
    exit 1
    ;;
esac
# Parts that are never reached prove nothing either.
if [ -z "$weakening" ] && grep '^	model.pml:' pan.log | grep -v -e '-end-' -e '"(1)"'; then
    echo "never reached"
    exit 1
fi
