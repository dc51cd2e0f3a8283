/* SPDX-License-Identifier: MIT
 *
 * runtime/mailbox/home.h - message memory on its way home. Not installed.
 *
 * A message that is freed on another reactor than the one whose slab it came
 * from is collected here, one chain for each home; a chain goes home when it
 * is long, and before its collector sleeps. */
#ifndef MIO_RUNTIME_MAILBOX_HOME_H
#define MIO_RUNTIME_MAILBOX_HOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/visibility.h"
#include "runtime/message.h"

/* A chain goes home when it has this many messages and this many bytes: small
 * ones in longer chains, as the first few of a chain are fetched one by one. */
#define MIO_HOMEWARD_MESSAGES 32
#define MIO_HOMEWARD_BYTES 8192
#define MIO_HOMEWARD_MAX (MIO_HOMEWARD_BYTES / 64) /* messages, at most */

/* Where memory arrives: a stack of messages, linked by `next`. The owner takes
 * all at once, so that no message can come back while it is looked at. */
struct mio_home {
    struct mio_message *word;
};

void mio_home_init(struct mio_home *self);

/* Push the chain first..last.                             Thread: any. */
void mio_home_push(struct mio_home *self, struct mio_message *first,
                   struct mio_message *last);

/* Take all that came; NULL if nothing did.                Thread: owner. */
struct mio_message *mio_home_take(struct mio_home *self);

/* What a free slot says: which comes next, and which comes some places later,
 * to be fetched in time. It lies where a message has `next` and `to`. */
struct mio_free_slot {
    struct mio_message *next;
    struct mio_message *ahead; /* NULL: not known */
};

#define MIO_AHEAD 8 /* lines under way hide a hop of 60 ns behind 8 each */

_Static_assert(offsetof(struct mio_free_slot, next) ==
                       offsetof(struct mio_message, next) &&
                   sizeof(struct mio_free_slot) <=
                       offsetof(struct mio_message, from),
               "a free slot's words");

static inline struct mio_free_slot *
mio_free_slot_of(struct mio_message *message)
{
    return (struct mio_free_slot *)(void *)message;
}

struct mio_homeward_chain {
    struct mio_message *first;
    struct mio_message *last;
    uint32_t count;
    uint32_t bytes;
    bool is_listed;                        /* in `used` */
    struct mio_message *recent[MIO_AHEAD]; /* the last that were added */
};

/* What one reactor has collected for the others. */
struct mio_homeward {
    struct mio_homeward_chain *chains; /* one for each reactor */
    uint32_t *used;                    /* reactors whose chains were used */
    uint32_t used_count;
};

/* Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int mio_homeward_init(struct mio_homeward *self,
                                    uint32_t reactors_count);
void mio_homeward_deinit(struct mio_homeward *self);

/* Add a message of `message->home`, in a slot of `slot_size`; true: that chain
 * is long, send it. */
bool mio_homeward_add(struct mio_homeward *self, struct mio_message *message,
                      size_t slot_size);

/* Send one chain to its home; returns how many messages went. */
uint32_t mio_homeward_send(struct mio_homeward *self, uint32_t reactor,
                           struct mio_home *home);

#endif /* MIO_RUNTIME_MAILBOX_HOME_H */
