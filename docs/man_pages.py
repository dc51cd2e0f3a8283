#!/usr/bin/env python3
"""docs/man_pages.py OUT.TAR VERSION HEADER... - a manual page of each public
header, as //:install puts them below share/man/man3: core/poll.h is mio_poll(3),
and lists its functions under NAME, so that `man mio_poll_wait` finds it, too.

The archive has no times and no owners in it: the same headers make the same."""

import io
import os
import re
import sys
import tarfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import headers  # noqa: E402


def page_name(path):
    return "mio_" + os.path.basename(path)[:-len(".h")]


def escape(text):
    """What roff would take for its own."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.M)


def prose(words):
    """Lines that are indented stay as they are."""
    out = []
    is_code = False
    for line in words.split("\n"):
        code = line.startswith("    ") or (is_code and not line.strip())
        if code != is_code:
            out.append(".nf" if code else ".fi")
        is_code = code
        out.append(escape(line) if line.strip() else ".PP" if not code else "")
    return "\n".join(out + ([".fi"] if is_code else []))


def declaration(item):
    """As the header has it, without our marks and without what is private."""
    code = re.sub(r"\b(MIO_API|MIO_NODISCARD)\b\s*", "", item.code)
    code = re.sub(r"__attribute__\(\(.*?\)\)\)*\s*", "", code)
    if item.kind == "inline":
        code = re.sub(r"^static inline ", "", code.split("\n{")[0]) + ";"
    elif item.kind in ("struct", "enum"):
        end = ";" if item.kind == "struct" else ","
        body = "".join("    %s%s\n" % (field.code, end)
                       for field in item.fields)
        code = "%s %s%s;" % (item.kind, item.name,
                             " {\n%s}" % body if body else "")
    elif item.kind == "type":
        code = re.sub(r"\s*/\*.*?\*/", "", code, flags=re.S)
    if item.kind == "macro":
        return code
    # A prototype is broken where it suits man's width, not the header's.
    return code if item.kind in ("struct", "enum", "type") else \
        re.sub(r"\s+", " ", code)


def entry(item):
    said, returns, thread = headers.split_words(item.comment or "")
    lines = [".SS " + escape(item.name)]
    lines += [".nf" if item.kind in ("struct", "enum", "macro") else ".PP",
              "\n".join("\\fB%s\\fP" % escape(line)
                        for line in declaration(item).split("\n"))]
    lines.append(".fi" if lines[1] == ".nf" else ".PP")
    lines += [prose(text) for text in (said, item.trailing) if text]
    for field in item.fields:
        lines += [".TP", ".B " + escape(field.name),
                  prose(field.comment or "")]
    if returns:
        lines += [".PP", "Returns " + escape(returns)]
    if thread:
        lines += [".PP", "Thread: " + escape(thread)]
    return "\n".join(lines)


def page(header, version):
    items = []
    for item in header.items:
        known = item.name in [other.name for other in items]
        if (item.comment or item.trailing) and not known:
            items.append(item)
    title, _, more = header.purpose.partition("\n\n")
    names = [page_name(header.path)] + [
        item.name for item in items if item.kind in ("function", "inline")]
    out = ['.TH %s 3 "" "Miocene %s" "Miocene"' %
           (page_name(header.path).upper(), version),
           ".nh\n.ad l",
           ".SH NAME",
           "%s \\- %s" % (", ".join(dict.fromkeys(names)),
                          escape(" ".join(title.split()).rstrip("."))),
           ".SH SYNOPSIS", ".B #include <mio/%s>" % escape(header.path)]
    if more:
        out += [".SH DESCRIPTION", prose(more)]
    out += [".SH DECLARATIONS"] + [entry(item) for item in items]
    others = sorted(set(re.findall(r"\bmio_\w+", " ".join(
        (item.comment or "") + " ".join(f.comment or "" for f in item.fields)
        for item in items))) & set(PAGES) - set(names))
    if others:
        out += [".SH SEE ALSO",
                ", ".join(".BR %s (3)" % name for name in others)
                .replace(", .BR", "\n.BR")]
    return "\n".join(out) + "\n"


def main(out, version, paths):
    global PAGES
    paths = sorted(path for path in paths if path.endswith(".h"))
    PAGES = [page_name(path) for path in paths]
    if len(set(PAGES)) != len(PAGES):
        sys.exit("two headers of one name: their pages would be one")
    with tarfile.open(out, "w") as tar:
        for path in paths:
            with open(path, encoding="utf-8") as file:
                text = page(headers.Header(path, file.read()), version)
            member = tarfile.TarInfo("share/man/man3/%s.3" % page_name(path))
            data = text.encode()
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


PAGES = []
main(sys.argv[1], sys.argv[2], sys.argv[3:])
