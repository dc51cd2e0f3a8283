/* SPDX-License-Identifier: MIT
 *
 * bench/chat/order.c - places, and the queues of those who must wait. */
#include "bench/chat/order.h"

#include <string.h>

#include "bench/chat/memory.h"

void order_init(struct order *self, const struct layout *layout, bool echo)
{
    memset(self, 0, sizeof(*self));
    self->layout = *layout;
    self->echo = echo;
    self->clients = memory_zeroed(layout->clients, sizeof(*self->clients));
    self->places = memory_zeroed(layout->channels, sizeof(*self->places));
    self->last = memory_zeroed(layout->channels, sizeof(*self->last));
    for (uint32_t i = 0; i < layout->channels; i++) {
        size_t members = layout_members(layout, i);
        self->last[i] = memory_zeroed(members * members, sizeof(**self->last));
    }
}

void order_deinit(struct order *self)
{
    for (uint32_t i = 0; i < self->layout.clients; i++)
        free(self->clients[i].waiting);
    for (uint32_t i = 0; i < self->layout.channels; i++)
        free(self->last[i]);
    free(self->last);
    free(self->places);
    free(self->clients);
    free(self->messages);
    memset(self, 0, sizeof(*self));
}

void order_sent(struct order *self, uint32_t sender, uint32_t id)
{
    if (id >= self->messages_capacity) {
        self->messages_capacity = id < 512 ? 1024 : id * 2;
        self->messages = memory_resize(self->messages, self->messages_capacity,
                                       sizeof(*self->messages));
    }
    self->messages[id] = (struct order_message){.sender = sender};
    if (!self->echo)
        self->clients[sender].own_unplaced++;
}

static void check_sender(struct order *self, uint32_t receiver, uint32_t id)
{
    const struct layout *layout = &self->layout;
    uint32_t sender = self->messages[id].sender;
    uint32_t channel = layout_channel(layout, sender);
    size_t row = layout_member(layout, sender);
    size_t members = layout_members(layout, channel);
    uint32_t *last =
        &self->last[channel][row * members + layout_member(layout, receiver)];
    if (id + 1 < *last)
        self->sender_violations++;
    else
        *last = id + 1;
}

static void give_place(struct order *self, struct order_message *message)
{
    uint32_t channel = layout_channel(&self->layout, message->sender);
    message->place = ++self->places[channel];
    if (!self->echo)
        self->clients[message->sender].own_unplaced--;
}

static void violated(struct order *self, struct order_client *client)
{
    self->total_violations++;
    self->clients_differing += !client->differs;
    client->differs = true;
}

/* Returns false if it is too early to tell. */
static bool compare(struct order *self, struct order_client *client,
                    uint32_t id)
{
    struct order_message *message = &self->messages[id];
    if (message->place == 0) {
        if (client->own_unplaced > 0)
            return false;
        give_place(self, message);
    }
    if (message->place <= client->place_last)
        violated(self, client);
    else
        client->place_last = message->place;
    return true;
}

static void wait_push(struct order_client *client, uint32_t id)
{
    if (client->waiting_count == client->waiting_capacity) {
        uint32_t capacity = client->waiting_capacity * 2;
        client->waiting_capacity = capacity ? capacity : 16;
        client->waiting =
            memory_resize(client->waiting, client->waiting_capacity,
                          sizeof(*client->waiting));
    }
    client->waiting[client->waiting_count++] = id;
}

/* Returns whether anything was compared. */
static bool drain(struct order *self, struct order_client *client)
{
    bool any = false;
    while (client->waiting_head < client->waiting_count &&
           compare(self, client, client->waiting[client->waiting_head])) {
        client->waiting_head++;
        any = true;
    }
    if (client->waiting_head == client->waiting_count)
        client->waiting_head = client->waiting_count = 0;
    return any;
}

void order_delivered(struct order *self, uint32_t receiver, uint32_t id)
{
    struct order_client *client = &self->clients[receiver];

    check_sender(self, receiver, id);
    if (client->waiting_count == 0 && compare(self, client, id))
        return;
    wait_push(client, id);
    drain(self, client);
}

void order_settle(struct order *self)
{
    bool any = true;
    while (any) {
        any = false;
        for (uint32_t i = 0; i < self->layout.clients; i++)
            any |= drain(self, &self->clients[i]);
    }
}
