/* SPDX-License-Identifier: MIT
 *
 * bench/chat/ledger.h - every message sent, and to whom it is still owed.
 *
 * Finds loss, duplicates and strays exactly: a message under way holds one bit
 * per member of its channel; when the last owed delivery came, the bits go back
 * to a pool and any further delivery is a duplicate. */
#ifndef BENCH_CHAT_LEDGER_H
#define BENCH_CHAT_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/chat/layout.h"

struct ledger_message {
    int64_t due_ns; /* when the schedule wanted it sent */
    uint32_t sender;
    uint32_t owed;
    uint32_t seen; /* slot in the pool of bit sets, while owed > 0 */
};

enum ledger_verdict {
    LEDGER_FINE,
    LEDGER_LAST,      /* fine, and nothing more is owed for this message */
    LEDGER_DUPLICATE, /* this receiver had it already */
    LEDGER_STRAY      /* never sent, another channel's, or an unasked echo */
};

struct ledger {
    struct layout layout;
    bool echo; /* a sender is owed its own message too */

    struct ledger_message *messages;
    uint32_t messages_count;
    uint32_t messages_capacity;

    uint64_t *bits; /* the pool: slots of `words` each */
    uint32_t words;
    uint32_t slots_count;
    uint32_t *slots_free;
    uint32_t slots_free_count;

    uint64_t owed; /* over all messages */
    uint64_t duplicates;
    uint64_t strays;
};

/** Start with nothing sent. The owner calls ledger_deinit(). */
void ledger_init(struct ledger *self, const struct layout *layout, bool echo);
void ledger_deinit(struct ledger *self);

/** Note a message of `sender` to its channel; returns its number. */
uint32_t ledger_sent(struct ledger *self, uint32_t sender, int64_t due_ns);

/** Note that `receiver` read message `id`, which may be any number. */
enum ledger_verdict ledger_delivered(struct ledger *self, uint32_t receiver,
                                     uint32_t id);

#endif /* BENCH_CHAT_LEDGER_H */
