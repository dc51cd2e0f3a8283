/* SPDX-License-Identifier: MIT
 *
 * apps/chat/hub/hub.c - the clients of one reactor: who is here, and in what.
 */
#include "apps/chat/hub/hub.h"

#include <stdlib.h>
#include <string.h>

#include "apps/chat/hub/hub_private.h"
#include "apps/chat/irc/casemap.h"
#include "core/assert.h"

#define TRANSITIONS_MIN 16

struct chat_hub *chat_hub_of(const struct mio_actor *actor,
                             const struct chat_server *server)
{
    return mio_actor_local(actor, server->hub_key);
}

mio_actor_id chat_hub_id(const struct chat_hub *self)
{
    return mio_actor_self(self->actor);
}

/* --- clients ------------------------------------------------------------- */

static bool has_client_id(const void *object, const void *key)
{
    const struct chat_client *client = object;
    const mio_actor_id *id = key;

    return mio_actor_id_equal(client->user.id, *id);
}

struct chat_client *chat_hub_client(const struct chat_hub *self,
                                    mio_actor_id id)
{
    struct chat_client *client = chat_table_find(
        &self->clients, chat_table_hash(id.value), has_client_id, &id);

    return client != NULL && !client->is_left ? client : NULL;
}

int chat_hub_open(struct chat_hub *self, struct chat_client *client)
{
    MIO_ASSERT(!client->is_open);
    MIO_ASSERT(!mio_actor_id_is_none(client->user.id));

    int rc = chat_table_insert(&self->clients,
                               chat_table_hash(client->user.id.value), client);
    if (rc < 0)
        return rc;
    client->next = self->first;
    client->link = &self->first;
    if (self->first != NULL)
        self->first->link = &client->next;
    self->first = client;
    self->clients_count++;
    client->is_open = true;
    chat_count(&self->counts->connections, 1);
    return MIO_OK;
}

/* Add him to the sums of LUSERS, or take him out. */
static void count_user(struct chat_hub *self, const struct chat_client *client,
                       int64_t one)
{
    chat_count(&self->counts->users, one);
    if ((client->user.flags & IRC_USER_INVISIBLE) != 0)
        chat_count(&self->counts->invisible, one);
    if ((client->user.flags & IRC_USER_OPERATOR) != 0)
        chat_count(&self->counts->operators, one);
}

void chat_hub_register(struct chat_hub *self, struct chat_client *client)
{
    if (client->is_registered || client->is_left)
        return;
    client->user.flags |= CHAT_USER_REGISTERED;
    client->is_registered = true;
    count_user(self, client, 1);
}

static void forget_memberships(struct chat_hub *self,
                               struct chat_client *client)
{
    struct chat_membership *each = client->memberships;

    while (each != NULL) {
        struct chat_membership *next = each->next;
        chat_hub_detach(self, each);
        chat_membership_free(each);
        each = next;
    }
}

void chat_hub_leave(struct chat_hub *self, struct chat_client *client,
                    struct irc_span reason)
{
    if (!client->is_open || client->is_left)
        return;
    if (client->is_registered)
        count_user(self, client, -1);
    client->is_left = true;
    chat_transition_quit(self, client, reason);
    forget_memberships(self, client);
}

void chat_hub_close(struct chat_hub *self, struct chat_client *client,
                    struct irc_span reason)
{
    if (!client->is_open)
        return;
    chat_hub_leave(self, client, reason);
    client->is_open = false;
    (void)chat_table_remove(&self->clients,
                            chat_table_hash(client->user.id.value), client);
    *client->link = client->next;
    if (client->next != NULL)
        client->next->link = client->link;
    self->clients_count--;
    chat_count(&self->counts->connections, -1);
    free(client->away);
    client->away = NULL;
    client->away_size = 0;
    if (self->is_stopping && self->clients_count == 0)
        mio_actor_exit(self->actor, MIO_ESTOPPED);
}

/* --- memberships --------------------------------------------------------- */

static bool has_channel(const void *object, const void *key)
{
    const struct chat_view *view = object;
    const uint64_t *channel = key;

    return view->channel == *channel;
}

struct chat_view *chat_hub_view(const struct chat_hub *self, uint64_t channel)
{
    return chat_table_find(&self->views, chat_table_hash(channel), has_channel,
                           &channel);
}

void chat_hub_detach(struct chat_hub *self, struct chat_membership *membership)
{
    struct chat_view *view = membership->view;

    if (view == NULL)
        return;
    chat_view_remove(view, membership);
    if (view->count > 0)
        return;
    (void)chat_table_remove(&self->views, chat_table_hash(view->channel), view);
    chat_view_free(view);
}

struct chat_membership *chat_client_membership(const struct chat_client *client,
                                               struct irc_span channel)
{
    struct chat_membership *each = client->memberships;

