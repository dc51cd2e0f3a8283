/* SPDX-License-Identifier: MIT
 *
 * runtime/name.c - see name.h: actors and the tables of names. */
#include "runtime/name.h"

#include "runtime/actor_private.h"
#include "runtime/reactor/mail.h"
#include "runtime/reactor/names.h"

static struct mio_name *name_of(struct mio_attachment *attachment)
{
    return (struct mio_name *)(void *)((unsigned char *)attachment -
                                       offsetof(struct mio_name, attachment));
}

/* Its actor ends, or gives it back. */
static void released(struct mio_actor *actor, struct mio_attachment *attachment)
{
    (void)actor;
    struct mio_name *name = name_of(attachment);
    mio_names_remove(name->table, name);
}

/* A key to look for, and where. Returns 0 | MIO_EINVAL | MIO_ENAMETOOLONG. */
static int prepare(struct mio_actor *self, enum mio_name_scope scope,
                   const char *name, struct mio_name_key *key,
                   struct mio_names **table)
{
    switch (scope) {
    case MIO_NAME_LOCAL:
        *table = &self->reactor->names;
        break;
    case MIO_NAME_RUNTIME:
        *table = &self->reactor->common->names;
        break;
    default:
        return MIO_EINVAL;
    }
    return mio_name_key_init(key, name);
}

int mio_name_register(struct mio_actor *self, enum mio_name_scope scope,
                      const char *name)
{
    struct mio_name_key key;
    struct mio_names *table;
    struct mio_name *entry;
    int result = prepare(self, scope, name, &key, &table);
    if (result < 0)
        return result;
    mio_actor_publish_before_effect(self);
    result = mio_names_insert(table, &key, self->id, &entry);
    mio_reactor_take(self->reactor);
    if (result < 0)
        return result;
    entry->attachment.ended = released;
    mio_attach_early(self, &entry->attachment);
    return 0;
}

static struct mio_attachment *find_own(const struct mio_actor *self,
                                       const struct mio_names *table,
                                       const struct mio_name_key *key)
{
    struct mio_attachment *attachment = self->early_attachments;
    for (; attachment != NULL; attachment = attachment->next) {
        if (attachment->ended == released &&
            name_of(attachment)->table == table &&
            mio_name_is(name_of(attachment), key))
            return attachment;
    }
    return NULL;
}

int mio_name_unregister(struct mio_actor *self, enum mio_name_scope scope,
                        const char *name)
{
    struct mio_name_key key;
    struct mio_names *table;
    int result = prepare(self, scope, name, &key, &table);
    if (result < 0)
        return result;
    struct mio_attachment *attachment = find_own(self, table, &key);
    if (attachment == NULL)
        return MIO_ENOENT;
    mio_actor_publish_before_effect(self);
    mio_detach(attachment);
    released(self, attachment);
    return 0;
}

int mio_whereis(struct mio_actor *self, enum mio_name_scope scope,
                const char *name, mio_actor_id *out)
{
    struct mio_name_key key;
    struct mio_names *table;
    int result = prepare(self, scope, name, &key, &table);
    if (result < 0)
        return result;
    mio_actor_id id = mio_names_find(table, &key);
    /* What was published before we could see this is handled before what we
     * send now, also by actors here: rule 3 of causality. */
    mio_reactor_take(self->reactor);
    if (mio_actor_id_is_none(id))
        return MIO_ENOENT;
    *out = id;
    return 0;
}

int mio_send_named(struct mio_actor *self, enum mio_name_scope scope,
                   const char *name, const struct mio_message_type *type,
                   const void *payload, size_t size)
{
    mio_actor_id to;
    int result = mio_whereis(self, scope, name, &to);
    return result < 0 ? result : mio_send(self, to, type, payload, size);
}
