#!/bin/sh
# tests/docs/man_pages_test.sh MAN.TAR - the manual pages are good roff, and
# each public function is found by its name.
set -eu
export LC_ALL=C
tree=$TEST_TMPDIR/man
failures=0
fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

mkdir -p "$tree"
tar -C "$tree" -xf "$1"
pages=$tree/share/man/man3

for page in "$pages"/*.3; do
    said=$(groff -man -ww -z "$page" 2>&1) || fail "$page is no page"
    [ -z "$said" ] || fail "$said"
done

# What man -k and man look at: the line below NAME.
sed -n '/^\.SH NAME/{n;p;}' "$pages"/*.3 | sed 's/ \\- .*//' | tr -s ', ' '\n' |
    sort >"$TEST_TMPDIR/named"
# shellcheck disable=SC2046  # a list of words
cat $(cat bazel/install/headers.txt) |
    sed -n 's/^MIO_API.*[ *]\(mio_[a-z0-9_]*\)(.*/\1/p' | sort -u \
    >"$TEST_TMPDIR/declared"
[ "$(wc -l <"$TEST_TMPDIR/declared")" -gt 200 ] || fail "too few functions"
missing=$(comm -13 "$TEST_TMPDIR/named" "$TEST_TMPDIR/declared")
[ -z "$missing" ] || fail "no page names $missing"
twice=$(uniq -d "$TEST_TMPDIR/named")
[ -z "$twice" ] || fail "two pages name $twice"

# has PAGE TEXT: as people see it.
has() {
    groff -man -Tascii -P-c -P-b -P-u -rLL=999n "$pages/$1.3" | tr -s ' \n' '  ' |
        grep -qF -- "$2" || fail "$1(3) does not say: $2"
}
has mio_poll "#include <mio/core/poll.h>"
has mio_poll "int mio_poll_wait(struct mio_poll *self, struct mio_events *events, int64_t timeout_ns);"
has mio_poll "Returns 0 | MIO_EMFILE | MIO_ENFILE"
has mio_waker "Thread: any, signal-safe."
has mio_error "MIO_EAGAIN = -EAGAIN"
has mio_framing "mio_buffer_consume(&in, frame.used);"
has mio_tcp_stream "SEE ALSO"
has mio_assert '1) \ ? (void)0'
[ "$failures" = 0 ] && echo "all is well"
exit "$failures"
