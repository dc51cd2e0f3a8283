"""runtime_library: a library of the runtime and its twin for the litmus tests.

The twin NAME_litmus has the seams of runtime/mailbox/litmus.h compiled in, and
is built on the twins of `twins`. Only tests may use it.
"""

load("//bazel:mio.bzl", "mio_library")

def runtime_library(
        name,
        visibility,
        srcs = [],
        hdrs = [],
        deps = [],
        twins = [],
        **kwargs):
    """A library; `twins` are those of its deps that have twins themselves."""
    mio_library(
        name = name,
        srcs = srcs,
        hdrs = hdrs,
        visibility = visibility,
        deps = deps + twins,
        **kwargs
    )
    mio_library(
        name = name + "_litmus",
        testonly = True,
        srcs = srcs,
        # Not hdrs: that they compile alone is tested above.
        textual_hdrs = hdrs,
        visibility = [
            "//runtime:__subpackages__",
            "//tests/runtime:__subpackages__",
        ],
        deps = deps + [_twin(label) for label in twins],
        defines = ["MIO_LITMUS"],
        **kwargs
    )

def _twin(label):
    if ":" in label:
        return label + "_litmus"
    return label + ":" + label.split("/")[-1] + "_litmus"
