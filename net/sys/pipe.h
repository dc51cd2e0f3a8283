/* SPDX-License-Identifier: MIT
 *
 * net/sys/pipe.h - the contract of the system's pipes.
 *
 * As net/sys/socket.h: non-blocking and not inherited, no SIGPIPE, no
 * MIO_EINTR, a count or a negative code. Not installed. */
#ifndef MIO_NET_SYS_PIPE_H
#define MIO_NET_SYS_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/iovec.h"
#include "core/source.h"

/* Returns 0 | MIO_EMFILE | MIO_ENFILE. */
int mio_pipe_handles_open(mio_handle *to_write, mio_handle *to_read);
void mio_pipe_handle_close(mio_handle handle);
int mio_pipe_handle_set_nonblocking(mio_handle handle, bool on);

/* `count` is at most MIO_IOVECS_MAX. A handle begins with *masks_signal false;
 * it becomes true when the system has no better way to keep SIGPIPE away. */
int64_t mio_pipe_handle_write(mio_handle handle, const struct mio_iovec *pieces,
                              size_t count, bool *masks_signal);
int64_t mio_pipe_handle_read(mio_handle handle, const struct mio_iovec *pieces,
                             size_t count);

#endif /* MIO_NET_SYS_PIPE_H */
