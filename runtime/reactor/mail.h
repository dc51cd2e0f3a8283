/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/mail.h - mail of a reactor, out and in. Not installed.
 *
 * What is sent to an actor here joins the queue; what is sent elsewhere joins
 * the open chain, which is published in time (runtime/README.md, causality). */
#ifndef MIO_RUNTIME_REACTOR_MAIL_H
#define MIO_RUNTIME_REACTOR_MAIL_H

#include "runtime/count.h"
#include "runtime/reactor/limit.h"
#include "runtime/reactor/reactor.h"

/* Publish the open chain, which must not be empty. */
void mio_reactor_publish_chain(struct mio_reactor *self);

/* The open chain is full, or goes elsewhere than the next message. */
void mio_reactor_change_chain(struct mio_reactor *self);

/* An address of a reactor itself: nobody lives there. */
static inline mio_actor_id mio_reactor_address(uint32_t reactor)
{
    return mio_actor_id_make(reactor, (UINT32_C(1) << MIO_SLOT_BITS) - 1, 0);
}

/* Nothing is left to be sent there, as far as we know: look again.
 * Returns 0 | MIO_EAGAIN, which is counted. */
MIO_NODISCARD int mio_reactor_look_for_credit(struct mio_reactor *self,
                                              uint32_t destination);

/* Whether there is credit to send to another reactor now; here there always is.
 * Returns 0 | MIO_EAGAIN. */
static inline int mio_reactor_check_credit(struct mio_reactor *self,
                                           uint32_t destination)
{
    if (__builtin_expect(self->peers[destination].line.left > 0, 1))
        return 0;
    return mio_reactor_look_for_credit(self, destination);
}

/* Whether an actor may send to `to` now: exact for those of this reactor.
 * Returns 0 | MIO_EAGAIN. */
static inline int mio_reactor_check_room(struct mio_reactor *self,
                                         mio_actor_id to)
{
    uint32_t destination = mio_actor_id_reactor(to);
    if (destination == self->index)
        return __builtin_expect(self->queue.causes_count >= self->count_from, 0)
                   ? mio_reactor_count_local(self, to)
                   : 0;
    int result = mio_reactor_check_credit(self, destination);
    if (result < 0)
        return result;
    if (__builtin_expect(
            ck_pr_load_64(self->peers[destination].full_count) != 0, 0) &&
        mio_actor_registry_is_full(&self->common->registries[destination], to))
        return mio_reactor_refuse(self);
    return 0;
}

/* Take the inbox to the tail of the queue; put there what was taken. */
void mio_reactor_take(struct mio_reactor *self);
void mio_reactor_join(struct mio_reactor *self, const struct mio_mail *mail);

static inline void mio_reactor_publish(struct mio_reactor *self)
{
    if (!mio_chain_is_empty(&self->chain))
        mio_reactor_publish_chain(self);
}

/* Send it, to here or elsewhere; its address must be one of this runtime. */
static inline void mio_reactor_send(struct mio_reactor *self,
                                    struct mio_message *message)
{
    uint32_t destination = mio_actor_id_reactor(message->to);
    if (destination == self->index) {
        mio_count(&self->counters.sent_local);
        mio_queue_push(&self->queue, message);
        return;
    }
    if (!mio_chain_accepts(&self->chain, destination))
        mio_reactor_change_chain(self);
    mio_count(&self->counters.sent_remote);
    self->peers[destination].line.left--;
    mio_chain_append(&self->chain, destination, message);
}

#endif /* MIO_RUNTIME_REACTOR_MAIL_H */
