"""conformance_test: a program of the suite, in each way that it must pass.

    conformance_test(name = "poll_test")

builds poll_test.c, with the library below it, at -O0 and at -O2, and makes a
test of each on each selector of the system:

    poll_test_O0_epoll  poll_test_O0_poll  poll_test_O2_epoll  poll_test_O2_poll

The sanitizers bring their own -O1: of their runs only the two at -O2 (which
are at -O1 then) are left.
"""

load("//bazel:mio.bzl", "mio_binary")

def _mode_impl(_settings, attr):
    return {"//command_line_option:compilation_mode": attr.mode}

_mode = transition(
    implementation = _mode_impl,
    inputs = [],
    outputs = ["//command_line_option:compilation_mode"],
)

def _run_impl(ctx):
    program = ctx.attr.program[0][DefaultInfo]
    link = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(
        output = link,
        target_file = program.files_to_run.executable,
        is_executable = True,
    )
    return [
        DefaultInfo(executable = link, runfiles = program.default_runfiles),
        testing.TestEnvironment({"MIO_SELECTOR": ctx.attr.selector}),
    ]

_run_test = rule(
    implementation = _run_impl,
    test = True,
    attrs = {
        "program": attr.label(cfg = _mode, executable = True, mandatory = True),
        "mode": attr.string(values = ["dbg", "opt"], mandatory = True),
        "selector": attr.string(mandatory = True),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
)

def conformance_test(name, deps = [], linkopts = []):
    """name: of the source file as well, without its .c."""
    mio_binary(
        name = name,
        testonly = True,
        srcs = [name + ".c"],
        linkopts = linkopts + ["-Wl,--wrap=pthread_create"],
        # Through the transition only; by itself it is not needed.
        tags = ["manual"],
        deps = deps + [
            ":conformance",
            "//core",
            "//net",
            "//tests/storm",
            "@cmocka",
        ],
    )
    for mode, level in [("dbg", "O0"), ("opt", "O2")]:
        for selector in ["epoll", "poll"]:
            _run_test(
                name = "%s_%s_%s" % (name, level, selector),
                size = "small",
                program = ":" + name,
                mode = mode,
                selector = selector,
                tags = ["no-sanitizers"] if mode == "dbg" else [],
            )
