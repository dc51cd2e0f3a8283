/* SPDX-License-Identifier: MIT
 *
 * core/error.h - one map of errors: name, code, text.
 *
 * A function that can fail returns an int: zero or a count on success, one of
 * these negative codes otherwise. On Unix a code that the system also knows is
 * its -errno, so that no table stands between the two; codes of our own lie
 * below -4095, where no system has any.
 *
 * A pointer may be NULL where its function says so. To any other that is NULL,
 * the functions of core that answer codes answer MIO_EINVAL, before they do
 * anything; to those that answer none it must not be given. */
#ifndef MIO_CORE_ERROR_H
#define MIO_CORE_ERROR_H

#include <errno.h>

#include "core/visibility.h"

MIO_BEGIN_DECLS

/* X(name, code, text). The one list: enum, names and texts come from it. */
#define MIO_ERROR_MAP(X)                                                       \
    X(MIO_E2BIG, -E2BIG, "argument list too long")                             \
    X(MIO_EACCES, -EACCES, "permission denied")                                \
    X(MIO_EADDRINUSE, -EADDRINUSE, "address already in use")                   \
    X(MIO_EADDRNOTAVAIL, -EADDRNOTAVAIL, "address not available")              \
    X(MIO_EAFNOSUPPORT, -EAFNOSUPPORT, "address family not supported")         \
    X(MIO_EAGAIN, -EAGAIN, "would block, wait for readiness")                  \
    X(MIO_EALREADY, -EALREADY, "already in progress")                          \
    X(MIO_EBADF, -EBADF, "bad descriptor")                                     \
    X(MIO_EBUSY, -EBUSY, "busy")                                               \
    X(MIO_ECANCELED, -ECANCELED, "cancelled")                                  \
    X(MIO_ECONNABORTED, -ECONNABORTED, "connection aborted")                   \
    X(MIO_ECONNREFUSED, -ECONNREFUSED, "connection refused")                   \
    X(MIO_ECONNRESET, -ECONNRESET, "connection reset by peer")                 \
    X(MIO_EDESTADDRREQ, -EDESTADDRREQ, "destination address required")         \
    X(MIO_EEXIST, -EEXIST, "already registered or already there")              \
    X(MIO_EFAULT, -EFAULT, "bad address")                                      \
    X(MIO_EHOSTUNREACH, -EHOSTUNREACH, "host unreachable")                     \
    X(MIO_EINPROGRESS, -EINPROGRESS, "in progress")                            \
    X(MIO_EINTR, -EINTR, "interrupted by a signal")                            \
    X(MIO_EINVAL, -EINVAL, "invalid argument")                                 \
    X(MIO_EIO, -EIO, "input/output error")                                     \
    X(MIO_EISCONN, -EISCONN, "already connected")                              \
    X(MIO_ELOOP, -ELOOP, "too many links in a path")                           \
    X(MIO_EMFILE, -EMFILE, "too many descriptors in this process")             \
    X(MIO_EMSGSIZE, -EMSGSIZE, "message too large")                            \
    X(MIO_ENAMETOOLONG, -ENAMETOOLONG, "name too long")                        \
    X(MIO_ENETDOWN, -ENETDOWN, "network down")                                 \
    X(MIO_ENETUNREACH, -ENETUNREACH, "network unreachable")                    \
    X(MIO_ENFILE, -ENFILE, "too many descriptors in the system")               \
    X(MIO_ENOBUFS, -ENOBUFS, "no buffer space")                                \
    X(MIO_ENODEV, -ENODEV, "no such device")                                   \
    X(MIO_ENOENT, -ENOENT, "not registered or not there")                      \
    X(MIO_ENOMEM, -ENOMEM, "out of memory")                                    \
    X(MIO_ENOPROTOOPT, -ENOPROTOOPT, "protocol option not available")          \
    X(MIO_ENOSPC, -ENOSPC, "no room left")                                     \
    X(MIO_ENOSYS, -ENOSYS, "not available on this system")                     \
    X(MIO_ENOTCONN, -ENOTCONN, "not connected")                                \
    X(MIO_ENOTDIR, -ENOTDIR, "not a folder")                                   \
    X(MIO_ENOTSOCK, -ENOTSOCK, "not a socket")                                 \
    X(MIO_ENOTSUP, -ENOTSUP, "not supported")                                  \
    X(MIO_EOVERFLOW, -EOVERFLOW, "value too large")                            \
    X(MIO_EPERM, -EPERM, "operation not permitted")                            \
    X(MIO_EPIPE, -EPIPE, "broken pipe")                                        \
    X(MIO_EPROTO, -EPROTO, "protocol error")                                   \
    X(MIO_EPROTOTYPE, -EPROTOTYPE, "another kind of socket")                   \
    X(MIO_EROFS, -EROFS, "read-only file system")                              \
    X(MIO_ESRCH, -ESRCH, "no such process or thread")                          \
    X(MIO_ETIMEDOUT, -ETIMEDOUT, "timed out")                                  \
    X(MIO_ECLOSED, -5001, "closed, accepts nothing more")                      \
    X(MIO_EDEAD, -5002, "the actor is dead")                                   \
    X(MIO_EFULL, -5003, "full, its limit is reached")                          \
    X(MIO_EKILLED, -5004, "killed")                                            \
    X(MIO_ESTOPPED, -5005, "stopped")                                          \
    X(MIO_ERESTARTS, -5006, "its children were restarted too often")

#define MIO_OK 0 /* no error */

#define MIO_ERROR_ENUM(name, code, text) name = (code),
/* The codes. Functions return them as an int, since counts share the way. */
enum mio_error { MIO_ERROR_MAP(MIO_ERROR_ENUM) };
#undef MIO_ERROR_ENUM

/** The name of a code, as "MIO_EAGAIN"; "MIO_OK" for values >= 0 and
 *  "MIO_E?" for a code the map does not have. Never NULL, never freed.
 *                                                  Thread: any, signal-safe. */
MIO_API const char *mio_error_name(int code);

/** A sentence fragment for people, as "would block, wait for readiness".
 *  Never NULL, never freed.                        Thread: any, signal-safe. */
MIO_API const char *mio_error_text(int code);

MIO_END_DECLS
#endif /* MIO_CORE_ERROR_H */
