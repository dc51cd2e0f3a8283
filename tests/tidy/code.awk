# tests/tidy/code.awk - the rules that can be told line by line.
#
# Input: files named from the root of the repository, which is the current
# directory. Output: one "file:line: rule: what is wrong" per finding.
# Plain POSIX awk: Debian's is mawk.

function report(line, rule, text)
{
    printf "%s:%d: %s: %s\n", FILENAME, line, rule, text
}

# Is the file in this room? (a prefix of its path)
function in_room(room)
{
    return index(FILENAME, room "/") == 1
}

function begin_file()
{
    is_header = FILENAME ~ /\.h$/
    is_code = FILENAME ~ /\.[ch]$/
    is_sys = FILENAME ~ /(^|\/)sys\//
    # Rooms that may use the system as they like: they are programs on the
    # outside of the library.
    is_free = in_room("tests") || in_room("bench") || in_room("examples")
    # The stand-in wears the name, the guard and the includes of CK's header.
    if (in_room("bazel/ck"))
        is_free = is_sys = 1
    purpose_seen = guard_seen = function_start = comment_has_thread = 0
    line_of_max = 0
}

function end_file()
{
    if (previous == "")
        return
    if (previous_is_code && !purpose_seen_of_previous)
        printf "%s:1: head: the first lines do not say \"%s - its purpose\"\n",
            previous, basename(previous)
}

FNR == 1 {
    end_file()
    begin_file()
    previous = FILENAME
    previous_is_code = is_code
    purpose_seen_of_previous = 0
}

# --- every text file ---------------------------------------------------------

/[ \t\r]$/ {
    report(FNR, "space", "blank at the end of the line")
}

# The brackets keep this file from finding itself.
/(^|[^A-Za-z_])(T[O]DO|F[I]XME|X[X]X|H[A]CK)([^A-Za-z_]|$)|not i[m]plemented|u[n]implemented/ {
    report(FNR, "unfinished", "finish it, or open an issue")
}

/(^|[^A-Za-z0-9_.])\/(home|root|work)\/[a-z]/ {
    report(FNR, "machine", "a path of somebody's machine")
}

FNR == 801 {
    report(FNR, "size", "more than 800 lines: which second concern lives here?")
}

!is_code {
    next
}

# --- C -----------------------------------------------------------------------

FNR == 1 && $0 != "/* SPDX-License-Identifier: MIT" {
    report(1, "head", "the first line is not /* SPDX-License-Identifier: MIT")
}

FNR <= 6 && index($0, basename(FILENAME) " - ") > 0 {
    purpose_seen_of_previous = 1
}

function basename(path)
{
    sub(/.*\//, "", path)
    return path
}

/\t/ {
    report(FNR, "space", "a tab")
}

# The include guard is the path, so that two files never share one.
is_header && !guard_seen && /^#ifndef / {
    guard_seen = 1
    guard = toupper(FILENAME)
    gsub(/[^A-Z0-9]/, "_", guard)
    if ($2 != guard && $2 != "MIO_" guard && !in_room("bazel/ck"))
        report(FNR, "guard", $2 " should be MIO_" guard)
}

/^[ \t]*#[ \t]*include[ \t]*</ {
    name = $0
    sub(/^[^<]*</, "", name)
    sub(/>.*/, "", name)
    check_system_include(name)
}

function check_system_include(name)
{
    if (name ~ /^(ck_|jemalloc)/) {
        if (!in_room("runtime") && !(in_room("apps") && is_sys) && !is_free)
            report(FNR, "include", "<" name "> belongs to the runtime, and " \
                "to a program's sys/")
        return
    }
    if (is_sys || is_free)
        return
    # C's own headers, as far as they are portable. <assert.h> is not among
    # them (MIO_ASSERT stays on in release), nor are <time.h> and <threads.h>:
    # clocks and threads are reached through sys/.
    if (name ~ /^(ctype|float|inttypes|limits|locale|math|signal|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|wchar)\.h$/)
        return
    # The compiler's, to tell a sanitizer of memory that is not in use.
    if (name ~ /^sanitizer\//)
        return
    # The error map is made of errno's numbers.
    if (name == "errno.h" && FILENAME == "core/error.h")
        return
    report(FNR, "include", "<" name "> outside a sys/ folder")
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    name = $0
    sub(/^[^"]*"/, "", name)
    sub(/".*/, "", name)
    if (name !~ /\//)
        report(FNR, "include", "\"" name "\" is not a path from the root")
}

# core/visibility.h is the one public header that has to know how a symbol is
# exported.
/^[ \t]*#[ \t]*(if|ifdef|ifndef|elif)[ \t].*(__linux|__gnu_linux|__unix|__APPLE__|__MACH__|_WIN32|_WIN64|__MINGW|__CYGWIN__|__FreeBSD|__NetBSD__|__OpenBSD__|__DragonFly__|__ANDROID__|__sun|_MSC_VER)/ {
    if (!is_sys && !is_free && FILENAME != "core/visibility.h")
        report(FNR, "platform", "an #if about the system outside a sys/ folder")
}

# Time and chance come through core, so that a simulation can replace them.
/(^|[^A-Za-z0-9_])(clock_gettime|gettimeofday|srand|rand|random|getrandom)\(/ {
    if (!is_sys && !is_free)
        report(FNR, "seam", "time and chance come from core, not the system")
}

# No bounds, no error, or a hidden state.
/(^|[^A-Za-z0-9_])(atoi|atol|atoll|gets|strcpy|strcat|sprintf|vsprintf|strtok|alloca)\(/ {
    if (!is_free)
        report(FNR, "unsafe", "a function that cannot say what went wrong")
}

# A function's braces stand alone in the first column.
$0 == "{" {
    function_start = FNR
}
/^}/ {
    if (function_start && FNR - function_start > 70)
        report(function_start, "size", "a function of more than 70 lines")
    function_start = 0
}

# Each public prototype says which thread may call it.
/^\/\*/ {
    comment_has_thread = 0
}
/Thread: / {
    comment_has_thread = 1
}
is_header && /^MIO_API / && !comment_has_thread {
    report(FNR, "contract", "a public prototype whose comment has no Thread:")
}

END {
    end_file()
}
