/* SPDX-License-Identifier: MIT
 *
 * net/unix_listener.h - accept Unix stream connections, non-blocking.
 *
 * Listening at a path makes a file, which stays when the listener is closed,
 * as the system has it, and then keeps others from listening there. It is never
 * removed unless somebody says so: by unlink_on_close, or by
 * mio_unix_listener_remove_stale before opening. */
#ifndef MIO_NET_UNIX_LISTENER_H
#define MIO_NET_UNIX_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/log.h"
#include "core/source.h"
#include "core/visibility.h"
#include "net/address.h"
#include "net/unix_stream.h"

MIO_BEGIN_DECLS

/* Must not move while it is registered. */
struct mio_unix_listener {
    struct mio_source source; /* what a poll registers */
    /* private: the file that close removes, all 0 for none */
    uint64_t device;
    uint64_t file;
    int64_t process;
    const struct mio_log *log;
};

/* How to listen; all 0 is good. */
struct mio_unix_listen_options {
    int backlog;          /* 0 = 1024; the system may cut it */
    bool unlink_on_close; /* remove the file, if it is still the one that was
                             made here, and not in a fork of this process */
    const struct mio_log *log; /* told if it cannot be removed; NULL: none.
                                  Used until the listener is closed */
};

/** Bind and listen at a path, or an abstract name; `options` may be NULL.
 *  Returns 0 | MIO_EADDRINUSE (there is a file, whoever made it) | MIO_EACCES
 *  | MIO_ENOENT (no such folder) | MIO_ENOTDIR | MIO_EROFS | MIO_EMFILE
 *  | MIO_ENFILE | MIO_ENOBUFS | MIO_ENOMEM | MIO_EINVAL | MIO_EAFNOSUPPORT.
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD int
mio_unix_listener_open(struct mio_unix_listener *out,
                       const struct mio_address *at,
                       const struct mio_unix_listen_options *options);

/** Remove the socket file of a listener that did not, if nobody listens there
 *  now. Two that start at the same moment can each take the other's file for a
 *  stale one: who cannot exclude that holds a lock meanwhile.
 *  Returns 0 (it is gone) | MIO_ENOENT (there is none) | MIO_EADDRINUSE
 *  (somebody listens) | MIO_ENOTSOCK (another kind of file) | MIO_EACCES
 *  | MIO_EINVAL (not a path) | MIO_EMFILE | MIO_ENFILE.   Thread: any. */
MIO_API MIO_NODISCARD int
mio_unix_listener_remove_stale(const struct mio_address *at);

/** Close at once, deregistering it if need be; a closed one may be closed
 *  again. Who waits to be accepted reads the end.         Thread: owner. */
MIO_API void mio_unix_listener_close(struct mio_unix_listener *self);

/** Whether it has a handle.                               Thread: owner. */
MIO_API bool mio_unix_listener_is_open(const struct mio_unix_listener *self);

/** Accept one connection: non-blocking, not inherited. `peer` may be NULL; it
 *  is MIO_FAMILY_NONE for most, who have no name.
 *  Returns 0 | MIO_EAGAIN (none waits) | MIO_EMFILE | MIO_ENFILE | MIO_ENOBUFS
 *  | MIO_ENOMEM | MIO_ECONNABORTED (that one is gone; try the next).
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int
mio_unix_listener_accept(struct mio_unix_listener *self,
                         struct mio_unix_stream *out, struct mio_address *peer);

/** Where it listens.
 *  Returns 0 | MIO_EBADF.                                 Thread: owner. */
MIO_API int mio_unix_listener_address(const struct mio_unix_listener *self,
                                      struct mio_address *out);

/** The pending error of the socket, which this call clears.
 *  Returns 0 (none) | the code.                           Thread: owner. */
MIO_API int mio_unix_listener_take_error(struct mio_unix_listener *self);

/** Own a listening socket that somebody else made; its file is theirs. Nothing
 *  is set: it must be non-blocking, and should not be inherited.
 *                                                         Thread: any. */
MIO_API void mio_unix_listener_from_handle(struct mio_unix_listener *out,
                                           mio_handle handle);

/** Give the listening socket away, and its file with it: nothing is removed.
 *  Returns the handle | MIO_HANDLE_NONE (closed).         Thread: owner. */
MIO_API MIO_NODISCARD mio_handle
mio_unix_listener_release(struct mio_unix_listener *self);

MIO_END_DECLS
#endif /* MIO_NET_UNIX_LISTENER_H */
