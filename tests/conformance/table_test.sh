#!/bin/sh
# tests/conformance/table_test.sh - README.md's table and the cases find each
# other: every contract has a case or a reason, every case a contract.
set -u
cd "$(dirname "$0")" || exit 1

awk '
function fault(text) { print text; faults++ }

# Cases: cmocka_unit_test(NAME) or any macro of ours around it.
FILENAME ~ /_test\.c$/ {
    file = FILENAME
    sub(/.*\//, "", file)
    line = $0
    while (match(line, /(cmocka_unit_test[a-z_]*|CASE[A-Z_]*)\([a-z0-9_]+/)) {
        name = substr(line, RSTART, RLENGTH)
        sub(/^[^(]*\(/, "", name)
        line = substr(line, RSTART + RLENGTH)
        if (name == "function")
            continue
        if (name in file_of)
            fault(name ": listed twice")
        file_of[name] = file
    }
    if ($0 ~ /^static void [a-z0-9_]+\(void \*\*state\)/) {
        inside = $3
        sub(/\(.*/, "", inside)
    }
    if ($0 ~ /only_on_epoll\(\);/)
        epoll_only[inside] = 1
    next
}

# Headings: "## poll (17)" promises seventeen rows.
/^## [a-z_]+ \([0-9]+\)$/ {
    heading()
    group = $2
    promised = $3
    gsub(/[()]/, "", promised)
    rows = 0
    next
}
/^## / { heading(); group = "" }

function heading() {
    if (group != "" && rows != promised)
        fault(group ": " rows " rows, but the heading says " promised)
}

# Rows: | contract | what it promises | case or why not | selectors |
group != "" && /^\| `/ {
    count = split($0, cell, /[ ]*\|[ ]*/)
    rows++
    if (count != 6) {
        fault($0 ": not four cells")
        next
    }
    contract = cell[2]
    gsub(/`/, "", contract)
    if (contract in seen)
        fault(contract ": twice in the table")
    seen[contract] = 1
    if (cell[4] !~ /^`/) {
        if (cell[4] !~ /^(Rust|Windows|kqueue|FreeBSD): ./ || cell[5] != "-")
            fault(contract ": neither a case nor a reason why not")
        next
    }
    name = cell[4]
    gsub(/`/, "", name)
    wanted = contract
    sub(/\./, "_", wanted)
    if (name != wanted)
        fault(contract ": its case must be called " wanted)
    if (!(name in file_of))
        fault(contract ": no case " name)
    else if (file_of[name] != group "_test.c")
        fault(name ": in " file_of[name] ", not in " group "_test.c")
    covered[name] = 1
    if (cell[5] != (name in epoll_only ? "epoll" : "epoll, poll(2)"))
        fault(contract ": runs on other selectors than the row says")
}

END {
    heading()
    for (name in file_of) {
        total++
        if (!(name in covered))
            fault(name ": a case without a contract")
    }
    if (total == 0)
        fault("no cases at all")
    exit faults > 0
}' ./*_test.c README.md
