#!/bin/sh
# bazel/compile_commands.sh - writes compile_commands.json at the root, for
# clangd, clang-tidy and editors:
#
#     ./bazelw run //bazel:compile_commands
#     ./bazelw run //bazel:compile_commands -- --config=clang    # or other options
#
# Nothing is compiled. Again when files came or went. (python3 is one of the
# packages that Debian's bazel-bootstrap needs itself.)
set -eu

# The Bazel that started us answers fastest: it has read everything already.
case $0 in
*/execroot/*) base=--output_base=${0%%/execroot/*} ;;
*)
    echo "as ./bazelw run //bazel:compile_commands, please" >&2
    exit 2
    ;;
esac
cd "$BUILD_WORKSPACE_DIRECTORY"

out=compile_commands.json
asked=$(mktemp)
trap 'rm -f "$asked" "$out.new"' EXIT
./bazelw "$base" aquery --noshow_progress --ui_event_filters=-info \
    --output=jsonproto "$@" 'mnemonic("^CppCompile$", //...)' >"$asked"
python3 bazel/compile_commands.py "$PWD" <"$asked" >"$out.new"
mv -f "$out.new" "$out"
