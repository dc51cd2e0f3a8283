"""docs/headers.py - reads our public headers: what they declare, and what is
said of it.

Not a C parser: it knows how headers are written here (CONTRIBUTING.md), and
that is enough to take them apart. doxygen_filter.py makes the reference of it,
tests/docs/headers_test.py checks that nothing goes without a word.
"""

import re

COMMENT = re.compile(r"/\*.*?\*/", re.S)
SECTION = re.compile(r"/\* --- (.+?) -+ \*/")


class Field:
    """A member of a struct, or a value of an enum."""

    def __init__(self, name, code, comment):
        self.name = name
        self.code = code
        self.comment = comment  # words, or None


class Item:
    """A declaration. `comment` is its words, of all lines before it without a
    blank one between; None if nothing is said."""

    def __init__(self, kind, name, code, comment, line):
        self.kind = kind  # function, inline, struct, opaque, enum, macro, type
        self.name = name
        self.code = code
        self.comment = comment
        self.line = line
        self.trailing = None  # what stands behind it in its line
        self.fields = []
        self.section = None

    def returns_type(self):
        """What a function returns, without our marks."""
        words = re.sub(r"\b(MIO_API|MIO_NODISCARD|static|inline)\b", "",
                       self.code.split(self.name)[0])
        words = re.sub(r"__attribute__\(\(.*?\)\)", "", words)
        return " ".join(words.split())


class Header:
    """A file: its path, what its head says, and its declarations."""

    def __init__(self, path, text):
        self.path = path
        self.purpose = ""
        self.items = []
        self.maps = {}  # of X macros: name -> [(name, value or None, words)]
        _read(self, text)


def words_of(comment):
    """The text of a comment, without its marks; lines keep their indentation
    beyond that of the text."""
    body = re.sub(r"^/\*\*?|\*/$", "", comment).rstrip()
    lines = body.split("\n")
    indent = 2 if comment.startswith("/**") else 1
    out = [lines[0].strip()]
    for line in lines[1:]:
        line = re.sub(r"^\s*\*", "", line) if re.match(r"\s*\*", line) \
            else line.strip()
        out.append(line[indent:].rstrip() if line[:indent].isspace()
                   else line.strip())
    return "\n".join(out).strip()


def split_words(words):
    """(what it says, what it returns or None, its thread or None)"""
    words, thread = (re.split(r"\s*Thread: ", words, maxsplit=1) + [None])[:2]
    parts = re.split(r"(?:^|\n)Returns\b", words, maxsplit=1)
    returns = " ".join(parts[1].split()) if len(parts) > 1 else None
    thread = " ".join(thread.split()) if thread is not None else None
    return parts[0].strip(), returns, thread


def _expand(maps, body, is_enum):
    """Write an X macro out where a struct or an enum is made of it."""
    def write(match):
        rows = maps.get(match.group(1))
        if rows is None:
            return match.group(0)
        if is_enum:
            return "".join("%s = %s, /* %s */\n" % row for row in rows)
        return "".join("uint64_t %s; /* %s */\n" % (row[0], row[2])
                       for row in rows)
    body = re.sub(r"^#.*\n?", "", body, flags=re.M)
    return re.sub(r"(\w+_MAP)\(\w+\)", write, body)


def fields_of(body, is_enum):
    """The members that are no secret, with what is said of each."""
    fields = []
    comment = None
    is_private = False
    end = ";" if not is_enum else ","
    at = 0
    while at < len(body):
        rest = body[at:]
        blank = re.match(r"\s+", rest)
        if blank:
            if blank.group(0).count("\n") > 1:
                comment = None
            at += blank.end()
            continue
        said = COMMENT.match(rest)
        if said:
            words = words_of(said.group(0))
            is_private = words.startswith("private")
            comment = None if words == "read these" else words
            at += said.end()
            continue
        code, at = _member(body, at, end)
        behind = re.match(r"[ \t]*(/\*.*?\*/)", body[at:], re.S)
        own = None
        if behind:
            own = words_of(behind.group(1))
            at += behind.end()
        if is_private or (own or "").startswith("private"):
            continue
        name = _name_of_member(code, is_enum)
        fields.append(Field(name, " ".join(code.split()), own or comment))
        # What stands above is said of the first, unless that one has words of
        # its own: then it is a title.
        comment = None if own is None else comment
    return fields


def _member(body, at, end):
    depth = 0
    start = at
    while at < len(body):
        char = body[at]
        if char in "({":
            depth += 1
        elif char in ")}":
            depth -= 1
        elif char == end and depth == 0:
            return body[start:at].strip(), at + 1
        elif body.startswith("/*", at) and depth == 0:
            break
        at += 1
    return body[start:at].strip(), at


