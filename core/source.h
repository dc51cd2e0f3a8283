/* SPDX-License-Identifier: MIT
 *
 * core/source.h - something that a poll can watch.
 *
 * Embedded in each socket type of net/, or wrapped around a handle of another
 * library (mio_source_init). A source is registered with at most one poll
 * at a time; to move it, deregister it there and register it here. */
#ifndef MIO_CORE_SOURCE_H
#define MIO_CORE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/visibility.h"

MIO_BEGIN_DECLS

/* The system's handle: a descriptor on Unix, a SOCKET or HANDLE on Windows. */
typedef intptr_t mio_handle;
#define MIO_HANDLE_NONE ((mio_handle)-1)

struct mio_poll;

/* Must not move while it is registered: the poll knows where it is. */
struct mio_source {
    /* private */
    mio_handle handle;
    struct mio_poll *poll; /* NULL while not registered; atomic */
    uint32_t slot;         /* its place in that poll's table */
    uint32_t flags;        /* interest, mode */
};

/** Wrap a handle that somebody else owns and made non-blocking. The source
 *  borrows it: deregister before the handle is closed. Such a source cannot
 *  re-arm itself, so register it with MIO_LEVEL, or call mio_source_arm after
 *  each would-block.                                      Thread: owner. */
MIO_API void mio_source_init(struct mio_source *self, mio_handle handle);

/** Whether it is registered with a poll now.              Thread: owner. */
MIO_API bool mio_source_is_registered(const struct mio_source *self);

/** Say that an operation in `directions` (MIO_READABLE, MIO_WRITABLE) would
 *  block, so that the next edge in these directions, and in no other, is
 *  reported; at once, if it is there already. The types of net/ do this
 *  themselves. Nothing happens on epoll and kqueue, where every edge is
 *  reported, nor to MIO_LEVEL and MIO_ONESHOT.            Thread: owner. */
MIO_API void mio_source_arm(struct mio_source *self, uint32_t directions);

/** Deregister from whatever poll it is registered with, also one that was freed
 *  already; nothing if there is none. For what closes a handle.
 *                                                         Thread: owner. */
MIO_API void mio_source_deregister(struct mio_source *self);

MIO_END_DECLS
#endif /* MIO_CORE_SOURCE_H */
