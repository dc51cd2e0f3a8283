#!/bin/sh
# tests/docs/programs_test.sh INSTALL WORKSPACE - the whole programs of the
# guide compile, link against an installation, as its readers will do it, and
# end well.
set -eu
here=$PWD
install=$PWD/$1
root=$PWD/$2
tree=$TEST_TMPDIR/tree
programs=$TEST_TMPDIR/programs
failures=0
unset DESTDIR
"$install" "$tree" >/dev/null
mkdir -p "$programs"
python3 -B "$here/tests/docs/docs_test.py" "$root" "$here/docs/headers.py" \
    --programs "$programs"
for file in "$programs"/*.c; do
    # shellcheck disable=SC2046  # a list of words
    gcc -Wall -Wextra -Werror "$file" -o "${file%.c}" \
        $(PKG_CONFIG_PATH=$tree/lib/pkgconfig \
            pkg-config --cflags --libs miocene-core) || {
        echo "FAILED: does not compile: $(head -n 1 "$file")"
        failures=$((failures + 1))
        continue
    }
    LD_LIBRARY_PATH=$tree/lib timeout 60 "${file%.c}" || {
        echo "FAILED: fails: $(head -n 1 "$file")"
        failures=$((failures + 1))
    }
done
[ "$failures" = 0 ] && echo "$(find "$programs" -name '*.c' | wc -l) programs"
exit "$failures"
