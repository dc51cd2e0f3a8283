/* SPDX-License-Identifier: MIT
 *
 * core/event.h - one readiness event, and a batch of them.
 *
 * An event is a hint: the operation that follows may still say MIO_EAGAIN.
 * Readable and writable are promised; error and the closed hints may be
 * missing, but a closed hint that is there is true. */
#ifndef MIO_CORE_EVENT_H
#define MIO_CORE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/allocator.h"
#include "core/token.h"
#include "core/visibility.h"

MIO_BEGIN_DECLS

/* Readiness of an event. The lower bits have the values of the interests. */
#define MIO_READY_READABLE UINT32_C(1)
#define MIO_READY_WRITABLE UINT32_C(2)
#define MIO_READY_AIO UINT32_C(4)
#define MIO_READY_LIO UINT32_C(8)
#define MIO_READY_PRIORITY UINT32_C(16)
#define MIO_READY_ERROR UINT32_C(32)
#define MIO_READY_READ_CLOSED UINT32_C(64)
#define MIO_READY_WRITE_CLOSED UINT32_C(128)

/* A value: free to copy, and to keep. */
struct mio_event {
    mio_token token;    /* what the source was registered with */
    uint32_t readiness; /* MIO_READY_* bits */
};

/** There is something to read, or to accept, or the end, or an error.
 *                                                         Thread: any. */
static inline bool mio_event_is_readable(const struct mio_event *self)
{
    return (self->readiness & MIO_READY_READABLE) != 0;
}

/** There is room to write, or a connection was made, or it failed.
 *                                                         Thread: any. */
static inline bool mio_event_is_writable(const struct mio_event *self)
{
    return (self->readiness & MIO_READY_WRITABLE) != 0;
}

/** A hint: something went wrong; the next operation tells what.
 *                                                         Thread: any. */
static inline bool mio_event_is_error(const struct mio_event *self)
{
    return (self->readiness & MIO_READY_ERROR) != 0;
}

/** True: the peer has shut down its sending side, or we our receiving one.
 *                                                         Thread: any. */
static inline bool mio_event_is_read_closed(const struct mio_event *self)
{
    return (self->readiness & MIO_READY_READ_CLOSED) != 0;
}

/** True: nothing that is written will arrive any more.    Thread: any. */
static inline bool mio_event_is_write_closed(const struct mio_event *self)
{
    return (self->readiness & MIO_READY_WRITE_CLOSED) != 0;
}

/** Out-of-band data came; only for who asked for MIO_PRIORITY. Thread: any. */
static inline bool mio_event_is_priority(const struct mio_event *self)
{
    return (self->readiness & MIO_READY_PRIORITY) != 0;
}

/* A reusable batch, filled by mio_poll_wait. Opaque: it keeps the selector's
 * own records, and looks each up only when it is taken, so that a source that
 * was deregistered while the batch is handled yields no event. */
struct mio_events;

/** Create a batch of at most `capacity` events (1..65536) in *out.
 *  Returns 0 | MIO_EINVAL | MIO_ENOMEM.                   Thread: any. */
MIO_API MIO_NODISCARD int mio_events_new(struct mio_events **out,
                                         uint32_t capacity);

/** The same, with memory of `allocator` (NULL: libc's).
 *  Returns as mio_events_new.                             Thread: any. */
MIO_API MIO_NODISCARD int
mio_events_new_with(struct mio_events **out, uint32_t capacity,
                    const struct mio_allocator *allocator);

/** Release a batch (NULL is fine).                        Thread: owner. */
MIO_API void mio_events_free(struct mio_events *self);

/** The capacity it was created with.                      Thread: owner. */
MIO_API uint32_t mio_events_capacity(const struct mio_events *self);

/** Whether the last wait left nothing in it.              Thread: owner. */
MIO_API bool mio_events_is_empty(const struct mio_events *self);

/** Forget the events that are in it.                      Thread: owner. */
MIO_API void mio_events_clear(struct mio_events *self);

/** Take the next event into *out; false when none is left. Skips events of
 *  registrations that are gone. mio_poll_wait starts it anew; the poll that
 *  filled it must still live.                             Thread: owner. */
MIO_API bool mio_events_next(struct mio_events *self, struct mio_event *out);

/** Start over at the first event of the last wait.        Thread: owner. */
MIO_API void mio_events_rewind(struct mio_events *self);

MIO_END_DECLS
#endif /* MIO_CORE_EVENT_H */
