/* SPDX-License-Identifier: MIT
 *
 * net/server/send_queue.h - what a connection has to write: copies and slices.
 *
 * Knows no socket: it shows its front as pieces for one gathered write, and
 * forgets what was written. Its memory is chunks, borrowed as it fills and
 * given back as it empties; an empty queue holds none. Not installed. */
#ifndef MIO_NET_SERVER_SEND_QUEUE_H
#define MIO_NET_SERVER_SEND_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/slice.h"
#include "core/visibility.h"
#include "net/server/chunk_pool.h"
#include "net/tcp_stream.h"

/* A slice of at most so many bytes is copied: it joins the copy before it, and
 * costs neither a piece of the gathered write nor a reference. (Measured over
 * 300 sockets: equal at 64 bytes, and from 128 on a reference costs less.) */
#define MIO_SEND_COPY_MAX 64

struct mio_send_block;

struct mio_send_queue {
    struct mio_send_block *head; /* is written first */
    struct mio_send_block *tail; /* is filled */
    size_t size;                 /* bytes */
};

/* An empty queue. */
void mio_send_queue_init(struct mio_send_queue *self);

/* Forget everything: chunks go back, references are dropped. */
void mio_send_queue_clear(struct mio_send_queue *self,
                          struct mio_chunk_pool *pool);

/* Append a copy of `size` bytes, all or nothing. Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int mio_send_queue_push(struct mio_send_queue *self,
                                      struct mio_chunk_pool *pool,
                                      const void *bytes, size_t size);

/* Append a slice, by reference if it is large. Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int mio_send_queue_push_slice(struct mio_send_queue *self,
                                            struct mio_chunk_pool *pool,
                                            struct mio_slice *slice);

/* Show the front as at most pieces_max pieces, *size bytes together. Returns
 * the number of pieces; they are valid until the next call that changes the
 * queue. */
size_t mio_send_queue_peek(const struct mio_send_queue *self,
                           struct mio_iovec *pieces, size_t pieces_max,
                           size_t *size);

/* Forget the first `size` bytes, at most as many as there are. */
void mio_send_queue_pop(struct mio_send_queue *self,
                        struct mio_chunk_pool *pool, size_t size);

static inline bool mio_send_queue_is_empty(const struct mio_send_queue *self)
{
    return self->size == 0;
}

#endif /* MIO_NET_SERVER_SEND_QUEUE_H */
