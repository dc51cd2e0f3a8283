/* SPDX-License-Identifier: MIT
 *
 * apps/chat/channel/channel_actor.c - a channel as an actor: it begins when a
 * directory spawns it and ends when nobody is in it and nothing is on its way
 * to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/chat/channel/channel.h"
#include "apps/chat/channel/directory.h"
#include "runtime/figures.h"

struct state {
    struct chat_channel *channel;
};

static int init(struct mio_actor *self, void *state, const void *argument,
                size_t argument_size)
{
    struct state *actor = state;

    (void)argument_size;
    memcpy(&actor->channel, argument, sizeof(actor->channel));
    actor->channel->id = mio_actor_self(self).value;
    struct irc_span name = chat_channel_name(actor->channel);
    char label[MIO_NAME_MAX];
    (void)snprintf(label, sizeof(label), "%.*s", (int)name.size, name.at);
    (void)mio_actor_set_label(self, label); /* only people miss it */
    return MIO_OK;
}

static int receive(struct mio_actor *self, void *state,
                   struct mio_message *message)
{
    struct chat_channel *channel = ((struct state *)state)->channel;
    enum chat_op_kind kind = chat_op_kind(message);
    struct chat_outbox out;

    if (kind == CHAT_NO_OP)
        return MIO_OK;
    channel->forwarded--;
    chat_outbox_init(&out, self, channel->server);
    chat_channel_receive(channel, &out, kind, mio_message_payload(message));
    if (channel->members.count == 0 && channel->forwarded == 0 &&
        !channel->is_nowhere)
        mio_actor_exit(self, MIO_OK);
    return MIO_OK;
}

static void leave(struct mio_actor *self, void *state, int reason)
{
    struct chat_channel *channel = ((struct state *)state)->channel;
    struct chat_directory *directory = chat_directory_of(self, channel->server);

    (void)reason;
    if (directory != NULL)
        chat_directory_remove(directory, channel);
    if (channel->members.count > 0)
        chat_count(&channel->server->counts[mio_actor_reactor(self)].channels,
                   -1);
    chat_channel_deinit(channel);
    free(channel);
}

const struct mio_actor_class chat_channel_class = {
    .name = "chat channel",
    .state_size = sizeof(struct state),
    .init = init,
    .receive = receive,
    .exit = leave,
};
