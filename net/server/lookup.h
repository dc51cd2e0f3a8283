/* SPDX-License-Identifier: MIT
 *
 * net/server/lookup.h - the addresses of a name, without blocking a reactor.
 *
 * The system's own resolver is asked, so that a name means here what it means
 * everywhere else on this machine (files, name servers, local services). That
 * call blocks: it runs as a job of a pool. One look-up occupies a thread of the
 * pool until the system has an answer, also when nobody waits for it any more;
 * give look-ups a pool of their own if names may be slow. */
#ifndef MIO_NET_SERVER_LOOKUP_H
#define MIO_NET_SERVER_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "net/address.h"
#include "runtime/actor.h"
#include "runtime/pool.h"

MIO_BEGIN_DECLS

#define MIO_LOOKUP_NAME_MAX 255 /* bytes of a name */
#define MIO_LOOKUP_ADDRESSES_MAX                                               \
    16 /* of one name; further ones are left out                               \
        */

/* One look-up at a time. Embedded in the state of who looks up; its end cancels
 * it. */
struct mio_lookup {
    /* private */
    struct mio_job job;
    struct mio_actor_timer deadline;
    struct mio_actor_entry late; /* queued when the deadline has passed */
    int (*found)(struct mio_actor *self, void *state, struct mio_lookup *lookup,
                 int result, const struct mio_address *addresses);
};

/** Prepare a look-up of `self`. `found` gets the number of addresses, > 0, and
 *  these, best first, which are there until it returns; or a code, and NULL:
 *
 *      MIO_ENOENT     there is no such name, or it has no address
 *      MIO_EAGAIN     no name server has answered
 *      MIO_EIO        one has failed
 *      MIO_ENOMEM     the resolver had no memory
 *      MIO_ETIMEDOUT  the deadline has passed
 *      another        of the system
 *
 *  The look-up may be started anew then. What `found` returns counts as that of
 *  any callback.                       Thread: the actor's reactor. */
MIO_API void mio_lookup_init(struct mio_lookup *lookup, struct mio_actor *self,
                             int (*found)(struct mio_actor *self, void *state,
                                          struct mio_lookup *lookup, int result,
                                          const struct mio_address *addresses));

/** Look a name up, or a numeric IP, for addresses with this port. It is
 *  answered after within_ns at the latest; a negative time is no deadline. An
 *  answer that is there when the deadline passes wins.
 *  Returns 0 | MIO_EINVAL (empty) | MIO_ENAMETOOLONG | MIO_EALREADY (it is
 *  under way) | MIO_EFULL (the pool is) | MIO_ENOMEM.
 *                                      Thread: the actor's reactor. */
MIO_API MIO_NODISCARD int mio_lookup_start(struct mio_lookup *lookup,
                                           struct mio_pool *pool,
                                           const char *name, uint16_t port,
                                           int64_t within_ns);

/** Want it no more: `found` is not called. False if nothing was under way.
 *                                      Thread: the actor's reactor. */
MIO_API bool mio_lookup_cancel(struct mio_lookup *lookup);

MIO_END_DECLS
#endif /* MIO_NET_SERVER_LOOKUP_H */
