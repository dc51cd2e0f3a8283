"""The rules of this repository, and every compiler flag of our own code.

    mio_library   visibility is mandatory: a wrong arrow does not build; each
                  header gets a test that it compiles alone
    mio_binary    a program
    mio_test      a cmocka test program; with on_poll, run on poll(2) as well
    mio_storm_test  all test programs of a folder, in a storm of signals

Includes are always written from the root of the repository ("core/poll.h");
Bazel passes `-iquote .` for that, so there is no -I anywhere.
"""

load("//bazel:headers.bzl", "headers_test")

_COPTS = [
    "-std=gnu11",
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wconversion",
    "-Wshadow",
    "-Wstrict-prototypes",
    "-Wmissing-prototypes",
    "-Werror",
    "-fvisibility=hidden",
    # Bazel's opt mode says -DNDEBUG and -g0: assertions are part of the
    # program here, and a backtrace must name lines.
    "-UNDEBUG",
    "-g",
] + select({
    # A text in a condition, and one plus an offset, are meant.
    "//bazel:clang": [
        "-Wno-string-conversion",
        "-Wno-string-plus-int",
    ],
    "//conditions:default": [],
})

_LINKOPTS = ["-pthread"]

def mio_library(
        name,
        visibility,
        srcs = [],
        hdrs = [],
        deps = [],
        copts = [],
        linkopts = [],
        **kwargs):
    """A library. Say who may use it: visibility has no default.

    What "//visibility:public" may use is the library's interface for the
    world: its headers must also compile as C++17 (see headers.bzl).
    """
    native.cc_library(
        name = name,
        srcs = srcs,
        hdrs = hdrs,
        visibility = visibility,
        copts = _COPTS + copts,
        linkopts = _LINKOPTS + linkopts,
        # Symbols are hidden, so our libraries can only be linked statically
        # into each other.
        linkstatic = True,
        deps = deps,
        **kwargs
    )
    if hdrs:
        headers_test(
            name = name + "_headers_test",
            size = "small",
            hdrs = hdrs,
            library = name,
            public = "//visibility:public" in visibility,
            # Says the same in every configuration: once is enough.
            tags = ["no-sanitizers"],
        )

def mio_binary(name, srcs, deps = [], copts = [], linkopts = [], **kwargs):
    """A program."""
    native.cc_binary(
        name = name,
        srcs = srcs,
        copts = _COPTS + copts,
        linkopts = _LINKOPTS + linkopts,
        linkstatic = True,
        deps = deps,
        **kwargs
    )

def mio_test(
        name,
        srcs,
        deps = [],
        copts = [],
        linkopts = [],
        size = "small",
        on_poll = False,
        **kwargs):
    """A test program written with cmocka.

    on_poll: it makes polls, so it is run twice: on the best selector that the
    system has, and, as <name>_poll_test, on poll(2).
    """
    native.cc_test(
        name = name,
        size = size,
        srcs = srcs,
        copts = _COPTS + copts,
        # See tests/storm/storm.c.
        linkopts = _LINKOPTS + linkopts + ["-Wl,--wrap=pthread_create"],
        linkstatic = True,
        deps = deps + [
            "//tests/storm",
            "@cmocka",
        ],
        **kwargs
    )
    if on_poll:
        stem = name[:-len("_test")] if name.endswith("_test") else name
        native.sh_test(
            name = stem + "_poll_test",
            size = size,
            srcs = ["//bazel:run_on_poll.sh"],
            args = ["$(location :%s)" % name],
            data = [":" + name],
            tags = kwargs.get("tags", []),
        )

def mio_storm_test(name = "storm_test", size = "medium", leave_out = [], **kwargs):
    """The test programs of this BUILD that stand above it, in a storm.

    Signals interrupt them every 100 us. They run on the selectors that they
    run on otherwise; binaries for tests alone, named x_test, on all.

    leave_out: names of those that cannot pass there; say why.
    """
    words = []
    programs = []
    rules = native.existing_rules()
    for program in sorted(rules):
        if program in leave_out:
            continue
        kind = rules[program]["kind"]
        if (kind == "cc_binary" and rules[program].get("testonly", 0) and
            program.endswith("_test")):
            programs.append(":" + program)
            words.append("epoll:$(rootpath :%s)" % program)
            words.append("poll:$(rootpath :%s)" % program)
        if kind != "cc_test":
            continue
        stem = program[:-len("_test")] if program.endswith("_test") else program
        programs.append(":" + program)
        words.append(":$(rootpath :%s)" % program)
        if stem + "_poll_test" in rules:
            words.append("poll:$(rootpath :%s)" % program)
    native.sh_test(
        name = name,
        size = size,
        srcs = ["//bazel:run_in_storm.sh"],
        args = words,
        data = programs,
        # The sanitizers hold signals back until it suits them.
        tags = ["no-sanitizers"],
        **kwargs
    )
