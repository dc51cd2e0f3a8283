#!/bin/sh
# tests/tidy/tidy.sh - checks the tree against the rules of CONTRIBUTING.md that
# a machine can tell. Prints one line per finding.
#
#     tests/tidy/tidy.sh [ROOT | A_FILE_IN_ROOT]
#
# As a test it is given WORKSPACE, a link that leads to the real source tree.
set -eu

rules=$(dirname "$(readlink -f "$0")")/code.awk
root=$(readlink -f "${1:-$(dirname "$0")/../..}")
[ -d "$root" ] || root=$(dirname "$root")
cd "$root"

findings=$(mktemp "${TEST_TMPDIR:-/tmp}/tidy.XXXXXX")
trap 'rm -f "$findings"' EXIT

# What git knows and does not ignore; without git, what looks like ours.
# (safe.directory: the clone may belong to somebody else than who tests.)
all_files() {
    git -c safe.directory='*' ls-files --cached --others --exclude-standard \
        2>/dev/null ||
        find . -name '.?*' -prune -o -name 'bazel-*' -prune -o -type f -print |
        sed 's|^\./||'
}

# Of these, the text that people write, as far as it exists.
files=$(all_files | sort | while read -r file; do
    case $file in
    *.c | *.h | *.sh | *.py | *.bzl | *.md | *BUILD | WORKSPACE | bazelw | .*)
        [ -f "$file" ] && printf '%s\n' "$file"
        ;;
    esac
done)
[ -n "$files" ] || {
    echo "$root: no source files, so nothing was checked"
    exit 1
}

# shellcheck disable=SC2086  # a list of words; our paths have no blanks
awk -f "$rules" $files >>"$findings"

# A file ends with a newline, or tools that append to it join two lines.
for file in $files; do
    [ -z "$(tail -c 1 "$file")" ] || echo "$file: space: no newline at the end"
done >>"$findings"

# room_of FILE: the nearest folder above it with a BUILD, or nothing.
room_of() {
    room=${1%/*}
    until [ -f "$room/BUILD" ]; do
        case $room in
        */*) room=${room%/*} ;;
        *)
            room=
            break
            ;;
        esac
    done
}

# Each room has a README.md too. The tests mirror the tree, and share one; a
# sys/ folder is told of in the README of the room around it.
for file in $files; do
    case $file in
    */*.[ch])
        room_of "$file"
        case $room in
        '') echo "${file%/*}: room: has no BUILD" ;;
        tests/*) [ -f tests/README.md ] || echo "tests: room: has no README.md" ;;
        bazel/*) [ -f bazel/README.md ] || echo "bazel: room: has no README.md" ;;
        */sys) ;;
        *) [ -f "$room/README.md" ] || echo "$room: room: has no README.md" ;;
        esac
        ;;
    esac
done | sort -u >>"$findings"

# Each file is part of the build: one that is not is never compiled. A BUILD
# names it in full, or, in a list comprehension, its noun.
for file in $files; do
    case $file in
    */*.[ch])
        room_of "$file"
        [ -n "$room" ] || continue
        name=${file#"$room"/}
        noun=${name%.[ch]}
        grep -qE "glob\(|\"($name|$noun|${noun%_test})\"" "$room/BUILD" ||
            echo "$file: dead: not in $room/BUILD"
        ;;
    esac
done >>"$findings"

# Links between the pages lead somewhere.
for file in $files; do
    case $file in
    *.md)
        dir=.
        case $file in */*) dir=${file%/*} ;; esac
        sed '/^```/,/^```/d' "$file" | grep -oE '\]\([^)# ]+' | sed 's/^](//' |
            while read -r target; do
                case $target in *:*) continue ;; esac
                [ -e "$dir/$target" ] ||
                    echo "$file: link: $target does not exist"
            done
        ;;
    esac
done >>"$findings"

if [ -s "$findings" ]; then
    cat "$findings"
    echo "$(wc -l <"$findings") findings"
    exit 1
fi
# shellcheck disable=SC2086
echo "$(printf '%s\n' $files | wc -l) files, nothing found"
