#!/usr/bin/env python3
"""docs/doxygen_filter.py HEADER - what Doxygen reads instead of the header: the
public declarations alone, our way of commenting turned into Doxygen's.

    Returns 0 | MIO_X (why).      becomes a list below "Returns"
    Thread: any.                  becomes a paragraph with that title
    a name of ours in a comment   becomes a link

MIO_HEADERS of the environment names all headers, whose names those are.
"""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import headers  # noqa: E402


def link_names():
    """name -> how Doxygen is told of it"""
    links = {}
    for path in os.environ["MIO_HEADERS"].split():
        with open(path) as file:
            read = headers.Header(path, file.read())
        for item in read.items:
            if item.kind in ("struct", "opaque"):
                links.setdefault(
                    item.name, '@ref %s "%s"' % (item.name, item.name))
            else:
                links[item.name] = "#" + item.name
                if item.kind == "enum":
                    links.update((f.name, "#" + f.name) for f in item.fields)
    return links


LINKS = link_names()


def linked(words, own_name):
    def link(match):
        name = match.group(0)
        return LINKS.get(name, name) if name != own_name else name
    return re.sub(r"\b(?:mio|MIO)_\w+\b(?!\.h\b|[*?])", link, words)


def prose(words, own_name):
    """Our words, none of which Doxygen takes for a command."""
    out = []
    code = []
    for line in words.split("\n") + [""]:
        if line.startswith("    ") or (code and not line.strip()):
            code.append(line)
            continue
        if code:
            text = "\n".join(code).rstrip()
            out += ["", "@verbatim", text, "@endverbatim", ""]
            code = []
        line = re.sub(r"([\\@<>&#*])", r"\\\1", line)
        out.append(linked(line, own_name))
    return "\n".join(out).strip()


def answers(returns, own_name):
    """0 | MIO_X (why): a list. A | in parentheses is none of ours."""
    rows = [row.strip() for row in returns.rstrip(".").split(" | ")]
    if len(rows) == 1:
        return prose(rows[0] + ".", own_name)
    return "".join("\n - " + prose(row, own_name) for row in rows)


def comment_of(words, own_name, trailing=None):
    said, returns, thread = headers.split_words(words or "")
    out = prose(said, own_name)
    if trailing:
        out += ("\n\n" if out else "") + prose(trailing, own_name)
    if returns:
        out += "\n@return " + answers(returns, own_name)
    if thread:
        out += "\n@par Thread\n" + prose(thread, own_name)
    return "/** %s\n */" % out.replace("*/", "* /")


def declaration(item):
    if item.kind == "macro":
        return item.code
    code = re.sub(r"\b(MIO_API|MIO_NODISCARD)\b\s*", "", item.code)
    code = re.sub(r"__attribute__\(\(.*?\)\)\s*", "", code)
    if item.kind == "inline":
        code = re.sub(r"^static inline ", "", code.split("\n{")[0]) + ";"
    if item.kind == "opaque":
        code = "struct %s {};" % item.name
    if item.kind in ("struct", "enum"):
        end = ";" if item.kind == "struct" else ","
        code = "%s %s {\n%s};" % (item.kind, item.name, "".join(
            "%s\n%s%s\n" % (comment_of(f.comment, f.name), f.code, end)
            for f in item.fields))
    if item.kind == "type" and item.fields:
        code = re.sub(r"/\*.*?\*/", "", code, flags=re.S)
        for field in item.fields:
            code = code.replace(field.code, comment_of(
                field.comment, field.name) + "\n" + field.code)
    return code


def write(header, out):
    out.write("/** @file %s\n%s\n */\n" %
              (header.path, prose(header.purpose, None)))
    section = None
    seen = set()
    for item in header.items:
        # Another header says what it is, or another branch of an #if did.
        if not (item.comment or item.trailing) or item.name in seen:
            continue
        seen.add(item.name)
        if item.section != section:
            if section:
                out.write("/** @} */\n")
            section = item.section
            out.write("/** @name %s\n * @{ */\n" % section.capitalize())
        out.write(comment_of(item.comment, item.name, item.trailing) + "\n" +
                  declaration(item) + "\n\n")
    if section:
        out.write("/** @} */\n")


def main():
    path = os.path.relpath(sys.argv[1])
    with open(path) as file:
        write(headers.Header(path, file.read()), sys.stdout)


main()
