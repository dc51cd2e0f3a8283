/* SPDX-License-Identifier: MIT
 *
 * apps/chat/hub/view.c - the members of a channel that are on one reactor. (The
 * fan-out: everything in chat_view_deliver is done once per member.) */
#include "apps/chat/hub/view.h"

#include <stdlib.h>

#include "core/assert.h"

#define CAPACITY_MIN 4

struct chat_view *chat_view_new(uint64_t channel)
{
    struct chat_view *self = calloc(1, sizeof(*self));

    if (self != NULL)
        self->channel = channel;
    return self;
}

void chat_view_free(struct chat_view *self)
{
    free(self->members);
    free(self);
}

static int grow(struct chat_view *self)
{
    uint32_t capacity = self->capacity == 0 ? CAPACITY_MIN : 2 * self->capacity;
    struct chat_membership **members =
        realloc(self->members, capacity * sizeof(*members));

    if (members == NULL)
        return MIO_ENOMEM;
    self->members = members;
    self->capacity = capacity;
    return MIO_OK;
}

int chat_view_add(struct chat_view *self, struct chat_membership *membership,
                  uint8_t status)
{
    MIO_ASSERT(membership->view == NULL);

    if (self->count == self->capacity && grow(self) < 0)
        return MIO_ENOMEM;
    membership->view = self;
    membership->index = self->count;
    membership->status = status;
    self->members[self->count++] = membership;
    return MIO_OK;
}

void chat_view_remove(struct chat_view *self,
                      struct chat_membership *membership)
{
    MIO_ASSERT(membership->view == self);
    MIO_ASSERT(self->members[membership->index] == membership);

    struct chat_membership *last = self->members[--self->count];
    self->members[membership->index] = last;
    last->index = membership->index;
    membership->view = NULL;
}

static bool is_for(const struct chat_post *post,
                   const struct chat_membership *membership)
{
    return (membership->client->user.caps & post->caps) == post->caps &&
           (post->status == 0 || (membership->status & post->status) != 0);
}

/* To who caused it: perhaps not at all, perhaps as the answer to his op.
 * Returns whether that is all that is to be done. */
static bool deliver_to_origin(struct chat_client *client,
                              const struct chat_post *post,
                              const struct mio_slice *line)
{
    bool has_echo = (client->user.caps & IRC_CAP_ECHO_MESSAGE) != 0;

    if (post->to_origin == CHAT_ORIGIN_NOT ||
        (post->to_origin == CHAT_ORIGIN_ECHO && !has_echo))
        return true;
    return client->client_class->own != NULL &&
           client->client_class->own(
               client, post->serial,
               irc_span((const char *)line->bytes, line->size));
}

static bool deliver(struct chat_client *client, struct chat_post *post)
{
    struct mio_slice *line =
        chat_variants_slice(&post->variants, client->user.caps);

    if (line == NULL)
        return false;
    if (mio_actor_id_equal(client->user.id, post->origin) &&
        deliver_to_origin(client, post, line))
        return false;
    client->client_class->deliver(client, line);
    return true;
}

uint32_t chat_view_deliver(struct chat_view *self, struct chat_post *post)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < self->count; i++)
        if (is_for(post, self->members[i]))
            count += deliver(self->members[i]->client, post);
    return count;
}
