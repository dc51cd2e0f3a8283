/* SPDX-License-Identifier: MIT
 *
 * bench/chat/order.h - do all members of a channel see one order?
 *
 * Per sender: its messages reach each receiver in the order of their numbers.
 *
 * In total: whoever reads a message first gives it the next place in its
 * channel; places then must rise at every receiver. A sender that gets no echo
 * does not see where its own message fell among the others', so while one of
 * its messages has no place yet, what it reads waits in a queue of its own and
 * is compared later; nothing is guessed, and nobody is left out. */
#ifndef BENCH_CHAT_ORDER_H
#define BENCH_CHAT_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/chat/layout.h"

struct order_message {
    uint32_t sender;
    uint32_t place; /* from 1 in its channel; 0 = nobody placed it yet */
};

struct order_client {
    uint32_t place_last;
    uint32_t own_unplaced; /* always 0 with echo */
    bool differs;
    uint32_t *waiting; /* read, but not comparable yet: a queue of numbers */
    uint32_t waiting_head;
    uint32_t waiting_count; /* entries end here, capacity below */
    uint32_t waiting_capacity;
};

struct order {
    struct layout layout;
    bool echo;
    struct order_message *messages;
    uint32_t messages_capacity;
    struct order_client *clients;
    uint32_t *places; /* per channel: places given */
    uint32_t **last;  /* per channel: [sender][receiver] -> last number + 1 */

    uint64_t sender_violations; /* deliveries out of their sender's order */
    uint64_t total_violations;  /* deliveries against the channel's order */
    uint32_t clients_differing; /* receivers with at least one of the latter */
};

/** Start with nothing sent. The owner calls order_deinit(). */
void order_init(struct order *self, const struct layout *layout, bool echo);
void order_deinit(struct order *self);

/** Note that `sender` sent message `id`; numbers rise by one from 0. */
void order_sent(struct order *self, uint32_t sender, uint32_t id);

/** Note that `receiver` read message `id` for the first time. */
void order_delivered(struct order *self, uint32_t receiver, uint32_t id);

/** Compare what can now be compared of the deliveries that waited. */
void order_settle(struct order *self);

#endif /* BENCH_CHAT_ORDER_H */
