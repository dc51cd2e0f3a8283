/* SPDX-License-Identifier: MIT
 *
 * net/server/deadline_queue.c - a ring through its own ends. */
#include "net/server/deadline_queue.h"

void mio_deadline_queue_init(struct mio_deadline_queue *self, int64_t delay_ns)
{
    self->ends.next = &self->ends;
    self->ends.prev = &self->ends;
    self->delay_ns = delay_ns;
}

void mio_deadline_remove(struct mio_deadline *deadline)
{
    if (!deadline->next)
        return;
    deadline->next->prev = deadline->prev;
    deadline->prev->next = deadline->next;
    deadline->next = NULL;
    deadline->prev = NULL;
}

void mio_deadline_queue_push(struct mio_deadline_queue *self,
                             struct mio_deadline *deadline, int64_t now_ns)
{
    mio_deadline_remove(deadline);
    deadline->at_ns = self->delay_ns > INT64_MAX - now_ns
                          ? INT64_MAX
                          : now_ns + self->delay_ns;
    deadline->next = &self->ends;
    deadline->prev = self->ends.prev;
    deadline->prev->next = deadline;
    self->ends.prev = deadline;
}

struct mio_deadline *
mio_deadline_queue_first(const struct mio_deadline_queue *self)
{
    return self->ends.next == &self->ends ? NULL : self->ends.next;
}

struct mio_deadline *mio_deadline_queue_take(struct mio_deadline_queue *self,
                                             int64_t now_ns)
{
    struct mio_deadline *first = mio_deadline_queue_first(self);
    if (!first || first->at_ns > now_ns)
        return NULL;
    mio_deadline_remove(first);
    return first;
}
