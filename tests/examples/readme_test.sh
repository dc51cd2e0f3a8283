#!/bin/sh
# tests/examples/readme_test.sh - examples/README.md and the programs belong
# together: each command that it shows, and each head comment, names a program
# that is built; each source file is in its tables; each program is run by a
# test. Started where examples/ and tests/examples/ are.
set -eu
readme=examples/README.md
failed=0

wrong() {
    echo "$*"
    failed=1
}

# commands FILE: the programs that its commands run.
commands() {
    grep -oE '\./bazelw run //examples:[a-z_]+' "$1" | sed 's/.*://' | sort -u
}

[ -n "$(commands "$readme")" ] || wrong "$readme: shows no command"
for name in $(commands "$readme"); do
    [ -x "examples/$name" ] || wrong "$readme: there is no //examples:$name"
done
for source in examples/*.c; do
    file=${source#examples/}
    grep -qF "[$file]($file)" "$readme" || wrong "$readme: $file is not in it"
    grep -q '^int main(' "$source" || continue
    name=${file%.c}
    [ -x "examples/$name" ] || wrong "$source: is no program"
    grep -qF "//examples:$name\`" "$readme" ||
        grep -qF "//examples:$name --" "$readme" ||
        wrong "$readme: does not say how to run $name"
    [ "$(commands "$source")" = "$name" ] ||
        wrong "$source: its head does not say how to run it"
    grep -qF "\"examples/$name\"" tests/examples/*_test.c ||
        wrong "$source: no test runs it"
done
exit $failed
