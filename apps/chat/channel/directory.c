/* SPDX-License-Identifier: MIT
 *
 * apps/chat/channel/directory.c - the channels of one reactor, by name. */
#include "apps/chat/channel/directory.h"

#include <stdlib.h>
#include <string.h>

#include "apps/chat/irc/casemap.h"
#include "apps/chat/irc/listing.h"
#include "apps/chat/protocol/answer.h"
#include "apps/chat/protocol/table.h"
#include "core/slab.h"

#define PLACES_MIN 64
/* Channels looked at for one op, listed or not: others wait their turn. */
#define LIST_LOOKS_MAX 128

struct chat_directory {
    const struct chat_server *server;
    struct chat_table channels; /* by folded name */
    struct mio_slab places;     /* for LIST: they do not move */
    struct chat_channel *nowhere;
};

struct chat_directory *chat_directory_of(const struct mio_actor *actor,
                                         const struct chat_server *server)
{
    return mio_actor_local(actor, server->directory_key);
}

static uint64_t hash_of(const struct chat_directory *self, struct irc_span name)
{
    return irc_fold_hash(name, self->server->key);
}

static bool has_name(const void *object, const void *key)
{
    const struct irc_span *name = key;

    return irc_fold_equal(chat_channel_name(object), *name);
}

static struct chat_channel *find(struct chat_directory *self,
                                 struct irc_span name)
{
    return chat_table_find(&self->channels, hash_of(self, name), has_name,
                           &name);
}

void chat_directory_remove(struct chat_directory *self,
                           struct chat_channel *channel)
{
    if (channel->is_nowhere)
        return;
    (void)chat_table_remove(&self->channels,
                            hash_of(self, chat_channel_name(channel)), channel);
    (void)mio_slab_remove(&self->places, channel->place);
}

/* Make a channel's actor; it owns *out from then on. */
static int spawn_channel(struct chat_directory *self, struct mio_actor *actor,
                         struct irc_span name, struct chat_channel **out)
{
    struct chat_channel *channel = malloc(sizeof(*channel));
    mio_actor_id id;

    if (channel == NULL)
        return MIO_ENOMEM;
    int rc = chat_channel_init(channel, self->server, name);
    if (rc < 0) {
        free(channel);
        return rc;
    }
    rc = mio_spawn(actor, &chat_channel_class, &channel, sizeof(channel), &id);
    if (rc < 0) {
        chat_channel_deinit(channel);
        free(channel);
        return rc;
    }
    channel->id = id.value;
    *out = channel;
    return MIO_OK;
}

/* A new channel in table and slab; NULL if there is no room for it. */
static struct chat_channel *add(struct chat_directory *self,
                                struct mio_actor *actor, struct irc_span name)
{
    struct chat_channel *channel;

    if (name.size == 0 || name.size > IRC_CHANNEL_MAX ||
        chat_table_reserve(&self->channels) < 0 ||
        mio_slab_count(&self->places) == MIO_ACTORS_MAX)
        return NULL;
    if (spawn_channel(self, actor, name, &channel) < 0)
        return NULL;
    if (mio_slab_insert(&self->places, channel, &channel->place) < 0)
        channel->place = MIO_NO_KEY; /* only LIST does not know it */
    if (chat_table_insert(&self->channels, hash_of(self, name), channel) < 0)
        return NULL; /* never: room was reserved */
    return channel;
}

static void list_channel(struct chat_answer *answer,
                         const struct irc_list_filter *filter,
                         const struct chat_channel *channel, mio_actor_id asker)
{
    struct irc_list_channel listed = {
        .name = chat_channel_name(channel),
        .users = channel->members.count,
        .created_s = channel->created_s,
        .topic_s = channel->topic_s,
    };

    if (listed.users == 0 || !chat_channel_is_visible_to(channel, asker) ||
        !irc_list_filter_matches(filter, &listed))
        return;
    chat_answer_numeric(answer, IRC_RPL_LIST,
                        IRC_ARGS(listed.name, IRC_NUMBER(listed.users),
                                 chat_channel_topic(channel)));
}

