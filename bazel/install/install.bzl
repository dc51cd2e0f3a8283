"""What an installation is made of.

    shipped_library   libNAME.a and libNAME.so, both of the same objects: those
                      that the libraries in `deps` are made of
    public_headers    the headers that it installs, as they are in the source
    installation      a folder with all of it, as it will lie under the prefix

The objects are compiled hidden (bazel/mio.bzl), position independent
(.bazelrc), and only once.
"""

load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

# Raise the second number with every change that a program compiled against an
# older header would notice; from 1.0 on, the first.
VERSION = "0.1.0"

_MAJOR = VERSION.split(".")[0]

# The node of all symbols. Below 1.0 the soname alone would promise too much:
# with the minor number in the node, a program that meets another minor release
# is told so when it starts.
_NODE = "MIOCENE_" + ".".join(VERSION.split(".")[:2])

ShippedInfo = provider(fields = {
    "files": "the archive and the shared library",
    "headers": "the public headers of the deps",
    "system_flags": "what whoever links the archive has to link as well",
})

def _objects_of(libraries):
    return [
        object
        for library in libraries
        for object in (library.pic_objects or library.objects or [])
    ]

def _unique(items):
    return {item: None for item in items}.keys()

# The name of an archive's member. Bazel's would not do: runtime/mailbox/slab.c
# and core/slab.c both become slab.pic.o, and a second one of a name replaces
# the first.
def _member_of(object):
    room = object.short_path.split("/_objs/")[0]
    noun = object.basename.split(".")[0]
    return "%s_%s.o" % (room.replace("/", "_"), noun)

def _archive(ctx, toolchain, objects):
    members = []
    for object in objects:
        member = ctx.actions.declare_file(
            "%s.members/%s" % (ctx.label.name, _member_of(object)),
        )
        ctx.actions.symlink(output = member, target_file = object)
        members.append(member)
    archive = ctx.actions.declare_file("lib%s.a" % ctx.label.name)
    args = ctx.actions.args()

    # D: no times, no owners; the same objects make the same archive.
    args.add("qcsD")
    args.add(archive)
    args.add_all(members)
    ctx.actions.run(
        executable = toolchain.ar_executable,
        arguments = [args],
        inputs = depset(members + objects, transitive = [toolchain.all_files]),
        outputs = [archive],
        mnemonic = "MioArchive",
    )
    return archive

def _shared(ctx, toolchain, objects, flags):
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    symbols = ctx.actions.declare_file(ctx.label.name + ".lds")
    ctx.actions.write(
        symbols,
        "%s {\n    global: mio_*;\n    local: *;\n};\n" % _NODE,
    )
    linked = cc_common.link(
        actions = ctx.actions,
        name = ctx.label.name,
        feature_configuration = features,
        cc_toolchain = toolchain,
        output_type = "dynamic_library",
        compilation_outputs = cc_common.create_compilation_outputs(
            objects = depset(objects),
            pic_objects = depset(objects),
        ),
        additional_inputs = [symbols],
        user_link_flags = [
            "-Wl,-soname,lib%s.so.%s" % (ctx.label.name, _MAJOR),
            "-Wl,--version-script," + symbols.path,
        ] + ctx.attr.linkopts + flags,
    )
    return linked.library_to_link.resolved_symlink_dynamic_library

def _shipped_library_impl(ctx):
    toolchain = find_cpp_toolchain(ctx)
    libraries = []
    flags = []
    for dep in ctx.attr.deps:
        for linked in dep[CcInfo].linking_context.linker_inputs.to_list():
            libraries += linked.libraries
            flags += linked.user_link_flags
    objects = _unique(_objects_of(libraries))
    flags = [flag for flag in _unique(flags) if ctx.attr.threads or
                                                flag != "-pthread"]
    files = [
        _archive(ctx, toolchain, objects),
        _shared(ctx, toolchain, objects, flags),
    ]
    headers = [
        header
        for dep in ctx.attr.deps
        for header in dep[CcInfo].compilation_context.direct_public_headers
    ]
    return [
        DefaultInfo(files = depset(files)),
        ShippedInfo(
            files = files,
            headers = _unique(headers),
            system_flags = flags,
        ),
    ]

shipped_library = rule(
    implementation = _shipped_library_impl,
    attrs = {
        "deps": attr.label_list(
            providers = [CcInfo],
            mandatory = True,
            doc = "Their headers are the public ones. What they are built on " +
                  "is in the library, too, but its headers are not.",
        ),
        "linkopts": attr.string_list(doc = "Of the shared library alone."),
        "threads": attr.bool(doc = "Whether it starts threads: -pthread."),
        "_cc_toolchain": attr.label(
            default = "@bazel_tools//tools/cpp:current_cc_toolchain",
        ),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)

def _public_headers_impl(ctx):
    headers = ctx.attr.library[ShippedInfo].headers
    names = ctx.actions.declare_file(ctx.label.name + ".txt")
    ctx.actions.write(names, "\n".join(
        sorted([header.short_path for header in headers]),
    ) + "\n")
    files = [names] + headers
    return [DefaultInfo(
        files = depset(files),
        runfiles = ctx.runfiles(files),
    )]

public_headers = rule(
    implementation = _public_headers_impl,
    attrs = {"library": attr.label(providers = [ShippedInfo], mandatory = True)},
    doc = "The headers that a shipped library installs, and <name>.txt, which " +
          "names them.",
)

def _installation_impl(ctx):
    out = ctx.actions.declare_directory(ctx.label.name)
    shipped = [library[ShippedInfo] for library in ctx.attr.libraries]
    files = [file for info in shipped for file in info.files]
    files += _unique([file for info in shipped for file in info.headers])
    files += ctx.files.templates + ctx.files.archives
    flags = _unique([flag for info in shipped for flag in info.system_flags])
    args = ctx.actions.args()
    args.add_all([out.path, VERSION, " ".join(flags)])
    args.add_all(files)
    ctx.actions.run(
        executable = ctx.executable._stage,
        arguments = [args],
        inputs = files,
        outputs = [out],
        mnemonic = "MioStage",
        use_default_shell_env = True,
    )
    return [DefaultInfo(
        files = depset([out]),
        runfiles = ctx.runfiles([out]),
    )]

installation = rule(
    implementation = _installation_impl,
    attrs = {
        "libraries": attr.label_list(
            providers = [ShippedInfo],
            mandatory = True,
        ),
        "templates": attr.label_list(allow_files = [".in"], mandatory = True),
        "archives": attr.label_list(
            allow_files = [".tar"],
            doc = "Of files in the places that they have below the prefix.",
        ),
        "_stage": attr.label(
            default = "//bazel/install:stage",
            executable = True,
            cfg = "host",
        ),
    },
)
