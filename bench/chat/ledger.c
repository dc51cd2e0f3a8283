/* SPDX-License-Identifier: MIT
 *
 * bench/chat/ledger.c - who is owed what. */
#include "bench/chat/ledger.h"

#include <assert.h>
#include <string.h>

#include "bench/chat/memory.h"

void ledger_init(struct ledger *self, const struct layout *layout, bool echo)
{
    memset(self, 0, sizeof(*self));
    self->layout = *layout;
    self->echo = echo;
    /* Channel 0 is never smaller than another. */
    self->words = (layout_members(layout, 0) + 63) / 64;
}

void ledger_deinit(struct ledger *self)
{
    free(self->messages);
    free(self->bits);
    free(self->slots_free);
    memset(self, 0, sizeof(*self));
}

static uint64_t *slot_bits(struct ledger *self, uint32_t slot)
{
    return self->bits + (size_t)slot * self->words;
}

static void grow_pool(struct ledger *self)
{
    uint32_t count = self->slots_count ? self->slots_count * 2 : 64;
    self->bits = memory_resize(self->bits, (size_t)count * self->words,
                               sizeof(*self->bits));
    self->slots_free =
        memory_resize(self->slots_free, count, sizeof(*self->slots_free));
    for (uint32_t slot = count; slot-- > self->slots_count;)
        self->slots_free[self->slots_free_count++] = slot;
    self->slots_count = count;
}

static uint32_t take_slot(struct ledger *self)
{
    if (self->slots_free_count == 0)
        grow_pool(self);
    uint32_t slot = self->slots_free[--self->slots_free_count];
    memset(slot_bits(self, slot), 0, self->words * sizeof(*self->bits));
    return slot;
}

static struct ledger_message *append_message(struct ledger *self)
{
    if (self->messages_count == self->messages_capacity) {
        uint32_t capacity = self->messages_capacity * 2;
        self->messages_capacity = capacity ? capacity : 1024;
        self->messages = memory_resize(self->messages, self->messages_capacity,
                                       sizeof(*self->messages));
    }
    return &self->messages[self->messages_count++];
}

uint32_t ledger_sent(struct ledger *self, uint32_t sender, int64_t due_ns)
{
    uint32_t channel = layout_channel(&self->layout, sender);
    uint32_t members = layout_members(&self->layout, channel);
    uint32_t owed = self->echo ? members : members - 1;
    assert(owed > 0);

    struct ledger_message *message = append_message(self);
    *message = (struct ledger_message){
        .due_ns = due_ns,
        .sender = sender,
        .owed = owed,
        .seen = take_slot(self),
    };
    self->owed += owed;
    return self->messages_count - 1;
}

static bool is_addressed(const struct ledger *self, uint32_t receiver,
                         uint32_t id)
{
    if (id >= self->messages_count)
        return false;
    uint32_t sender = self->messages[id].sender;
    if (receiver == sender)
        return self->echo;
    return layout_channel(&self->layout, sender) ==
           layout_channel(&self->layout, receiver);
}

/* Set the receiver's bit; false if it was set. */
static bool mark_seen(struct ledger *self, uint32_t slot, uint32_t receiver)
{
    uint32_t member = layout_member(&self->layout, receiver);
    uint64_t *word = slot_bits(self, slot) + member / 64;
    uint64_t bit = UINT64_C(1) << (member % 64);
    if (*word & bit)
        return false;
    *word |= bit;
    return true;
}

enum ledger_verdict ledger_delivered(struct ledger *self, uint32_t receiver,
                                     uint32_t id)
{
    if (!is_addressed(self, receiver, id)) {
        self->strays++;
        return LEDGER_STRAY;
    }
    struct ledger_message *message = &self->messages[id];
    if (message->owed == 0 || !mark_seen(self, message->seen, receiver)) {
        self->duplicates++;
        return LEDGER_DUPLICATE;
    }
    self->owed--;
    if (--message->owed > 0)
        return LEDGER_FINE;
    self->slots_free[self->slots_free_count++] = message->seen;
    return LEDGER_LAST;
}
