/* SPDX-License-Identifier: MIT
 *
 * apps/chat/nick/nicks_actor.c - nicks as an actor. */
#include <string.h>

#include "apps/chat/nick/nicks.h"

static int receive(struct mio_actor *actor, void *state,
                   struct mio_message *message)
{
    struct chat_nicks *self = state;
    enum chat_op_kind kind = chat_op_kind(message);
    void *payload = mio_message_payload(message);
    mio_actor_id to = {0};
    struct chat_outbox out;

    chat_outbox_init(&out, actor, self->server);
    if (kind != CHAT_NO_OP)
        to = chat_nicks_receive(self, &out, kind, payload);
    else if (message->type == &chat_find_type)
        to = chat_nicks_find(self, &out, payload);
    if (mio_actor_id_is_none(to))
        return MIO_OK;

    mio_message_keep(message);
    if (mio_send_message(actor, to, message) < 0)
        mio_message_free(actor, message); /* that reactor has ended */
    return MIO_OK;
}

static int init(struct mio_actor *actor, void *state, const void *argument,
                size_t argument_size)
{
    const struct chat_server *server;

    (void)argument_size;
    memcpy(&server, argument, sizeof(server));
    return chat_nicks_init(state, server, mio_actor_reactor(actor));
}

static void leave(struct mio_actor *actor, void *state, int reason)
{
    (void)actor;
    (void)reason;
    chat_nicks_deinit(state);
}

const struct mio_actor_class chat_nicks_class = {
    .name = "chat nicks",
    .state_size = sizeof(struct chat_nicks),
    .init = init,
    .receive = receive,
    .exit = leave,
};
