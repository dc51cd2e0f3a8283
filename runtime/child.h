/* SPDX-License-Identifier: MIT
 *
 * runtime/child.h - one child of a supervisor: its lives, one after the other.
 * Not installed.
 *
 * What is here knows how a child is started, stopped and killed, on whatever
 * reactor; when that is done is supervisor.c's business. Each life needs five
 * messages: the order to begin, the record of the end, the news that it is up,
 * an order to stop, one to be killed. They are made before a life begins, so
 * that nothing that happens to it can fail for want of memory; those that come
 * back, and those that were not needed, serve the next life. */
#ifndef MIO_RUNTIME_CHILD_H
#define MIO_RUNTIME_CHILD_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/actor.h"
#include "runtime/actor_private.h"
#include "runtime/supervisor.h"

struct mio_child;

/* What a supervisor wants to hear. `ended` is the last word on a life, also on
 * one that never began. The child may be released in both. */
struct mio_child_news {
    void (*started)(struct mio_actor *supervisor, struct mio_child *child);
    void (*ended)(struct mio_actor *supervisor, struct mio_child *child,
                  int reason);
};

struct mio_child {
    /* The supervisor's own: see supervisor.c. */
    struct mio_child *next;
    struct mio_child *previous;
    uint64_t number; /* later ones have greater numbers */
    uint64_t key;
    struct mio_message *calls; /* to be answered as this child goes */
    uint64_t restarts_count;
    bool is_dynamic;
    bool is_new;      /* it was never up */
    bool is_unwanted; /* somebody had it stopped */

    /* private to child.c */
    struct mio_child_spec spec;
    struct mio_actor *supervisor;
    const struct mio_child_news *news;
    enum mio_child_state state;
    mio_actor_id id;
    struct mio_message *order;
    struct mio_message *record;
    struct mio_message *started;
    struct mio_message *stop;
    struct mio_message *kill;
    struct mio_actor_timer patience; /* until it is killed */
    struct mio_actor_entry failure;  /* the news of a start that was refused */
    int failure_reason;
    _Alignas(16) unsigned char argument[]; /* a dynamic child's */
};

/* A child, down. With `copies` its argument is copied. NULL: no memory. */
struct mio_child *mio_child_new(struct mio_actor *supervisor,
                                const struct mio_child_spec *spec,
                                const struct mio_child_news *news, bool copies);

/* Release it and all that it holds. If it lives it is killed first, and nobody
 * will hear of it any more: only at its supervisor's end. */
void mio_child_free(struct mio_child *self);

/* Begin a life. It must be down. Cannot fail: a start that is refused (memory,
 * no such reactor, too many actors) is told as an end. */
void mio_child_start(struct mio_child *self);

/* Ask it to stop, and kill it when its time is up. It must not be down. */
void mio_child_stop(struct mio_child *self);

static inline bool mio_child_is_down(const struct mio_child *self)
{
    return self->state == MIO_CHILD_DOWN;
}

/* Where it lives: tell its supervisor that it is up, or never will be. */
void mio_child_tell(struct mio_reactor *reactor, mio_actor_id who,
                    struct mio_message *started, bool is_up);

#endif /* MIO_RUNTIME_CHILD_H */
