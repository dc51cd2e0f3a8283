"""tests/docs/docs_test.py ROOT HEADERS.PY [--programs DIR] HEADER... - what the
guide says is so: the code that it shows is the code of examples/, its links
lead somewhere, and what it names exists.

ROOT is the source tree, or a file in it. With --programs, the blocks that are
whole programs are written to DIR instead, for somebody to compile."""

import glob
import importlib.util
import os
import re
import sys

LESSON_LINES = (50, 150)

findings = []


def report(page, what):
    findings.append("%s: %s" % (page, what))


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def blocks_of(text):
    """(what stands behind the fence, the lines) of each fenced block"""
    return [(match.group(1).strip(), match.group(2)) for match in
            re.finditer(r"^```([^\n]*)\n(.*?)^```$", text, re.S | re.M)]


def prose_of(text):
    return re.sub(r"^```[^\n]*\n.*?^```$", "", text, flags=re.S | re.M)


def check_excerpt(page, path, block):
    """Each piece between lines of ... stands in the file, in this order."""
    if not os.path.isfile(path):
        return report(page, "shows %s, which does not exist" % path)
    source = "\n" + read(path)
    at = 0
    for piece in re.split(r"^[ \t]*\.\.\.\n", block, flags=re.M):
        if not piece.strip():
            continue
        found = source.find("\n" + piece, max(at - 1, 0))
        if found < 0:
            return report(page, "this is not in %s, or not there:\n%s" %
                          (path, piece))
        at = found + len(piece)


def programs_of(page, text):
    return [block for info, block in blocks_of(text)
            if info.split()[:1] == ["c"] and len(info.split()) == 1]


def check_blocks(page, text):
    for info, block in blocks_of(text):
        words = info.split()
        if words[:1] == ["c"] and len(words) == 2:
            check_excerpt(page, words[1], block)
        elif words[:1] == ["c"] and " main(" not in block:
            report(page, "a block of C that is neither a whole program nor "
                   "names its file:\n" + block)
        for name in re.findall(r"//examples:(\w+)", block):
            check_example(page, name)


def check_example(page, name):
    if not os.path.isfile("examples/%s.c" % name):
        report(page, "there is no //examples:" + name)


def anchors_of(path):
    """As the usual viewers of Markdown make them of headings."""
    anchors = set()
    for heading in re.findall(r"^#+ (.+)$", prose_of(read(path)), re.M):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-")
        count = 0
        while (anchor + "-%d" % count if count else anchor) in anchors:
            count += 1
        anchors.add(anchor + "-%d" % count if count else anchor)
    return anchors


def check_links(page, text):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose_of(text)):
        if re.match(r"\w+:", target):
            continue
        path, _, anchor = target.partition("#")
        path = os.path.normpath(os.path.join(os.path.dirname(page), path)) \
            if path else page
        if not os.path.exists(path):
            report(page, "a link to %s, which does not exist" % target)
        elif anchor and anchor not in anchors_of(path):
            report(page, "a link to %s, and there is no such heading" % target)


def names_of(all_headers):
    names = {"MIO_SELECTOR"}  # of the environment
    for header in all_headers:
        names.update(header.maps)
        for item in header.items:
            names.add(item.name)
            names.update(field.name for field in item.fields)
    return names


def check_names(page, text, names):
    """mio_udp_socket_* stands for those that begin so; _MAP is no name."""
    for name, more in re.findall(r"\b((?:mio|MIO)_\w+)(\\?\*)?", text):
        if name in names:
            continue
        if not (more and any(other.startswith(name) for other in names)):
            report(page, "there is no " + name + more)


def check_lessons(pages):
    lessons = sorted(page for page in pages
                     if re.match(r"docs/\d\d-.*\.md$", page))
    contents = pages.get("docs/README.md", "")
    at = -1
    for i, page in enumerate(lessons):
        name = os.path.basename(page)
        count = pages[page].count("\n")
        if not LESSON_LINES[0] <= count <= LESSON_LINES[1]:
            report(page, "a lesson of %d lines" % count)
        if i + 1 < len(lessons) and \
                "(%s)" % os.path.basename(lessons[i + 1]) not in \
                pages[page].rstrip().split("\n")[-1]:
            report(page, "its last line does not lead to the next lesson")
        place = contents.find("(%s)" % name)
        if place < 0 or place < at:
            report("docs/README.md", name + " is not in its place")
        at = max(at, place)
    everything = "".join(pages[page] for page in lessons)
    for path in sorted(glob.glob("examples/*.c")):
        if path not in everything:
            report(path, "no lesson shows it")


def check_lifetimes(pages, all_headers):
    """Each type that is made and released has a row of its own."""
    rows = pages.get("docs/lifetimes.md", "")
    structs = {item.name for header in all_headers for item in header.items
               if item.kind in ("struct", "opaque")}
    for header in all_headers:
        for item in header.items:
            maker = re.match(r"(mio_\w+?)_(?:new|init|open|connect|clone|"
                             r"from_handle)(?:_\w+)?$",
                             item.name)
            if maker and maker.group(1) in structs and \
                    "`%s`" % maker.group(1) not in rows:
                report("docs/lifetimes.md", "nothing of " + maker.group(1))


def main(arguments):
    root, reader, *paths = arguments
    spec = importlib.util.spec_from_file_location("headers", reader)
    headers = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(headers)
    root = os.path.realpath(root)
    os.chdir(root if os.path.isdir(root) else os.path.dirname(root))
    pages = {page: read(page) for page in sorted(glob.glob("docs/*.md"))}

    if paths[:1] == ["--programs"]:
        count = 0
        for page, text in pages.items():
            for block in programs_of(page, text):
                count += 1
                with open("%s/%d.c" % (paths[1], count), "w") as file:
                    file.write("/* %s */\n%s" % (page, block))
        return

    all_headers = [headers.Header(path, read(path)) for path in paths]
    names = names_of(all_headers)
    for page, text in pages.items():
        check_blocks(page, text)
        check_links(page, text)
        check_names(page, text, names)
        for name in re.findall(r"//examples:(\w+)", prose_of(text)):
            check_example(page, name)
    check_lessons(pages)
    check_lifetimes(pages, all_headers)
    if len(pages) < 5 or not names:
        findings.append("only %d pages" % len(pages))
    for finding in findings:
        print(finding)
    print("%d pages, %d findings" % (len(pages), len(findings)))
    sys.exit(len(findings) > 0)


main(sys.argv[1:])
