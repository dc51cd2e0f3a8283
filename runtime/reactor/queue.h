/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/queue.h - the one FIFO of a reactor. Not installed.
 *
 * Linked through the entries' own headers. Messages enter at the tail and
 * leave at the head (one that is not done yet goes back there). Embedded
 * entries can also be unlinked anywhere: each knows what points to it, so that
 * its memory is its owner's again at once. */
#ifndef MIO_RUNTIME_REACTOR_QUEUE_H
#define MIO_RUNTIME_REACTOR_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/actor.h"
#include "runtime/entry.h"
#include "runtime/mailbox/inbox.h"

struct mio_queue {
    struct mio_message *first;
    struct mio_message **tail; /* where the next entry will be linked */
    uint64_t causes_count;     /* entries but those of readiness */
};

static inline void mio_queue_init(struct mio_queue *self)
{
    self->first = NULL;
    self->tail = &self->first;
    self->causes_count = 0;
}

static inline bool mio_queue_is_empty(const struct mio_queue *self)
{
    return self->first == NULL;
}

/* Whether nothing in it could have caused what was read just now. Readiness
 * only says that there is something to read: nobody has acted on it yet. */
static inline bool mio_queue_has_no_cause(const struct mio_queue *self)
{
    return self->causes_count == 0;
}

/* An embedded entry must always know what points to it. */
static inline void mio_queue_relink(struct mio_message *message,
                                    struct mio_message **link)
{
    if (mio_entry_is_embedded(message->kind))
        ((struct mio_actor_entry *)message)->link = link;
}

static inline void mio_queue_push(struct mio_queue *self,
                                  struct mio_message *message)
{
    message->next = NULL;
    self->causes_count += mio_entry_is_cause(message->kind);
    *self->tail = message;
    self->tail = &message->next;
}

/* At the head: an entry that is not done yet. */
static inline void mio_queue_push_first(struct mio_queue *self,
                                        struct mio_message *message)
{
    message->next = self->first;
    self->causes_count += mio_entry_is_cause(message->kind);
    if (self->first == NULL)
        self->tail = &message->next;
    else
        mio_queue_relink(self->first, &message->next);
    self->first = message;
}

/* All that was taken from the inbox, in its order. */
static inline void mio_queue_join(struct mio_queue *self,
                                  const struct mio_mail *mail)
{
    if (mail->first == NULL)
        return;
    self->causes_count += mail->messages_count;
    *self->tail = mail->first;
    self->tail = &mail->last->next;
}

/* The head, which must be there. An embedded entry may be queued again. */
static inline struct mio_message *mio_queue_pop(struct mio_queue *self)
{
    struct mio_message *first = self->first;
    struct mio_message *next = first->next;
    self->causes_count -= mio_entry_is_cause(first->kind);
    self->first = next;
    if (next == NULL)
        self->tail = &self->first;
    else
        mio_queue_relink(next, &self->first);
    mio_queue_relink(first, NULL);
    return first;
}

static inline void mio_queue_push_entry(struct mio_queue *self,
                                        struct mio_actor_entry *entry)
{
    entry->link = self->tail;
    mio_queue_push(self, &entry->header);
}

static inline void mio_queue_unlink(struct mio_queue *self,
                                    struct mio_actor_entry *entry)
{
    struct mio_message *next = entry->header.next;
    self->causes_count -= mio_entry_is_cause(entry->header.kind);
    *entry->link = next;
    if (next == NULL)
        self->tail = entry->link;
    else
        mio_queue_relink(next, entry->link);
    entry->link = NULL;
}

#endif /* MIO_RUNTIME_REACTOR_QUEUE_H */
