"""tests/docs/headers_test.py HEADERS.PY HEADER... - nothing that our public
headers declare goes without a word: each function says what it returns and
which thread may call it, and every code and function that a comment names
exists."""

import importlib.util
import re
import sys

spec = importlib.util.spec_from_file_location("headers", sys.argv[1])
headers = importlib.util.module_from_spec(spec)
spec.loader.exec_module(headers)

findings = []


def report(header, item, what):
    findings.append("%s:%d: %s: %s" % (header.path, item.line, item.name, what))


def check_function(header, item):
    _, returns, thread = headers.split_words(item.comment)
    if not thread:
        report(header, item, "no Thread:")
    elif not re.match(r"(any|owner|who has the message|the \w+'s reactor)\b", thread):
        report(header, item, "which thread is '%s'?" % thread)
    answers = item.returns_type()
    # (A time that is its answer has a unit for its last name.)
    if item.kind == "function" and not item.name.endswith("_ns"):
        if answers in ("int", "int64_t") and not returns:
            report(header, item, answers + ", and no Returns")


def check(header, opaque_with_comment):
    if not header.purpose:
        findings.append(header.path + ": the head says no purpose")
    for item in header.items:
        if item.kind == "opaque":
            if item.name not in opaque_with_comment:
                report(header, item, "no header says what it is")
            continue
        if not item.comment and not item.trailing:
            report(header, item, "no comment")
        elif item.kind in ("function", "inline"):
            check_function(header, item)
        for field in item.fields:
            if not field.comment:
                report(header, item, "nothing is said of " + field.name)


def names_of(all_headers):
    names = set()
    for header in all_headers:
        for item in header.items:
            names.add(item.name)
            names.update(field.name for field in item.fields)
        names.update(header.maps)
    return names


# Of the environment, and of the compiler's command line.
NOT_DECLARED = {"MIO_SELECTOR", "MIO_DEBUG"}


def check_names(header, text, names):
    """What a comment names exists. (A * or ? stands for several; the last
    comment is the include guard's.)"""
    for comment in headers.COMMENT.findall(text)[:-1]:
        for name in re.findall(r"\b(?:mio|MIO)_\w+\b(?![*?/]|\.h\b)", comment):
            if name not in names | NOT_DECLARED:
                findings.append("%s: there is no %s" % (header.path, name))


def main(paths):
    texts = {path: open(path).read() for path in paths}
    read = [headers.Header(path, text) for path, text in texts.items()]
    structs = {item.name for header in read for item in header.items
               if item.kind in ("struct", "opaque") and item.comment}
    names = names_of(read)
    for header in read:
        check(header, structs)
        check_names(header, texts[header.path], names)
    count = sum(len(header.items) for header in read)
    # Who finds nothing to look at has found nothing out.
    if count < 400:
        findings.append("only %d declarations" % count)
    for finding in findings:
        print(finding)
    print("%d declarations in %d headers, %d findings" %
          (count, len(read), len(findings)))
    return len(findings) > 0


sys.exit(main(sys.argv[2:]))
