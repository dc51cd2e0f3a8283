#!/usr/bin/env python3
"""bazel/compile_commands.py FOLDER <AQUERY - what Bazel would compile, as clang's
tools want to be told.

AQUERY is `bazel aquery --output=jsonproto` of the compilations; out comes a
compile_commands.json for the source tree in FOLDER. See compile_commands.sh.
"""
import json
import sys

# What gcc alone knows, or is about Bazel's own bookkeeping.
DROPPED = ("-fno-canonical-system-headers", "-frandom-seed=", "-MD")

# clang does not know all of gcc's warnings, and -Werror is on.
ADDED = ["-Wno-unknown-warning-option"]


def source_of(arguments):
    """The file that is compiled: what stands behind -c."""
    return arguments[arguments.index("-c") + 1]


def cleaned(arguments):
    """The command without what only Bazel needs."""
    kept = []
    words = iter(arguments)
    for word in words:
        if word == "-MF":
            next(words)
        elif not word.startswith(DROPPED):
            kept.append(word)
    return kept[:1] + ADDED + kept[1:]


def rank(arguments):
    """Of several compilations of one file, the plainest is the one to show:
    twins for tests have more defines."""
    return sum(word.startswith("-D") for word in arguments)


def commands(graph, folder):
    """One entry per file of ours, sorted."""
    best = {}
    for action in graph.get("actions", []):
        arguments = action.get("arguments", [])
        if "-c" not in arguments:
            continue
        source = source_of(arguments)
        if source.startswith(("external/", "bazel-out/")):
            continue
        if source not in best or rank(arguments) < rank(best[source]):
            best[source] = arguments
    return [
        {"directory": folder, "file": source, "arguments": cleaned(best[source])}
        for source in sorted(best)
    ]


def main():
    entries = commands(json.load(sys.stdin), sys.argv[1])
    if not entries:
        sys.exit("compile_commands: nothing is compiled")
    json.dump(entries, sys.stdout, indent=1)
    print()
    print(f"{len(entries)} files", file=sys.stderr)


if __name__ == "__main__":
    main()
