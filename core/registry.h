/* SPDX-License-Identifier: MIT
 *
 * core/registry.h - a poll's registrations, for threads that may outlive it.
 *
 * What mio_poll_register and its like ask of their caller is that the poll be
 * there. Who cannot know that holds a registry: a counted reference, good for
 * registering and deregistering while the poll waits, is freed, or is gone,
 * which is then a code and not a fault. A call that is under way when the poll
 * is freed is completed before.
 *
 * A source that was registered through a registry may also be armed, closed or
 * deregistered otherwise without regard to the poll's end. (It costs each of
 * these two locked instructions; who registers with the poll itself pays
 * nothing.) A source is still one thread's at a time. */
#ifndef MIO_CORE_REGISTRY_H
#define MIO_CORE_REGISTRY_H

#include <stdint.h>

#include "core/error.h"
#include "core/poll.h"
#include "core/source.h"
#include "core/token.h"
#include "core/visibility.h"

MIO_BEGIN_DECLS

/* Opaque, counted by reference; it keeps the table of its poll in memory.
 * Threads may share one, or have a reference each. */
struct mio_registry;

/** A reference to the registry of a poll: give it back with mio_registry_free.
 *  Takes no memory.                                       Thread: any. */
MIO_API MIO_NODISCARD struct mio_registry *
mio_poll_registry(struct mio_poll *poll);

/** One more reference to the same.                        Thread: any. */
MIO_API MIO_NODISCARD struct mio_registry *
mio_registry_clone(struct mio_registry *self);

/** Give a reference back (NULL is fine). Sources stay registered.
 *                                                         Thread: any. */
MIO_API void mio_registry_free(struct mio_registry *self);

/** As mio_poll_register.
 *  Returns 0 | MIO_ECLOSED (the poll is gone) | as mio_poll_register; of an
 *  event loop's also MIO_EINVAL for a token of the loop's own.
 *               Thread: any; of two that register one source, one succeeds. */
MIO_API MIO_NODISCARD int
mio_registry_register(struct mio_registry *self, struct mio_source *source,
                      mio_token token, uint32_t interest, uint32_t mode);

/** As mio_poll_reregister.
 *  Returns 0 | MIO_ENOENT (not registered here) | as mio_registry_register.
 *                          Thread: any, one at a time for any one source. */
MIO_API MIO_NODISCARD int
mio_registry_reregister(struct mio_registry *self, struct mio_source *source,
                        mio_token token, uint32_t interest, uint32_t mode);

/** As mio_poll_deregister, also when the poll is gone.
 *  Returns 0 | MIO_ENOENT (not registered here).
 *                          Thread: any, one at a time for any one source. */
MIO_API int mio_registry_deregister(struct mio_registry *self,
                                    struct mio_source *source);

MIO_END_DECLS
#endif /* MIO_CORE_REGISTRY_H */
