# shellcheck shell=sh
# tests/install/tree.sh INSTALL - installs into $tree. Sourced by the tests,
# which end with `verdict`.
export LC_ALL=C
install=$PWD/$1
here=$PWD
tree=$TEST_TMPDIR/tree
failures=0
unset DESTDIR

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# same WHAT EXPECTED ACTUAL
same() {
    [ "$2" = "$3" ] || fail "$1: not '$2' but '$3'"
}

verdict() {
    [ "$failures" = 0 ] && echo "all is well"
    exit "$failures"
}

"$install" "$tree" >"$TEST_TMPDIR/installed" || {
    echo "FAILED: cannot install"
    exit 1
}
