#!/bin/sh
# tests/bazel/compile_commands_test.sh COMPILE_COMMANDS.PY - from what Bazel says
# of a small tree to commands that work in it.
set -eu
tool=$PWD/$1
cd "$TEST_TMPDIR"
failures=0
fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# action DEFINES SOURCE OBJECT: as aquery prints one of gcc's.
action() {
    printf '{"mnemonic": "CppCompile", "arguments": ["/usr/bin/gcc", "-MD",
        "-MF", "out/no/such/folder/%s.d", "-frandom-seed\\u003dout/%s.o", %s
        "-iquote", ".", "-Wall", "-Wno-free-nonheap-object", "-Werror",
        "-fno-canonical-system-headers", "-D__DATE__\\u003d\\"redacted\\"",
        "-Wno-builtin-macro-redefined", "-c", "%s", "-o", "%s.o"]}' \
        "$3" "$3" "$1" "$2" "$3"
}

mkdir room
echo '#define ANSWER 42' >room/b.h
printf '#include "room/b.h"\n#if defined(TWIN) || !defined(SAID)\n' >room/b.c
printf '#error "the wrong command"\n#endif\nint b(void) { return ANSWER; }\n' \
    >>room/b.c
echo 'int a(void); int a(void) { return 1; }' >room/a.c
{
    echo '{"actions": ['
    action '"-DSAID", "-DTWIN",' room/b.c twin
    echo ,
    action '"-DSAID",' room/b.c plain
    echo ,
    action '"-DSAID", "-DTWIN",' room/b.c other_twin
    echo ,
    action '' room/a.c a
    echo ,
    action '' external/theirs/c.c c
    echo ', {"mnemonic": "CppCompile"}, {"arguments": ["ar"]} ]}'
} >graph

python3 "$tool" "$PWD" <graph >compile_commands.json 2>said ||
    fail "cannot read the graph"
[ "$(cat said)" = "2 files" ] || fail "says: $(cat said)"

# Each of ours once, in order; and the command, run where it says, compiles it
# with the compilers that read such files.
cat >check.py <<'PY'
import json
import subprocess
import sys

entries = json.load(open("compile_commands.json"))
files = [entry["file"] for entry in entries]
if files != ["room/a.c", "room/b.c"]:
    sys.exit(f"files: {files}")
for entry in entries:
    words = entry["arguments"]
    subprocess.run(words, cwd=entry["directory"], check=True)
    strange = [word for word in words if word.startswith(
        ("-M", "out/", "-frandom-seed", "-fno-canonical-system-headers"))]
    if strange:
        sys.exit(f"{entry['file']}: clang's tools do not know {strange}")
    # clang refuses what it does not know, unless told that gcc is meant.
    if "-Wno-unknown-warning-option" not in words[:words.index("-Wall")]:
        sys.exit(f"{entry['file']}: gcc's warnings are errors to clang")
PY
python3 check.py || fail "the commands do not work"

# Nothing to compile is a mistake of who asks.
if echo '{"actions": []}' | python3 "$tool" "$PWD" >/dev/null 2>&1; then
    fail "nothing is compiled, and that is fine with it"
fi
[ "$failures" = 0 ] && echo "all is well"
exit "$failures"
