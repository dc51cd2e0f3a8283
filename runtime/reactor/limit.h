/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/limit.h - how many messages may wait for one actor. Not
 * installed.
 *
 * A reactor whose whole queue is shorter than the smallest limit of any actor
 * has no actor that is full, so it counts nothing: a send compares two numbers.
 * When the queue becomes longer it counts, once through the queue and then
 * message by message, until the queue is half as long again. */
#ifndef MIO_RUNTIME_REACTOR_LIMIT_H
#define MIO_RUNTIME_REACTOR_LIMIT_H

#include "runtime/reactor/reactor.h"

/* An actor is full. Others see it before they can see that credit was returned,
 * so that of each sender's no more come than were under way. */
void mio_reactor_say_full(struct mio_reactor *self,
                          struct mio_actor_registry_slot *slot);

/* Nor is it any more; nobody is told. */
void mio_reactor_unsay_full(struct mio_reactor *self, mio_actor_id id);

/* An actor is not full any more, or ends: those who wait for that are told. */
void mio_reactor_open(struct mio_reactor *self, struct mio_actor *actor);

/* There is no room: MIO_EAGAIN, which is counted. */
int mio_reactor_refuse(struct mio_reactor *self);

/* The smallest limit may have become smaller. */
void mio_reactor_learn_limit(struct mio_reactor *self);

/* The queue is long enough to count; these were taken, and are in it. */
void mio_reactor_count_taken(struct mio_reactor *self,
                             struct mio_message *first);

/* The same; count what is about to be sent to an actor of this reactor.
 * Returns 0 | MIO_EAGAIN. */
MIO_NODISCARD int mio_reactor_count_local(struct mio_reactor *self,
                                          mio_actor_id to);

/* It had room, but will not be sent. */
void mio_reactor_unsend(struct mio_reactor *self, mio_actor_id to);

/* We count, and a message to who lives in this slot leaves the queue. */
void mio_reactor_uncount(struct mio_reactor *self,
                         struct mio_actor_registry_slot *slot);

/* Whether an actor of this reactor is full. */
bool mio_reactor_is_full(struct mio_reactor *self, mio_actor_id to);

#endif /* MIO_RUNTIME_REACTOR_LIMIT_H */
