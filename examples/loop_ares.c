/* SPDX-License-Identifier: MIT
 *
 * examples/loop_ares.c - a source around each socket of c-ares, level-triggered
 * as it suits a handle of others; and one timeout, for the next that it has. */
#include "examples/loop_ares.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "core/clock.h"

#define TRY_MS 1000 /* until it asks again, or another server */

static mio_token token_of(const struct loop_ares *self, ares_socket_t socket)
{
    return mio_token_of(self->tag << 32 | (uint32_t)socket);
}

/* Where a socket is, or else a place for it, or else NULL. */
static struct loop_ares_socket *place_of(struct loop_ares *self,
                                         ares_socket_t socket)
{
    struct loop_ares_socket *place = NULL;
    for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
        struct loop_ares_socket *here = &self->sockets[i];
        if (!mio_source_is_registered(&here->source))
            place = here;
        else if (here->socket == socket)
            return here;
    }
    return place;
}

/* ARES_OPT_SOCK_STATE_CB: watch a socket; differently; no more (neither),
 * before it is closed. */
static void watch(void *ctx, ares_socket_t socket, int readable, int writable)
{
    struct loop_ares *self = ctx;
    struct loop_ares_socket *place = place_of(self, socket);
    uint32_t interest =
        (readable ? MIO_READABLE : 0) | (writable ? MIO_WRITABLE : 0);
    if (place == NULL)
        return; /* as if nobody answered: time runs out */
    mio_source_deregister(&place->source);
    if (interest == 0)
        return;
    place->socket = socket;
    mio_source_init(&place->source, socket);
    if (mio_event_loop_register(self->loop, &place->source,
                                token_of(self, socket), interest,
                                MIO_LEVEL) < 0)
        return; /* likewise */
}

/* After each call that may have changed what c-ares waits for. */
static void set_timer(struct loop_ares *self)
{
    struct timeval delay;
    (void)mio_event_loop_clear_timeout(self->loop, self->timeout);
    if (ares_timeout(self->channel, NULL, &delay) != NULL &&
        mio_event_loop_set_timeout(self->loop,
                                   delay.tv_sec * MIO_NS_PER_S +
                                       delay.tv_usec * MIO_NS_PER_US,
                                   token_of(self, 0), &self->timeout) < 0)
        ares_cancel(self->channel);
}

void loop_ares_look_up(struct loop_ares *self, const char *name,
                       ares_addrinfo_callback done, void *ctx)
{
    static const struct ares_addrinfo_hints hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    ares_getaddrinfo(self->channel, name, NULL, &hints, done, ctx);
    set_timer(self);
}

void loop_ares_ready(struct loop_ares *self, const struct mio_event *event)
{
    ares_socket_t socket = (ares_socket_t)(uint32_t)event->token.value;
    ares_process_fd(self->channel,
                    mio_event_is_readable(event) ? socket : ARES_SOCKET_BAD,
                    mio_event_is_writable(event) ? socket : ARES_SOCKET_BAD);
    set_timer(self);
}

void loop_ares_timeout(struct loop_ares *self)
{
    ares_process_fd(self->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    set_timer(self);
}

int loop_ares_init(struct loop_ares *self, struct mio_event_loop *loop,
                   uint64_t tag)
{
    struct ares_options options = {
        .sock_state_cb = watch, .sock_state_cb_data = self, .timeout = TRY_MS};
    *self = (struct loop_ares){.loop = loop, .tag = tag};
    int rc = ares_library_init(ARES_LIB_INIT_ALL);
    return rc != ARES_SUCCESS
               ? rc
               : ares_init_options(&self->channel, &options,
                                   ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS);
}

void loop_ares_deinit(struct loop_ares *self)
{
    ares_destroy(self->channel);
    (void)mio_event_loop_clear_timeout(self->loop, self->timeout);
    ares_library_cleanup();
}
