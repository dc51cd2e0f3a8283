#!/bin/sh
# tests/install/symbols_test.sh INSTALL - what the libraries export and need.
set -eu
. tests/install/tree.sh

# declared UMBRELLA...: the functions that these public headers declare. gcc
# lists them; those that are defined there (static inline) are not meant.
declared() {
    printf '#include "mio/%s"\n' "$@" >"$TEST_TMPDIR/all.c"
    gcc -std=c11 -fsyntax-only -aux-info "$TEST_TMPDIR/all.list" \
        -I "$tree/include" "$TEST_TMPDIR/all.c"
    grep -F "$tree/include/mio/" "$TEST_TMPDIR/all.list" |
        sed -nE 's|^/\* [^ ]*:[0-9]+:NC \*/ extern [^(]*[ *]([a-z0-9_]+) \(.*|\1|p' |
        sort -u
}

# exported LIBRARY: the symbols, with their versions; not the version itself.
exported() {
    nm -D --defined-only --with-symbol-versions "$1" |
        awk '$2 != "A" { print $3 }' | sort
}

# dynamic TAG LIBRARY
dynamic() {
    readelf -dW "$2" | sed -n "s/.*($1).*\[\(.*\)\]/\1/p"
}

version=$(sed -n 's/^Version: //p' "$tree/lib/pkgconfig/miocene.pc")
node=MIOCENE_${version%.*}

# check NAME HEADER...
check() {
    name=$1
    library=$tree/lib/lib$1.so
    archive=$tree/lib/lib$1.a
    shift
    declared "$@" >"$TEST_TMPDIR/declared"
    [ "$(wc -l <"$TEST_TMPDIR/declared")" -gt 100 ] ||
        fail "$name: hardly a function is declared: is the list read right?"

    # Exported is what is declared, all of it and nothing else.
    exported "$library" >"$TEST_TMPDIR/exported"
    sed "s/\$/@@$node/" "$TEST_TMPDIR/declared" |
        diff -u --label "declared in the headers" \
            --label "exported by lib$name.so" - "$TEST_TMPDIR/exported" ||
        fail "lib$name.so does not export what is declared"
    same "lib$name.so exports besides mio_*" "" \
        "$(grep -v '^mio_' "$TEST_TMPDIR/exported" || true)"

    # The archive defines them too, and leaves all names but mio_* to others.
    nm --defined-only "$archive" | awk 'NF == 3 && $2 ~ /[A-Z]/ { print $3 }' |
        sort >"$TEST_TMPDIR/defined"
    same "lib$name.a defines besides mio_*" "" \
        "$(grep -v '^mio_' "$TEST_TMPDIR/defined" || true)"
    same "lib$name.a does not define" "" \
        "$(comm -23 "$TEST_TMPDIR/declared" "$TEST_TMPDIR/defined")"
    same "lib$name.a defines twice" "" "$(uniq -d "$TEST_TMPDIR/defined")"

    nm --undefined-only "$archive" | awk '$1 == "U" && $2 ~ /^mio_/ { print $2 }' |
        sort -u >"$TEST_TMPDIR/wanted"
    same "lib$name.a wants of ours and has not" "" \
        "$(comm -23 "$TEST_TMPDIR/wanted" "$TEST_TMPDIR/defined")"

    # The same objects make the same archive, and each can be taken out.
    same "lib$name.a: members with an owner or a time" "" \
        "$(TZ=UTC ar tv "$archive" | grep -v ' 0/0 .* Jan  1 00:00 1970 ' ||
            true)"
    same "lib$name.a: members of one name" "" \
        "$(ar t "$archive" | sort | uniq -d)"

    same "soname of lib$name.so" "lib$name.so.${version%%.*}" \
        "$(dynamic SONAME "$library")"
    same "run path of lib$name.so" "" "$(dynamic 'R[A-Z]*PATH' "$library")"
    same "text relocations of lib$name.so" "" \
        "$(readelf -dW "$library" | grep TEXTREL || true)"
}

check miocene-core core.h net.h
check miocene core.h net.h runtime.h net/server.h net/inspector.h

# core and net need libc alone, and start no thread.
core=$tree/lib/libmiocene-core
same "what libmiocene-core.so needs" "libc.so.6" "$(dynamic NEEDED "$core.so")"
same "what it loads" "" \
    "$(ldd "$core.so" | grep -vE 'linux-vdso|libc\.so\.6|ld-linux' || true)"
for wanted in "$(nm -D --undefined-only "$core.so")" \
    "$(nm --undefined-only "$core.a")"; do
    same "what core would start" "" "$(printf '%s\n' "$wanted" |
        grep -E ' (pthread_create|thrd_create|clone3?|v?fork|posix_spawn)' ||
        true)"
done

# Memory comes from an allocator that an object was given, or through the one
# file that asks libc for it.
nm -A --undefined-only "$core.a" |
    sed -nE 's/.*core_([a-z_0-9]+\.o):.* U (malloc|calloc|realloc|reallocarray|free|strn?dup|v?asprintf|getline|open_memstream|[a-z_]*memalign|aligned_alloc|p?valloc|mmap(64)?|mremap|s?brk)$/\1 \2/p' \
    >"$TEST_TMPDIR/allocating"
same "who asks libc for memory in libmiocene-core.a" \
    "allocator.o calloc allocator.o free allocator.o malloc allocator.o realloc" \
    "$(sort "$TEST_TMPDIR/allocating" | xargs)"

# Nor have they state that the polls of a program share, but for this, which
# may be written to and is in no object of the caller's:
#   signals_posix  the process has one table of signals, and so have we: who
#                  watches, what was before, and the lock of both
#   random_posix   a count, for systems that have no getentropy
objdump -t "$core.a" | awk '
    /file format/ { object = $1; sub(/^core_/, "", object); next }
    NF > 3 && $(NF - 1) !~ /^0+$/ &&
        $(NF - 2) ~ /^(\.t?(bss|data)|\*COM\*)/ &&
        $(NF - 2) !~ /^\.data\.rel\.ro/ { print object, $NF }' \
    >"$TEST_TMPDIR/writable"
grep -q '^signals_posix.o: places' "$TEST_TMPDIR/writable" ||
    fail "not even the table of signals: is the list read right?"
same "state that is shared in libmiocene-core.a" \
    "random_posix.o: calls_count signals_posix.o: actions_before signals_posix.o: lock signals_posix.o: places signals_posix.o: places_count signals_posix.o: watchers_count" \
    "$(sed 's/\.[0-9]*$//' "$TEST_TMPDIR/writable" | sort | xargs)"

# All of it: jemalloc besides; libstdc++ and libm, which Bazel links, are not
# needed.
same "what libmiocene.so needs" "libc.so.6 libjemalloc.so.2" \
    "$(dynamic NEEDED "$tree/lib/libmiocene.so" | sort | xargs)"
verdict