/* All channels of this reactor that the filter wants, from the cursor on. */
static void list(struct chat_directory *self, struct chat_outbox *out,
                 const struct chat_op *op)
{
    struct irc_span text = chat_op_text(op, 1);
    struct irc_list_filter filter;
    struct chat_answer answer;
    uint32_t cursor = (uint32_t)op->cursor;
    uint32_t looks = 0;
    mio_key key;
    void *object;

    chat_answer_begin(&answer, out, op);
    if (text.size != sizeof(filter)) {
        chat_answer_end(&answer, CHAT_REFUSED);
        return;
    }
    memcpy(&filter, text.at, sizeof(filter));
    while (mio_slab_next(&self->places, &cursor, &key, &object)) {
        list_channel(&answer, &filter, object, op->user.id);
        if (chat_answer_is_long(&answer) || ++looks == LIST_LOOKS_MAX) {
            chat_answer_more(&answer, CHAT_OP_LIST, cursor);
            return;
        }
    }
    chat_answer_end(&answer, CHAT_DONE);
}

/* The channels of this reactor that await him, from the cursor on. */
static void list_invited(struct chat_directory *self, struct chat_outbox *out,
                         const struct chat_op *op)
{
    struct chat_answer answer;
    uint32_t cursor = (uint32_t)op->cursor;
    uint32_t looks = 0;
    mio_key key;
    void *object;

    chat_answer_begin(&answer, out, op);
    while (mio_slab_next(&self->places, &cursor, &key, &object)) {
        const struct chat_channel *channel = object;
        if (chat_invites_has(&channel->invites, op->user.id))
            chat_answer_numeric(&answer, IRC_RPL_INVITELIST,
                                IRC_ARGS(chat_channel_name(channel)));
        if (chat_answer_is_long(&answer) || ++looks == LIST_LOOKS_MAX) {
            chat_answer_more(&answer, CHAT_OP_INVITED, cursor);
            return;
        }
    }
    chat_answer_end(&answer, CHAT_DONE);
}

/* To the channel's actor, behind all that was forwarded before. */
static void forward(struct chat_directory *self, struct mio_actor *actor,
                    struct mio_message *message, enum chat_op_kind kind)
{
    const struct chat_op *op = mio_message_payload(message);
    struct irc_span name = chat_op_channel(op, kind);
    struct chat_channel *channel = find(self, name);

    if (channel == NULL && kind == CHAT_OP_JOIN)
        channel = add(self, actor, name);
    if (channel == NULL)
        channel = self->nowhere;

    mio_actor_id to = {channel->id};
    mio_message_keep(message);
    channel->forwarded++;
    if (mio_send_message(actor, to, message) < 0) {
        /* Never: it is on this reactor, and the message is there already. */
        channel->forwarded--;
        mio_message_free(actor, message);
    }
}

static int receive(struct mio_actor *actor, void *state,
                   struct mio_message *message)
{
    struct chat_directory *self = state;
    enum chat_op_kind kind = chat_op_kind(message);
    struct chat_outbox out;

    if (kind == CHAT_NO_OP)
        return MIO_OK;
    chat_outbox_init(&out, actor, self->server);
    if (kind == CHAT_OP_LIST) {
        list(self, &out, mio_message_payload(message));
    } else if (kind == CHAT_OP_INVITED) {
        list_invited(self, &out, mio_message_payload(message));
    } else {
        forward(self, actor, message, kind);
    }
    return MIO_OK;
}

static int init(struct mio_actor *actor, void *state, const void *argument,
                size_t argument_size)
{
    struct chat_directory *self = state;

    (void)argument_size;
    memcpy(&self->server, argument, sizeof(self->server));
    int rc = mio_slab_init(&self->places, PLACES_MIN, MIO_ACTORS_MAX);
    if (rc < 0)
        return rc;
    rc = spawn_channel(self, actor, IRC_SPAN("nowhere"), &self->nowhere);
    if (rc < 0)
        return rc;
    self->nowhere->is_nowhere = true;
    mio_actor_set_local(actor, self->server->directory_key, self);
    return MIO_OK;
}

/* The channels are actors of their own and free themselves. */
static void leave(struct mio_actor *actor, void *state, int reason)
{
    struct chat_directory *self = state;

    (void)reason;
    mio_actor_set_local(actor, self->server->directory_key, NULL);
    chat_table_deinit(&self->channels);
    mio_slab_deinit(&self->places);
}

const struct mio_actor_class chat_directory_class = {
    .name = "chat directory",
    .state_size = sizeof(struct chat_directory),
    .init = init,
    .receive = receive,
    .exit = leave,
};
