#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tests/faults/faults.py - puts known faults into the library, one at a time,
in a copy of the tree, and tells which test notices each.

    tests/faults/faults.py                    all of them
    tests/faults/faults.py --only wheel       those whose name or file has it
    tests/faults/faults.py --check            only: does each still apply?

A fault is a paragraph of faults.txt; README.md tells how one is written. Ends
with "N faults, N caught, N survived", and with 1 unless all were caught.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))
LIST = os.path.join(ROOT, "tests", "faults", "faults.txt")

# Bazel's exit codes.
ALL_PASSED = 0
SOME_FAILED = 3

# What a fault leaves over is no reason not to build.
LENIENT = "".join(
    '#pragma GCC diagnostic ignored "-W%s"\n' % warning
    for warning in ["empty-body", "unused-but-set-parameter",
                    "unused-but-set-variable", "unused-function",
                    "unused-parameter", "unused-variable"])

# A fault may make a program wait for ever; a sound test takes as long as that
# on a busy machine alone.
TIMEOUT_S = 45
SANITIZED_TIMEOUT_S = 120
SOUND_TIMEOUT_S = 900

# Some show only in one moment of many. What seems to survive has that many
# more chances not to.
MORE_RUNS = 10


class Fault:
    """One change to one file, and the tests that must notice it."""

    def __init__(self, name):
        self.name = name
        self.file = None
        self.old = []
        self.new = []
        self.tests = []
        self.config = None

    def pattern(self):
        """Finds the old text, however it is indented and broken."""
        words = " ".join(self.old).split()
        return re.compile(r"\s+".join(re.escape(word) for word in words))

    def apply_to(self, text):
        """The text with the fault, or None if there is no one place for it."""
        if len(self.pattern().findall(text)) != 1:
            return None
        new = "\n".join(self.new)
        return self.pattern().sub(lambda _: new, text)


def read_list(path):
    """The faults of a list. A mistake in it is an error with its line."""
    faults = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            word, _, rest = line.partition(" ")
            rest = rest.strip()
            if word == "fault":
                faults.append(Fault(rest))
                continue
            fault = faults[-1]
            if word == "in":
                fault.file = rest
            elif word == "-":
                fault.old.append(rest)
            elif word == "+":
                fault.new.append(rest)
            elif word == "by":
                fault.tests += rest.split()
            elif word == "config":
                fault.config = rest
            else:
                sys.exit("%s:%d: not understood" % (path, number))
    names = [fault.name for fault in faults]
    for fault in faults:
        if not (fault.file and fault.old and fault.tests):
            sys.exit("%s: incomplete" % fault.name)
        if names.count(fault.name) > 1:
            sys.exit("%s: twice in the list" % fault.name)
    return faults


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def copy_tree(to):
    """What git knows or would know of the tree; a build can run beside it."""
    names = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached",
         "--others", "--exclude-standard"],
        cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout.decode()
    for name in filter(None, names.split("\0")):
        source = os.path.join(ROOT, name)
        if not os.path.exists(source):
            continue
        target = os.path.join(to, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy2(source, target)


class Tree:
    """A copy of the tree with a build of its own."""

    def __init__(self, place):
        self.place = os.path.join(place, "tree")
        self.base = os.path.join(place, "base")
        copy_tree(self.place)

    def bazel(self, *words):
        return subprocess.run(
            ["bazel", "--output_base=" + self.base] + list(words),
            cwd=self.place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, check=False)

    def test(self, tests, config, limit=None, runs=1):
        """Bazel's exit code, and what it printed."""
        if limit is None:
            limit = TIMEOUT_S if config is None else SANITIZED_TIMEOUT_S
        words = ["test", "--noshow_progress", "--keep_going",
                 "--symlink_prefix=" + os.path.join(self.place, "..", "out-"),
                 "--test_timeout=%d" % limit, "--runs_per_test=%d" % runs]
        if config is not None:
            words.append("--config=" + config)
        done = self.bazel(*words, *tests)
        return done.returncode, done.stdout.decode(errors="replace")

    def close(self):
        self.bazel("shutdown")
        # Bazel takes the right to write from what it made.
        subprocess.run(["chmod", "-R", "u+w", self.base], check=False)


def who_noticed(output):
    """The cases that failed, or else the programs."""
    cases = re.findall(r"^\[  FAILED  \] (\w+)$", output, re.MULTILINE)
    if not cases:
        cases = re.findall(r"^//\S*:(\S+) +(?:FAILED|TIMEOUT)", output,
                           re.MULTILINE)
    unique = list(dict.fromkeys(cases))
    return ", ".join(unique[:3]) + (", ..." if len(unique) > 3 else "")


def try_fault(tree, fault):
    """A line of the report, and whether the fault was caught."""
    path = os.path.join(tree.place, fault.file)
    sound = read(path)
    faulty = fault.apply_to(sound)
    if faulty is None:
        return "does not apply to " + fault.file, False
    write(path, LENIENT + faulty)
    code, output = tree.test(fault.tests, fault.config)
    if code == ALL_PASSED:
        code, output = tree.test(fault.tests, fault.config, runs=MORE_RUNS)
    write(path, sound)
    if code == SOME_FAILED:
        return "caught by " + who_noticed(output), True
    if code == ALL_PASSED:
        return "SURVIVED " + " ".join(fault.tests), False
    return "does not build:\n" + output, False


def check(faults):
    """Whether each fault has its place. Nothing is built."""
    lost = 0
    for fault in faults:
        path = os.path.join(ROOT, fault.file)
        if not os.path.exists(path) or fault.apply_to(read(path)) is None:
            print("%s: no one place for it in %s" % (fault.name, fault.file))
            lost += 1
    print("%d faults, %d without a place" % (len(faults), lost))
    return lost == 0


def sound_tree_passes(tree, faults):
    """A test that fails anyway notices nothing."""
    for config in dict.fromkeys(fault.config for fault in faults):
        tests = sorted({test for fault in faults if fault.config == config
                        for test in fault.tests})
        code, output = tree.test(tests, config, SOUND_TIMEOUT_S)
        if code != ALL_PASSED:
            print(output)
            print("the tests fail without any fault")
            return False
    return True


def run(faults):
    place = tempfile.mkdtemp(prefix="miocene-faults.")
    caught = 0
    tree = Tree(place)
    try:
        if not sound_tree_passes(tree, faults):
            return False
        # By configuration: each has a build of its own to keep warm.
        for fault in sorted(faults, key=lambda fault: fault.config or ""):
            line, good = try_fault(tree, fault)
            print("%s: %s" % (fault.name, line), flush=True)
            caught += good
    finally:
        tree.close()
        shutil.rmtree(place, ignore_errors=True)
    print("%d faults, %d caught, %d survived"
          % (len(faults), caught, len(faults) - caught))
    return caught == len(faults)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    faults = [fault for fault in read_list(LIST)
              if options.only in fault.name or options.only in fault.file]
    if not faults:
        sys.exit("no such fault")
    return 0 if (check if options.check else run)(faults) else 1


if __name__ == "__main__":
    sys.exit(main())
