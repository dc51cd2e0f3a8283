/* SPDX-License-Identifier: MIT
 *
 * net/server/deadline_queue.h - deadlines that all have the same delay.
 *
 * Who comes later is due later, so a list in the order of arrival is in the
 * order of time: a connection that is closing costs 24 bytes and no timer of
 * its own. Not installed. */
#ifndef MIO_NET_SERVER_DEADLINE_QUEUE_H
#define MIO_NET_SERVER_DEADLINE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mio_deadline {
    struct mio_deadline *next; /* NULL while in no queue */
    struct mio_deadline *prev;
    int64_t at_ns;
};

struct mio_deadline_queue {
    struct mio_deadline ends; /* its next is the first, its prev the last */
    int64_t delay_ns;
};

void mio_deadline_queue_init(struct mio_deadline_queue *self, int64_t delay_ns);

/* Append a deadline; one that is in a queue leaves it. */
void mio_deadline_queue_push(struct mio_deadline_queue *self,
                             struct mio_deadline *deadline, int64_t now_ns);

/* Take a deadline out of the queue it is in, if any. */
void mio_deadline_remove(struct mio_deadline *deadline);

static inline bool mio_deadline_is_set(const struct mio_deadline *deadline)
{
    return deadline->next != NULL;
}

/* The first, NULL if there is none. */
struct mio_deadline *
mio_deadline_queue_first(const struct mio_deadline_queue *self);

/* Take out the first one that is due, NULL if none is. */
struct mio_deadline *mio_deadline_queue_take(struct mio_deadline_queue *self,
                                             int64_t now_ns);

#endif /* MIO_NET_SERVER_DEADLINE_QUEUE_H */
