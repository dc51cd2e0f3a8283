"""External repositories, all made from what the system has installed.

Nothing is downloaded. The libraries are found with pkg-config; the rule sets
that Bazel 4.2.3 names by itself (rules_cc, rules_java, ...) are replaced by
stubs that point at Bazel's built-in rules, so that Debian's bazel-bootstrap
alone is enough.
"""

def _files_impl(ctx):
    for path, text in ctx.attr.files.items():
        ctx.file(path, text)

_files_repository = repository_rule(
    implementation = _files_impl,
    attrs = {"files": attr.string_dict()},
    doc = "A repository made of the given files: path -> text.",
)

_RULES_CC = """
cc_library = native.cc_library
cc_binary = native.cc_binary
cc_test = native.cc_test
cc_import = native.cc_import
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
"""

# Bazel reads the definitions of its Java toolchain for every command, though
# nothing here is Java.
_RULES_JAVA = """
java_binary = native.java_binary
java_import = native.java_import
java_library = native.java_library
java_runtime = native.java_runtime
java_toolchain = native.java_toolchain
"""

# Every test names these two tools; `bazel coverage` alone would run them.
_COVERAGE_TOOLS = """
filegroup(name = "coverage_report_generator", visibility = ["//visibility:public"])
filegroup(name = "lcov_merger", visibility = ["//visibility:public"])
"""

def _missing(apt, what):
    # Fails when the library is used, not when the workspace is loaded: a
    # missing cmocka must not keep anyone from building the chat.
    return 'fail("%s not found. On Debian: apt-get install %s")\n' % (what, apt)

def _system_library_impl(ctx):
    pkg_config = ctx.which("pkg-config")
    if not pkg_config:
        ctx.file("BUILD", _missing("pkg-config " + ctx.attr.apt, "pkg-config"))
        return
    pkg = ctx.attr.pkg
    if ctx.execute([pkg_config, "--exists", pkg]).return_code != 0:
        ctx.file("BUILD", _missing(ctx.attr.apt, "The library " + pkg))
        return
    libs = []
    if not ctx.attr.headers_only:
        words = ctx.execute([pkg_config, "--libs", pkg]).stdout.strip()
        libs = [word for word in words.split(" ") if word]
    ctx.file("BUILD", """
cc_library(
    name = "{name}",
    linkopts = {libs},
    visibility = ["//visibility:public"],
)
""".format(name = ctx.name, libs = repr(libs)))

_system_library = repository_rule(
    implementation = _system_library_impl,
    attrs = {
        "pkg": attr.string(mandatory = True),
        "apt": attr.string(mandatory = True),
        "headers_only": attr.bool(),
    },
    environ = ["PKG_CONFIG_PATH"],
    # The answer depends on what is installed: ask again after a restart.
    local = True,
    configure = True,
    doc = "A library of the system as a target, @name.",
)

def _optional_library_impl(ctx):
    found = False
    for root in ["/usr/include/", "/usr/local/include/"]:
        found = found or ctx.path(root + ctx.attr.header).exists
    ctx.file("BUILD", """
cc_library(
    name = "{name}",
    defines = {defines},
    linkopts = {libs},
    visibility = ["//visibility:public"],
)
""".format(
        name = ctx.name,
        defines = repr([ctx.attr.define] if found else []),
        libs = repr(ctx.attr.libs if found else []),
    ))

_optional_library = repository_rule(
    implementation = _optional_library_impl,
    attrs = {
        "header": attr.string(mandatory = True),
        "define": attr.string(mandatory = True),
        "libs": attr.string_list(mandatory = True),
    },
    # The answer depends on what is installed: ask again after a restart.
    local = True,
    configure = True,
    doc = """A library that a program of bench/ is better with: @name, which
defines `define` if it is there, and is empty if not. Found by its header:
libev has nothing for pkg-config.""",
)

def miocene_repositories():
    """Declares every external repository of the workspace."""
    _files_repository(
        name = "rules_cc",
        files = {"BUILD": "", "cc/BUILD": "", "cc/defs.bzl": _RULES_CC},
    )
    _files_repository(
        name = "rules_java",
        files = {"BUILD": "", "java/BUILD": "", "java/defs.bzl": _RULES_JAVA},
    )
    _files_repository(
        name = "remote_coverage_tools",
        files = {"BUILD": _COVERAGE_TOOLS},
    )
    _system_library(
        name = "ck",
        pkg = "ck",
        apt = "libck-dev",
        # We use only what CK's headers define; nothing of libck is linked.
        headers_only = True,
    )
    _system_library(name = "jemalloc", pkg = "jemalloc", apt = "libjemalloc-dev")
    _system_library(name = "cmocka", pkg = "cmocka", apt = "libcmocka-dev")
    _system_library(name = "curl", pkg = "libcurl", apt = "libcurl4-openssl-dev")
    _system_library(name = "c-ares", pkg = "libcares", apt = "libc-ares-dev")
    _optional_library(
        name = "libuv",
        header = "uv.h",
        define = "BENCH_HAS_LIBUV",
        libs = ["-luv"],
    )
    _optional_library(
        name = "libev",
        header = "ev.h",
        define = "BENCH_HAS_LIBEV",
        libs = ["-lev"],
    )
    _optional_library(
        name = "libevent",
        header = "event2/event.h",
        define = "BENCH_HAS_LIBEVENT",
        libs = ["-levent_pthreads", "-levent"],
    )
