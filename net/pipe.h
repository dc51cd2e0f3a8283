/* SPDX-License-Identifier: MIT
 *
 * net/pipe.h - the two ends of a pipe, non-blocking; also those of a child's
 * standard input and output.
 *
 * Embedded in the caller's object. Operations answer a count or a negative
 * code; MIO_EAGAIN is normal and re-arms that direction. SIGPIPE is never
 * raised, the handles are never inherited. When one end is closed the other
 * has one event: a receiver's says read closed, a sender's write closed. */
#ifndef MIO_NET_PIPE_H
#define MIO_NET_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/iovec.h"
#include "core/source.h"
#include "core/visibility.h"

MIO_BEGIN_DECLS

/* The end that is written. Must not move while it is registered. */
struct mio_pipe_sender {
    struct mio_source source; /* what a poll registers */
    bool masks_signal;        /* private: how SIGPIPE is kept away */
};

/* The end that is read. Must not move while it is registered. */
struct mio_pipe_receiver {
    struct mio_source source; /* what a poll registers */
};

/** Make a pipe. What is sent is received in the same order.
 *  Returns 0 | MIO_EMFILE | MIO_ENFILE.                   Thread: any. */
MIO_API MIO_NODISCARD int mio_pipe_open(struct mio_pipe_sender *sender,
                                        struct mio_pipe_receiver *receiver);

/* --- the end that is written -------------------------------------------- */

/** Close at once, deregistering it if need be; a closed one may be closed
 *  again. The receiver reads what was written, then the end.
 *                                                         Thread: owner. */
MIO_API void mio_pipe_sender_close(struct mio_pipe_sender *self);

/** Whether it has a handle.                               Thread: owner. */
MIO_API bool mio_pipe_sender_is_open(const struct mio_pipe_sender *self);

/** Write up to `size` bytes; up to PIPE_BUF (POSIX: at least 512) all or
 *  nothing.
 *  Returns the count | MIO_EAGAIN | MIO_EPIPE (no receiver any more).
 *                                                         Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_pipe_sender_write(
    struct mio_pipe_sender *self, const void *bytes, size_t size);

/** Write the first MIO_IOVECS_MAX of `count` pieces in one system call.
 *  Returns as mio_pipe_sender_write.                      Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_pipe_sender_writev(
    struct mio_pipe_sender *self, const struct mio_iovec *pieces, size_t count);

/** Own the writing end of a pipe, a FIFO, a child's standard input. Nothing is
 *  set: see mio_pipe_sender_set_nonblocking.              Thread: any. */
MIO_API void mio_pipe_sender_from_handle(struct mio_pipe_sender *out,
                                         mio_handle handle);

/** Give the end away: it is deregistered, and closed here; the handle, as it
 *  is, is the caller's.
 *  Returns the handle | MIO_HANDLE_NONE (closed).         Thread: owner. */
MIO_API MIO_NODISCARD mio_handle
mio_pipe_sender_release(struct mio_pipe_sender *self);

/** Whether operations answer MIO_EAGAIN, or wait, as who shares this end, or
 *  is given it, may expect. Concerns all copies of the handle, in other
 *  processes too, but not the other end.
 *  Returns 0 | MIO_EBADF.                                 Thread: owner. */
MIO_API int mio_pipe_sender_set_nonblocking(struct mio_pipe_sender *self,
                                            bool on);

/* --- the end that is read ----------------------------------------------- */

/** Close at once, deregistering it if need be; a closed one may be closed
 *  again. What is not read is lost, and writing MIO_EPIPE. Thread: owner. */
MIO_API void mio_pipe_receiver_close(struct mio_pipe_receiver *self);

/** Whether it has a handle.                               Thread: owner. */
MIO_API bool mio_pipe_receiver_is_open(const struct mio_pipe_receiver *self);

/** Read up to `size` bytes.
 *  Returns the count, 0 at the end (no sender any more) | MIO_EAGAIN
 *  | MIO_EINVAL (no room).                                Thread: owner. */
MIO_API MIO_NODISCARD int64_t mio_pipe_receiver_read(
    struct mio_pipe_receiver *self, void *bytes, size_t size);

/** Read into the first MIO_IOVECS_MAX of `count` pieces in one system call.
 *  Returns as mio_pipe_receiver_read.                     Thread: owner. */
MIO_API MIO_NODISCARD int64_t
mio_pipe_receiver_readv(struct mio_pipe_receiver *self,
                        const struct mio_iovec *pieces, size_t count);

/** Own the reading end of a pipe, a FIFO, a child's standard output. Nothing is
 *  set: see mio_pipe_receiver_set_nonblocking.            Thread: any. */
MIO_API void mio_pipe_receiver_from_handle(struct mio_pipe_receiver *out,
                                           mio_handle handle);

/** Give the end away, as mio_pipe_sender_release.
 *  Returns the handle | MIO_HANDLE_NONE (closed).         Thread: owner. */
MIO_API MIO_NODISCARD mio_handle
mio_pipe_receiver_release(struct mio_pipe_receiver *self);

/** Whether operations answer MIO_EAGAIN, as mio_pipe_sender_set_nonblocking.
 *  Returns 0 | MIO_EBADF.                                 Thread: owner. */
MIO_API int mio_pipe_receiver_set_nonblocking(struct mio_pipe_receiver *self,
                                              bool on);

MIO_END_DECLS
#endif /* MIO_NET_PIPE_H */
