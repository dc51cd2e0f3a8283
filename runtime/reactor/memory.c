/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/memory.c - see memory.h. */
#include "runtime/reactor/memory.h"

#include <stdlib.h>

#include "runtime/count.h"
#include "runtime/reactor/system.h"

struct mio_message *mio_reactor_message_new_large(struct mio_reactor *self,
                                                  size_t size)
{
    struct mio_message *message = malloc(sizeof(*message) + size);
    if (message == NULL)
        return NULL;
    mio_count(&self->counters.messages_large);
    mio_count(&self->gauge.large_count);
    mio_count_add(&self->gauge.large_bytes, sizeof(*message) + size);
    message->home = MIO_HOME_NONE;
    return message;
}

static void send_chain_home(struct mio_reactor *self, uint32_t reactor)
{
    uint32_t count = mio_homeward_send(&self->homeward, reactor,
                                       &self->common->mailboxes[reactor].home);
    mio_count_add(&self->counters.sent_home, count);
}

void mio_reactor_send_home(struct mio_reactor *self)
{
    struct mio_homeward *homeward = &self->homeward;
    while (homeward->used_count > 0) {
        uint32_t reactor = homeward->used[--homeward->used_count];
        homeward->chains[reactor].is_listed = false;
        send_chain_home(self, reactor);
    }
}

void mio_reactor_message_free_foreign(struct mio_reactor *self,
                                      struct mio_message *message)
{
    uint16_t home = message->home;
    if (home == MIO_HOME_NONE) {
        mio_count_add(&self->gauge.large_count, (uint64_t)-1);
        mio_count_add(&self->gauge.large_bytes,
                      -(uint64_t)(sizeof(*message) + message->size));
        free(message);
        return;
    }
    size_t slot_size = mio_slot_size(message->size_class);
    mio_poison_slot(message, slot_size);
    if (mio_homeward_add(&self->homeward, message, slot_size))
        send_chain_home(self, home);
}

static void drop_payload(struct mio_message *message)
{
    const struct mio_message_type *type = message->type;
    if (type != NULL && type->drop != NULL)
        type->drop(mio_message_payload(message), message->size);
}

void mio_reactor_bury(struct mio_reactor *self, struct mio_message *message)
{
    mio_count(&self->counters.dead_letters);
    drop_payload(message);
}

void mio_reactor_dead_letter(struct mio_reactor *self,
                             struct mio_message *message)
{
    mio_reactor_bury(self, message);
    mio_reactor_message_free(self, message);
}

/* An answer that is no reply has no type, and nothing to say. */
static bool is_letter(const struct mio_message *message)
{
    return message->kind == MIO_ENTRY_MESSAGE ||
           message->kind == MIO_ENTRY_REQUEST ||
           (message->kind == MIO_ENTRY_REPLY && message->type != NULL);
}

void mio_reactor_drop(struct mio_reactor *self, struct mio_message *message)
{
    if (is_letter(message)) {
        mio_reactor_dead_letter(self, message);
        return;
    }
    if (message->kind == MIO_ENTRY_SYSTEM) {
        const struct mio_system_type *type =
            (const struct mio_system_type *)(const void *)message->type;
        if (type->dropped != NULL) {
            type->dropped(self, message);
            return;
        }
        drop_payload(message);
    }
    mio_reactor_message_free(self, message);
}
