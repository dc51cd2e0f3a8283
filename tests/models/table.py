#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tests/models/table.py - checks the tables of tests/models/README.md against
the models, BUILD, the code, the faults and the litmus tests.

A row is "| WEAKENING | `function` in file | what is weakened | notices |",
under a heading "## NAME". What notices is "fault: name" of
tests/faults/faults.txt, "rule: MIO_RULE_X" of the litmus build, or
"none: why". Prints a line for each thing that is not so."""

import os
import re
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
NOT_IN_THE_CODE_MAX = 1

findings = []


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def expect(is_true, text):
    if not is_true:
        findings.append(text)


def rows():
    """(model, weakening, function, file, notices) of each row."""
    model = None
    for line in read("tests", "models", "README.md").splitlines():
        if line.startswith("## "):
            model = line[3:].split(":")[0].strip()
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 4 or not re.fullmatch("[A-Z][A-Z_]+", cells[0]):
            continue
        place = re.fullmatch(r"`(\w+)` in (\S+)", cells[1])
        expect(place, "%s: %s: no place" % (model, cells[0]))
        if place:
            yield model, cells[0], place[1], place[2], cells[3]


def check_row(model, weakening, function, file, notices, faults):
    name = "%s: %s: " % (model, weakening)
    expect(os.path.exists(os.path.join(ROOT, file)), name + "no file " + file)
    if os.path.exists(os.path.join(ROOT, file)):
        # Its definition: the name and a bracket, and later a body.
        expect(re.search(r"\b%s\([^;]*?\)\s*\{" % function, read(file)),
               name + "%s is not defined in %s" % (function, file))
    kind, _, rest = notices.partition(": ")
    if kind == "fault":
        expect(rest in faults, name + "no such fault: " + rest)
    elif kind == "rule":
        expect(rest + " =" in read("runtime", "mailbox", "litmus.h"),
               name + "no such rule: " + rest)
        tests = read("tests", "runtime", "litmus", "causal_test.c") + \
            read("tests", "runtime", "credit_test.c")
        expect(rest in tests, name + "no litmus breaks " + rest)
    else:
        expect(kind == "none" and rest, name + "nothing notices it")


def main():
    faults = re.findall("^fault (.*)$", read("tests", "faults", "faults.txt"),
                        re.MULTILINE)
    build = read("tests", "models", "BUILD")
    told = {}
    for model, weakening, function, file, notices in rows():
        check_row(model, weakening, function, file, notices, faults)
        expect(weakening not in told.setdefault(model, {}),
               "%s: %s is there twice" % (model, weakening))
        told[model][weakening] = notices
    models = sorted(name[:-4] for name in os.listdir(HERE)
                    if name.endswith(".pml"))
    expect(models == sorted(told), "models without a table, or the other way")
    for model in models:
        in_model = set(re.findall(r"^#ifn?def ([A-Z_]+)$", read(
            "tests", "models", model + ".pml"), re.MULTILINE))
        listed = re.search(r'"%s": \[(.*?)\]' % model, build, re.DOTALL)
        in_build = set(re.findall('"([A-Z_]+)"', listed[1] if listed else ""))
        in_table = set(told.get(model, {}))
        expect(in_model == in_build == in_table,
               "%s: the model, BUILD and the table differ in %s" %
               (model, sorted((in_model | in_build | in_table) -
                              (in_model & in_build & in_table))))
    unnoticed = [notices for table in told.values()
                 for notices in table.values() if notices.startswith("none")]
    expect(len(unnoticed) <= NOT_IN_THE_CODE_MAX,
           "%d weakenings are noticed by nothing in the code" % len(unnoticed))
    for finding in findings:
        print(finding)
    count = sum(len(table) for table in told.values())
    print("%d models, %d weakenings, %d findings" %
          (len(models), count, len(findings)))
    return 1 if findings or not count else 0


if __name__ == "__main__":
    sys.exit(main())
