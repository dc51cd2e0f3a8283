#!/bin/sh
# Installs Miocene's libraries and headers below PREFIX:
#
#     ./bazelw run //:install -- PREFIX
#
# A relative PREFIX begins where you are. With DESTDIR in the environment the
# files go to $DESTDIR/PREFIX, and speak of PREFIX.
set -eu

usage() {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

# Bazel puts the folder next to this program, also where a test runs it.
from=$(dirname "$0")/tree

# bazelw starts programs where you are, bazel alone starts them among their
# runfiles, and says where you are.
here=$PWD
case $here in
*.runfiles/*) here=${BUILD_WORKING_DIRECTORY:-$here} ;;
esac

[ $# = 1 ] || usage
case $1 in
'' | -*) usage ;;
/*) prefix=$1 ;;
*) prefix=$here/$1 ;;
esac
# Nothing that a pkg-config file or a shell would read as more than one word.
case $prefix in
*[!A-Za-z0-9_./+@:,~-]*)
    echo "install: a prefix of letters, digits and _./+@:,~- please: $prefix" >&2
    exit 2
    ;;
esac
[ "$prefix" = / ] || prefix=${prefix%/}
destdir=${DESTDIR:-}
case $destdir in
'' | /*) ;;
*) destdir=$here/$destdir ;;
esac
to=$destdir$prefix

# Each file is written beside its place and then renamed: who runs with the old
# one, or reads it just now, is not disturbed.
put() { # MODE FILE, from stdin
    mkdir -p "$(dirname "$to/$2")"
    cat >"$to/$2.new"
    chmod "$1" "$to/$2.new"
    mv -f "$to/$2.new" "$to/$2"
    printf '%s\n' "$to/$2"
}

# link TARGET FILE: likewise.
link() {
    ln -sfn "$1" "$to/$2.new"
    mv -fT "$to/$2.new" "$to/$2"
    printf '%s\n' "$to/$2"
}

# The loader asks for libX.so.MAJOR, the linker for libX.so.
links_of() {
    plain=${1%%.so.*}.so
    version=${1#"$plain".}
    major=${version%%.*}
    link "${1##*/}" "$plain.$major"
    link "${plain##*/}.$major" "$plain"
}

umask 022
# (Where a test runs this, the files are links to the real ones.)
(cd "$from" && find -L . -type f | sort) | while read -r file; do
    file=${file#./}
    case $file in
    *.pc) sed "s|@PREFIX@|$prefix|g" "$from/$file" | put 644 "$file" ;;
    *.so.*)
        put 755 "$file" <"$from/$file"
        links_of "$file"
        ;;
    *) put 644 "$file" <"$from/$file" ;;
    esac
done
