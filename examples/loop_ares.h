/* SPDX-License-Identifier: MIT
 *
 * examples/loop_ares.h - c-ares' look-ups of names, any number at once, within
 * an event loop. */
#ifndef MIO_EXAMPLES_LOOP_ARES_H
#define MIO_EXAMPLES_LOOP_ARES_H

#include <ares.h>

#include "core/event_loop.h"

struct loop_ares_socket {
    struct mio_source source; /* registered while c-ares has the socket */
    ares_socket_t socket;
};

struct loop_ares {
    ares_channel channel; /* for its options, as ares_set_servers_csv */
    /* private */
    struct mio_event_loop *loop;
    uint64_t tag;
    mio_key timeout;
    struct loop_ares_socket sockets[ARES_GETSOCK_MAXNUM];
};

/** Begin; `tag`, below 2^31, stands in the upper half of each of its tokens, so
 *  that others can use the loop, too. It must not move until deinit.
 *  Returns ARES_SUCCESS | what c-ares said. */
int loop_ares_init(struct loop_ares *self, struct mio_event_loop *loop,
                   uint64_t tag);

/** End; what is still looked up is answered ARES_EDESTRUCTION. */
void loop_ares_deinit(struct loop_ares *self);

/** ares_getaddrinfo, for a stream to `name`; `done` may be called at once. */
void loop_ares_look_up(struct loop_ares *self, const char *name,
                       ares_addrinfo_callback done, void *ctx);

/** An event, or a timeout, has its tag. */
void loop_ares_ready(struct loop_ares *self, const struct mio_event *event);
void loop_ares_timeout(struct loop_ares *self);

#endif /* MIO_EXAMPLES_LOOP_ARES_H */
