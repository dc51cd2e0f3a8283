/* SPDX-License-Identifier: MIT
 *
 * core/poll.h - wait for readiness on many sources, in one thread.
 *
 * A poll owns one OS selector. It allocates in mio_poll_new() and never
 * again. One thread waits; any thread may register, reregister and deregister
 * meanwhile. Guide: core/README.md. */
#ifndef MIO_CORE_POLL_H
#define MIO_CORE_POLL_H

#include <stdint.h>

#include "core/allocator.h"
#include "core/error.h"
#include "core/event.h"
#include "core/interest.h"
#include "core/log.h"
#include "core/source.h"
#include "core/token.h"
#include "core/visibility.h"

MIO_BEGIN_DECLS

/* Opaque: one per thread that waits. */
struct mio_poll;

#define MIO_FOREVER INT64_C(-1) /* a timeout_ns that never expires */

/* How the system is asked. The default is the best that it has, unless the
 * variable MIO_SELECTOR of the environment says "epoll" or "poll" (any other
 * word: MIO_EINVAL). */
enum mio_selector_kind {
    MIO_SELECTOR_DEFAULT, /* 0 */
    MIO_SELECTOR_EPOLL,   /* Linux; MIO_ENOTSUP elsewhere */
    MIO_SELECTOR_POLL,    /* poll(2): a wait costs as much as handles are
                             watched; no MIO_EXCLUSIVE, no mio_poll_handle */
};

/* How a poll is made; all 0 is good. */
struct mio_poll_options {
    uint32_t sources_max; /* registrations at once; 0 = 65536. The table is
                             reserved at once, and costs memory as it fills.
                             MIO_EINVAL above 2^31 */
    enum mio_selector_kind selector;       /* how the system is asked */
    const struct mio_allocator *allocator; /* NULL: libc's */
    const struct mio_log *log;             /* NULL: none */
};

/** Create a poll in *out; the caller owns it. `options` may be NULL. *out is
 *  untouched on failure.
 *  Returns 0 | MIO_EMFILE | MIO_ENFILE | MIO_ENOMEM | MIO_EINVAL (sizes, or a
 *  selector that is none) | MIO_ENOTSUP (a selector of another system,
 *  or one that this one lacks or forbids).
 *                                                         Thread: any. */
MIO_API MIO_NODISCARD int mio_poll_new(struct mio_poll **out,
                                       const struct mio_poll_options *options);

/** Release a poll (NULL is fine). Sources that are still registered stay open
 *  and yield no more events. They are deregistered or closed later, as always;
 *  until the last of them was, the poll's table stays in memory. No other
 *  thread may use the poll any more; but wakers may still be woken and freed,
 *  and registries (core/registry.h) be used: what is under way in one of them
 *  is waited for. While a thread waits on it, this ends the program.
 *                                                         Thread: owner. */
MIO_API void mio_poll_free(struct mio_poll *self);

/** Watch a source for `interest` (a non-empty set) in `mode`. The source stays
 *  where it is in memory, and its handle open, until it is deregistered.
 *  After a failure it is as before.
 *  Returns 0 | MIO_EEXIST (it is registered, here or with another poll; or its
 *  handle is, here, by another source) | MIO_EINVAL (interest, mode, NULL)
 *  | MIO_EBADF | MIO_EPERM (a handle that cannot be watched, as a regular file)
 *  | MIO_ENOSPC (sources_max, or the system's own limit) | MIO_ENOMEM
 *  | MIO_ENOTSUP (a mode).
 *               Thread: any; of two that register one source, one succeeds. */
MIO_API MIO_NODISCARD int mio_poll_register(struct mio_poll *self,
                                            struct mio_source *source,
                                            mio_token token, uint32_t interest,
                                            uint32_t mode);

/** Replace token, interest and mode of a registered source. Events of the old
 *  registration that were not taken yet vanish; if the source is ready under
 *  the new one, a new event follows (so this also re-arms MIO_ONESHOT).
 *  Returns 0 | MIO_ENOENT (not registered here) | as mio_poll_register. After
 *  a failure it is as before. One exception: what was or becomes MIO_EXCLUSIVE
 *  is taken out and put in again, and when the system has no room for it any
 *  more (MIO_ENOSPC, MIO_ENOMEM) it is deregistered, which
 *  mio_source_is_registered tells.
 *                          Thread: any, one at a time for any one source. */
MIO_API MIO_NODISCARD int mio_poll_reregister(struct mio_poll *self,
                                              struct mio_source *source,
                                              mio_token token,
                                              uint32_t interest, uint32_t mode);

/** Stop watching. After it returns, no event of this registration is taken
 *  any more, not even from a batch that is being handled.
 *  Returns 0 | MIO_ENOENT (not registered here) | MIO_EINVAL (NULL).
 *                          Thread: any, one at a time for any one source. */
MIO_API int mio_poll_deregister(struct mio_poll *self,
                                struct mio_source *source);

/** Wait at most timeout_ns (0 = do not block; MIO_FOREVER, as anything else
 *  that is negative), then fill `events` with at most its capacity; what does
 *  not fit comes next time. Timeouts are rounded up to what the system can
 *  count. A signal handler that ran ends the wait.
 *  It need not be a place where threads are cancelled; on x86-64 it is none.
 *  Returns the number of events (those deregistered before they are taken
 *  included), 0 after a timeout | MIO_EINTR | MIO_EBUSY (another thread waits
 *  on it) | MIO_EINVAL (NULL); on poll(2) also, both after at most a
 *  millisecond, MIO_EINVAL (the limit of open files is 0) | MIO_ENOMEM (the
 *  kernel's).                                             Thread: owner. */
MIO_API MIO_NODISCARD int mio_poll_wait(struct mio_poll *self,
                                        struct mio_events *events,
                                        int64_t timeout_ns);

/** The selector's own descriptor, to be watched by another loop: readable when
 *  a wait would not block. MIO_HANDLE_NONE where the selector has none.
 *                                                         Thread: any. */
MIO_API mio_handle mio_poll_handle(const struct mio_poll *self);

MIO_END_DECLS
#endif /* MIO_CORE_POLL_H */
