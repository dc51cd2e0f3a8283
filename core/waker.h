/* SPDX-License-Identifier: MIT
 *
 * core/waker.h - wake a waiting poll from any thread or signal handler.
 *
 * The doorbell: a wake makes one readable event with the waker's token. Wakes
 * that were not seen yet coalesce into one. A poll may have many wakers; they
 * share one OS object. */
#ifndef MIO_CORE_WAKER_H
#define MIO_CORE_WAKER_H

#include "core/error.h"
#include "core/poll.h"
#include "core/registry.h"
#include "core/token.h"
#include "core/visibility.h"

MIO_BEGIN_DECLS

/* Opaque, and counted by reference: outlives its poll. */
struct mio_waker;

/** Create a waker of `poll` in *out; its events carry `token`.
 *  Returns 0 | MIO_ENOMEM.                                Thread: any. */
MIO_API MIO_NODISCARD int mio_waker_new(struct mio_waker **out,
                                        struct mio_poll *poll, mio_token token);

/** The same, of the registry's poll.
 *  Returns 0 | MIO_ENOMEM | MIO_ECLOSED (the poll is gone) | MIO_EINVAL (a
 *  token of an event loop's own).
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD int mio_waker_new_in(struct mio_waker **out,
                                           struct mio_registry *registry,
                                           mio_token token);

/** Release a waker (NULL is fine). A wake that was given is still seen, also
 *  when the poll looks only later. The poll may be gone already.
 *                           Thread: any, when no other thread uses it. */
MIO_API void mio_waker_free(struct mio_waker *self);

/** Make the poll see an event of this waker: now if it waits, else at its next
 *  wait. At most one system call, none if a wake is already under way.
 *  Returns 0 | MIO_ECLOSED (the poll is gone).     Thread: any, signal-safe. */
MIO_API int mio_waker_wake(struct mio_waker *self);

MIO_END_DECLS
#endif /* MIO_CORE_WAKER_H */
