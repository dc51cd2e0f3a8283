/* SPDX-License-Identifier: MIT
 *
 * apps/chat/channel/members.c - who is in a channel, and how many on which
 * reactor. */
#include "apps/chat/channel/members.h"

#include <stdlib.h>

#include "core/assert.h"

#define PLACES_MIN 4

int chat_members_init(struct chat_members *self, uint32_t reactors_count,
                      struct irc_hash_key hash_key)
{
    *self = (struct chat_members){.reactors_count = reactors_count,
                                  .hash_key = hash_key};
    self->reactor_counts = calloc(reactors_count, sizeof(uint32_t));
    if (self->reactor_counts == NULL)
        return MIO_ENOMEM;
    int rc = mio_slab_init(&self->places, PLACES_MIN, MIO_ACTORS_MAX);
    if (rc < 0)
        free(self->reactor_counts);
    return rc;
}

void chat_members_deinit(struct chat_members *self)
{
    uint32_t cursor = 0;
    struct chat_member *member;

    while ((member = chat_members_next(self, &cursor)) != NULL)
        free(member);
    mio_slab_deinit(&self->places);
    chat_table_deinit(&self->by_id);
    chat_table_deinit(&self->by_nick);
    free(self->reactor_counts);
}

static uint64_t id_hash(mio_actor_id id)
{
    return chat_table_hash(id.value);
}

static uint64_t nick_hash(const struct chat_members *self, struct irc_span nick)
{
    return irc_fold_hash(nick, self->hash_key);
}

static bool has_id(const void *object, const void *key)
{
    const struct chat_member *member = object;
    const mio_actor_id *id = key;

    return mio_actor_id_equal(member->user.id, *id);
}

static bool has_nick(const void *object, const void *key)
{
    const struct chat_member *member = object;
    const struct irc_span *nick = key;

    return irc_fold_equal(chat_user_nick(&member->user), *nick);
}

struct chat_member *chat_members_of_id(const struct chat_members *self,
                                       mio_actor_id id)
{
    return chat_table_find(&self->by_id, id_hash(id), has_id, &id);
}

struct chat_member *chat_members_of_nick(const struct chat_members *self,
                                         struct irc_span nick)
{
    return chat_table_find(&self->by_nick, nick_hash(self, nick), has_nick,
                           &nick);
}

/* Room in both tables first, so that nothing is half done. */
static int reserve(struct chat_members *self)
{
    int rc = chat_table_reserve(&self->by_id);

    return rc < 0 ? rc : chat_table_reserve(&self->by_nick);
}

static void put_nick(struct chat_members *self, struct chat_member *member)
{
    int rc = chat_table_insert(
        &self->by_nick, nick_hash(self, chat_user_nick(&member->user)), member);

    MIO_ASSERT(rc == MIO_OK); /* room was reserved */
}

static void remove_nick(struct chat_members *self, struct chat_member *member)
{
    (void)chat_table_remove(
        &self->by_nick, nick_hash(self, chat_user_nick(&member->user)), member);
}

int chat_members_add(struct chat_members *self, const struct chat_user *user,
                     uint8_t status, struct chat_member **out)
{
    struct chat_member *member = malloc(sizeof(*member));
    int rc = member == NULL ? MIO_ENOMEM : reserve(self);

    if (rc == MIO_OK)
        rc = mio_slab_insert(&self->places, member, &member->key);
    if (rc < 0) {
        free(member);
        return rc;
    }
    member->user = *user;
    member->status = status;
    rc = chat_table_insert(&self->by_id, id_hash(user->id), member);
    MIO_ASSERT(rc == MIO_OK); /* room was reserved */
    put_nick(self, member);
    self->reactor_counts[mio_actor_id_reactor(user->id)]++;
    self->count++;
    *out = member;
    return MIO_OK;
}

void chat_members_remove(struct chat_members *self, struct chat_member *member)
{
    MIO_ASSERT(self->count > 0);

    self->reactor_counts[mio_actor_id_reactor(member->user.id)]--;
    self->count--;
    remove_nick(self, member);
    (void)chat_table_remove(&self->by_id, id_hash(member->user.id), member);
    (void)mio_slab_remove(&self->places, member->key);
    free(member);
}

int chat_members_update(struct chat_members *self, struct chat_member *member,
                        const struct chat_user *user)
{
    MIO_ASSERT(mio_actor_id_equal(member->user.id, user->id));

    int rc = chat_table_reserve(&self->by_nick);
    if (rc < 0)
        return rc;
    remove_nick(self, member);
    member->user = *user;
    put_nick(self, member);
    return MIO_OK;
}

struct chat_member *chat_members_next(const struct chat_members *self,
                                      uint32_t *cursor)
{
    mio_key key;
    void *object;

    return mio_slab_next(&self->places, cursor, &key, &object) ? object : NULL;
}