    while (each != NULL &&
           !irc_fold_equal(irc_span(each->name, each->name_size), channel))
        each = each->next;
    return each;
}

uint32_t chat_client_channels(const struct chat_client *client, uint64_t *out,
                              uint32_t max)
{
    uint32_t count = 0;

    for (const struct chat_membership *each = client->memberships;
         each != NULL && count < max; each = each->next)
        if (each->view != NULL)
            out[count++] = each->view->channel;
    return count;
}

static struct chat_membership *add_membership(struct chat_client *client,
                                              struct irc_span channel)
{
    struct chat_membership *self = calloc(1, sizeof(*self));

    if (self == NULL)
        return NULL;
    self->client = client;
    self->name_size = (uint8_t)channel.size;
    memcpy(self->name, channel.at, channel.size);
    self->next = client->memberships;
    self->link = &client->memberships;
    if (self->next != NULL)
        self->next->link = &self->next;
    client->memberships = self;
    client->memberships_count++;
    return self;
}

void chat_membership_free(struct chat_membership *self)
{
    MIO_ASSERT(self->view == NULL);

    *self->link = self->next;
    if (self->next != NULL)
        self->next->link = self->link;
    self->client->memberships_count--;
    free(self);
}

int chat_hub_joining(struct chat_hub *self, struct chat_client *client,
                     struct irc_span channel)
{
    struct chat_membership *membership =
        chat_client_membership(client, channel);

    MIO_ASSERT(channel.size <= IRC_CHANNEL_MAX);
    if (membership == NULL) {
        if (client->memberships_count >= self->server->channels_max)
            return MIO_EFULL;
        membership = add_membership(client, channel);
    }
    if (membership == NULL)
        return MIO_ENOMEM;
    membership->joining++;
    return MIO_OK;
}

void chat_hub_joined(struct chat_hub *self, struct chat_client *client,
                     struct irc_span channel)
{
    struct chat_membership *membership =
        chat_client_membership(client, channel);

    (void)self;
    if (membership == NULL || membership->joining == 0)
        return; /* he left meanwhile */
    membership->joining--;
    if (membership->joining == 0 && membership->view == NULL)
        chat_membership_free(membership);
}

/* --- the actor ----------------------------------------------------------- */

static int receive(struct mio_actor *actor, void *state,
                   struct mio_message *message)
{
    struct chat_hub *self = state;
    const struct mio_message_type *type = message->type;

    (void)actor;
    if (type == &chat_post_type)
        chat_hub_take_post(self, message);
    else if (type == &chat_event_type)
        chat_hub_take_event(self, message);
    else if (type == &chat_changed_type)
        chat_transition_changed(self, mio_message_payload(message));
    else if (type == &chat_reply_type)
        chat_transition_reply(self, mio_message_payload(message));
    else if (type == &chat_wallops_type)
        chat_hub_take_wallops(self, message);
    else if (type == &chat_deliver_type)
        chat_hub_take_deliver(self, message);
    else
        chat_hub_take_op(self, chat_op_kind(message), message);
    return MIO_OK;
}

static int init(struct mio_actor *actor, void *state, const void *argument,
                size_t argument_size)
{
    struct chat_hub *self = state;

    (void)argument_size;
    memcpy(&self->server, argument, sizeof(self->server));
    self->actor = actor;
    self->counts = &self->server->counts[mio_actor_reactor(actor)];
    int rc = mio_slab_init(&self->transitions, TRANSITIONS_MIN, MIO_ACTORS_MAX);
    if (rc < 0)
        return rc;
    mio_actor_set_local(actor, self->server->hub_key, self);
    return MIO_OK;
}

/* Sessions call the hub when they close, so it ends after the last one. */
static int stop(struct mio_actor *actor, void *state)
{
    struct chat_hub *self = state;

    self->is_stopping = true;
    if (self->clients_count == 0)
        mio_actor_exit(actor, MIO_ESTOPPED);
    return MIO_OK;
}

/* Killed with clients: they find no hub when they close, so each is left here.
 */
static void forget_clients(struct chat_hub *self)
{
    for (struct chat_client *each = self->first; each != NULL;
         each = each->next) {
        each->is_open = false;
        each->is_left = true;
        each->transition = NULL;
        forget_memberships(self, each);
        free(each->away);
        each->away = NULL;
    }
}

static void leave(struct mio_actor *actor, void *state, int reason)
{
    struct chat_hub *self = state;

    (void)reason;
    mio_actor_set_local(actor, self->server->hub_key, NULL);
    chat_transitions_free(self);
    forget_clients(self);
    mio_slab_deinit(&self->transitions);
    chat_table_deinit(&self->clients);
    chat_table_deinit(&self->views);
}

const struct mio_actor_class chat_hub_class = {
    .name = "chat hub",
    .state_size = sizeof(struct chat_hub),
    .init = init,
    .receive = receive,
    .stop = stop,
    .exit = leave,
};