def _name_of_member(code, is_enum):
    if is_enum:
        return re.match(r"\w+", code).group(0)
    pointer = re.search(r"\(\*(\w+)\)", code)
    if pointer:
        return pointer.group(1)
    return re.search(r"(\w+)\s*(\[[^\]]*\])*$", code).group(1)


def _code_until(text, at):
    """The end of a declaration that begins here."""
    depth = 0
    while at < len(text):
        if text.startswith("/*", at):
            at = text.index("*/", at) + 2
            continue
        char = text[at]
        if char in "({":
            depth += 1
        elif char in ")}":
            depth -= 1
            # A function's body needs no semicolon.
            if depth == 0 and char == "}" and text[at + 1:at + 2] == "\n":
                return at + 1
        elif char == ";" and depth == 0:
            return at + 1
        at += 1
    return at


def _read_map(header, code):
    name = re.match(r"#define (\w+_MAP)\(X\)", code)
    rows = re.findall(r"X\((\w+),\s*(?:(-?\w+),\s*)?\"(.*?)\"\)", code)
    header.maps[name.group(1)] = rows


def _item(header, code, comment, line):
    if code.startswith("#"):
        macro = re.match(r"#define (\w+)", code)
        if not macro or "_MAP(X)" in code:
            if macro:
                _read_map(header, code)
            return None
        return Item("macro", macro.group(1), code, comment, line)
    body = re.match(r"(struct|enum) (\w+)\s*\{(.*)\}", code, re.S)
    if body and "(" not in code.split("{")[0]:
        item = Item(body.group(1), body.group(2), code, comment, line)
        is_enum = body.group(1) == "enum"
        item.fields = fields_of(_expand(header.maps, body.group(3), is_enum),
                                is_enum)
        return item
    opaque = re.match(r"struct (\w+);$", code)
    if opaque:
        return Item("opaque", opaque.group(1), code, comment, line)
    if code.startswith("typedef"):
        name = re.search(r"(\w+);$", code).group(1)
        item = Item("type", name, code, comment, line)
        members = re.search(r"\{(.*)\}", code, re.S)
        if members:
            item.fields = fields_of(members.group(1), False)
        return item
    function = re.search(r"(\w+)\(", re.sub(r"__attribute__\(\(.*?\)\)", "",
                                            code))
    if function:
        kind = "inline" if code.startswith("static inline") else "function"
        return Item(kind, function.group(1), code, comment, line)
    return None


def _read(header, text):
    helpers = set(re.findall(r"^#undef (\w+)", text, re.M))
    comment = None  # what was said last, and no blank line since
    section = None
    guard = None
    at = 0
    while at < len(text):
        blank = re.match(r"[ \t]*\n", text[at:])
        if blank:
            comment = None
            at += blank.end()
            continue
        line = text.count("\n", 0, at) + 1
        said = COMMENT.match(text, at)
        if said:
            title = SECTION.match(said.group(0))
            if title:
                section = title.group(1)
            elif line == 1:
                header.purpose = _purpose(said.group(0))
            else:
                comment = words_of(said.group(0))
            at = said.end() + (text[said.end():said.end() + 1] == "\n")
            continue
        if text[at] == "#":
            end = re.compile(r"(?:[^\n]*\\\n)*[^\n]*").match(text, at).end()
            code = text[at:end]
            # Conditions are of no interest, and what they choose is.
            if guard is None and code.startswith("#ifndef"):
                guard = code.split()[1]
        elif re.match(r"MIO_(BEGIN|END)_DECLS", text[at:]) or \
                text.startswith("extern", at) or text[at] == "}":
            at = text.index("\n", at) + 1
            comment = None
            continue
        else:
            end = _code_until(text, at)
            code = text[at:end]
        trailing = None
        if code.startswith("#"):
            inner = re.search(r"/\*.*", code)
            if inner:
                end = text.index("*/", at + inner.start()) + 2
                trailing = words_of(text[at + inner.start():end])
                code = code[:inner.start()].rstrip()
        item = _item(header, code, comment, line)
        if item and item.name != guard and item.name not in helpers:
            item.trailing = trailing
            item.section = section
            header.items.append(item)
        at = end
        at += text[at:at + 1] == "\n"


def _purpose(comment):
    said = re.match(r"SPDX-License-Identifier: MIT\n+\S+ - (.*)",
                    words_of(comment), re.S)
    return said.group(1) if said else ""
