/* SPDX-License-Identifier: MIT
 *
 * runtime/outside.c - spawning and sending from threads that are no reactors.
 * See runtime.h.
 *
 * Such a thread has no slab and no open chain: its messages come from the C
 * library, and each is published at once. */
#include <ck_pr.h>
#include <stdlib.h>
#include <string.h>

#include "core/assert.h"
#include "runtime/actor_private.h"
#include "runtime/mailbox/litmus.h"
#include "runtime/name.h"
#include "runtime/runtime_private.h"
#include "runtime/supervisor.h"

struct mio_message *mio_runtime_message_new(struct mio_runtime *self,
                                            size_t size)
{
    struct mio_message *message = malloc(sizeof(*message) + size);
    if (message == NULL)
        return NULL;
    memset(message, 0, sizeof(*message));
    message->size = (uint32_t)size;
    message->home = MIO_HOME_NONE;
    ck_pr_inc_64(&self->common.outside_count);
    ck_pr_add_64(&self->common.outside_bytes, sizeof(*message) + size);
    return message;
}

void mio_runtime_message_free(struct mio_runtime *self,
                              struct mio_message *message)
{
    ck_pr_dec_64(&self->common.outside_count);
    ck_pr_sub_64(&self->common.outside_bytes, sizeof(*message) + message->size);
    free(message);
}

int mio_runtime_push(struct mio_runtime *self, struct mio_message *message)
{
    struct mio_mailbox *to =
        &self->common.mailboxes[mio_actor_id_reactor(message->to)];
    ck_pr_inc_64(&to->outside_sent);
    switch (mio_inbox_push(&to->inbox, message, message)) {
    case MIO_INBOX_PARKED:
        mio_bell_ring(&to->bell, NULL);
        break;
    case MIO_INBOX_AWAKE:
        break; /* it will look before it sleeps */
    case MIO_INBOX_CLOSED:
        ck_pr_dec_64(&to->outside_sent);
        return MIO_ECLOSED;
    }
    return 0;
}

/* Not exact: as many threads as send at once may go beyond it. */
static bool has_credit(const struct mio_common *common, uint32_t reactor)
{
    uint64_t sent = ck_pr_load_64(&common->mailboxes[reactor].outside_sent);
    const struct mio_credit_word *word =
        mio_common_credit_word(common, reactor, common->reactors_count);
    /* Taken is what the lower bit was shifted out of: nobody wants here. */
    uint64_t taken = ck_pr_load_64(&word->value) >> 1;
    return (int64_t)(sent - taken) < (int64_t)common->credit;
}

int mio_runtime_spawn(struct mio_runtime *self, uint32_t reactor,
                      const struct mio_actor_class *actor_class,
                      const void *argument, size_t argument_size,
                      mio_actor_id *out)
{
    mio_actor_id id;
    if (argument_size > MIO_MESSAGE_SIZE_MAX)
        return MIO_EINVAL;
    /* Or a thread that never tires of spawning would keep it from ending. */
    if (mio_common_is_stopping(&self->common))
        return MIO_ECLOSED;
    MIO_LITMUS_YIELD(MIO_LITMUS_RESERVE);
    int result = mio_spawn_reserve(&self->common, reactor, &id);
    if (result < 0)
        return result;
    struct mio_message *message =
        mio_runtime_message_new(self, mio_spawn_order_size(argument_size));
    if (message == NULL) {
        mio_spawn_unreserve(&self->common, id);
        return MIO_ENOMEM;
    }
    mio_spawn_order_write(message, id, actor_class, argument, argument_size);
    mio_spawn_limit(&self->common, id, actor_class);
    /* Cannot be refused: inboxes close when no actor is left, and this one is
     * counted already. */
    result = mio_runtime_push(self, message);
    MIO_ASSERT(result == 0);
    if (out != NULL)
        *out = id;
    return 0;
}

int mio_runtime_supervise(struct mio_runtime *self, uint32_t reactor,
                          const struct mio_supervisor_spec *spec,
                          mio_actor_id *out)
{
    MIO_ASSERT(spec != NULL);
    return mio_runtime_spawn(self, reactor, mio_supervisor_class(), &spec,
                             sizeof(spec), out);
}

int mio_runtime_send(struct mio_runtime *self, mio_actor_id to,
                     const struct mio_message_type *type, const void *payload,
                     size_t size)
{
    int result = mio_send_check(&self->common, to, size);
    if (result < 0)
        return result;
    uint32_t reactor = mio_actor_id_reactor(to);
    if (!has_credit(&self->common, reactor) ||
        mio_actor_registry_is_full(&self->common.registries[reactor], to))
        return MIO_EAGAIN;
    struct mio_message *message = mio_runtime_message_new(self, size);
    if (message == NULL)
        return MIO_ENOMEM;
    message->to = to;
    message->type = type;
    message->kind = MIO_ENTRY_MESSAGE;
    if (size > 0)
        memcpy(mio_message_payload(message), payload, size);
    result = mio_runtime_push(self, message);
    if (result < 0)
        mio_runtime_message_free(self, message);
    return result;
}

int mio_runtime_whereis(const struct mio_runtime *self, const char *name,
                        mio_actor_id *out)
{
    struct mio_name_key key;
    int result = mio_name_key_init(&key, name);
    if (result < 0)
        return result;
    mio_actor_id id = mio_names_find(&self->common.names, &key);
    if (mio_actor_id_is_none(id))
        return MIO_ENOENT;
    *out = id;
    return 0;
}

int mio_runtime_send_named(struct mio_runtime *self, const char *name,
                           const struct mio_message_type *type,
                           const void *payload, size_t size)
{
    mio_actor_id to;
    int result = mio_runtime_whereis(self, name, &to);
    return result < 0 ? result
                      : mio_runtime_send(self, to, type, payload, size);
}
