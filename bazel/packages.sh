# shellcheck shell=sh
# bazel/packages.sh - which Debian packages this repository needs, and how they
# get onto the machine. Sourced by bazelw and bazel/lint.sh; changes nothing by
# itself.

# What every build needs: Bazel with a compiler, and the libraries we use.
# bazel/repositories.bzl finds the libraries with pkg-config.
PACKAGES_BUILD="bazel-bootstrap pkg-config libck-dev libjemalloc-dev libcmocka-dev"

# What the tests need besides: the chat is tested with the clients that people
# use, driven in a terminal; the installation with CMake (11 MB to download,
# 42 MB on disk); its manual pages with roff (4 MB on disk). spin looks
# through the models (1 MB).
PACKAGES_TEST="irssi weechat-curses netcat-openbsd tmux cmake groff-base spin"

# What examples/interoperability.c shows: libraries of others in our loop. Only
# who builds everything, or examples, needs them.
PACKAGES_EXAMPLES="libcurl4-openssl-dev libc-ares-dev"

# What the reference is made with: ./bazelw run //docs:reference. A test makes
# it, too.
PACKAGES_DOCS="doxygen"

# The libraries that bench/core compares with: small (a megabyte together), so
# the tests have them, too, and their programs do not rot. Without them
# everything builds, and those programs say why they do nothing.
PACKAGES_PEERS="libuv1-dev libev-dev libevent-dev"

# What running bench/core needs besides, to count instructions.
PACKAGES_BENCH="valgrind"

# What --config=clang needs: the compiler, and its sanitizers.
PACKAGES_CLANG="clang-14 libclang-rt-14-dev"

# What --config=valgrind needs.
PACKAGES_VALGRIND="valgrind"

# What bazel/lint.sh needs.
PACKAGES_FORMAT="clang-format-14"
PACKAGES_TIDY="clang-tidy-14"

# packages_say TEXT...: on stderr, since stdout belongs to the program that is
# run in the end.
packages_say() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# packages_missing PACKAGE...: prints those that are not installed.
packages_missing() {
    for package in "$@"; do
        status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) ||
            status=
        [ "$status" = installed ] || printf ' %s' "$package"
    done
}

# packages_need WHY PACKAGE...: installs what is missing, or says what to do and
# fails. Touches no network when everything is there.
packages_need() {
    why=$1
    shift
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        packages_say "this system has no apt. $why needs these packages of" \
            "Debian 12, or what your system calls them: $*." \
            "With them in place, call bazel itself instead of bazelw."
        return 1
    fi
    missing=$(packages_missing "$@")
    [ -n "$missing" ] || return 0

    as_root=
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            packages_say "$why needs packages that are not installed, and" \
                "there is no sudo to install them with. As root:" \
                "apt-get install --no-install-recommends$missing"
            return 1
        fi
        as_root=sudo
    fi
    packages_say "$why needs packages that are not installed. Installing with" \
        "${as_root:+sudo }apt-get:$missing"
    # shellcheck disable=SC2086  # a list of words
    packages_install $missing
}

# packages_install PACKAGE...: apt's hundreds of lines are shown only when it
# fails. Waits for another apt that may be running.
packages_install() {
    log=$(mktemp)
    apt="$as_root env DEBIAN_FRONTEND=noninteractive
        apt-get -q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0"
    # A failed update is no end: what is listed already may suffice.
    # sudo may ask for a password: it reads and writes the terminal itself.
    # shellcheck disable=SC2086  # a list of words
    if ! { $apt update || true; } </dev/null >"$log" 2>&1 ||
        ! $apt install --no-install-recommends "$@" </dev/null >>"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        packages_say "apt-get could not install: $*"
        return 1
    fi
    rm -f "$log"
}
