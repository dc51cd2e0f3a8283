/* SPDX-License-Identifier: MIT
 *
 * core/notify_channel.h - the loop's end of its channel; the other end is
 * mio_notify_sender.
 *
 * Many send, one receives. Everything about the channel is one word: whether
 * the loop sleeps, shall stop or is gone, how many messages were accepted and
 * not received yet, and the number of the next. A send accepts its message in
 * that word before it puts it into its cell, so a send either is refused or is
 * counted: no message can fall between a loop that dies and a sender. Not
 * installed. */
#ifndef MIO_CORE_NOTIFY_CHANNEL_H
#define MIO_CORE_NOTIFY_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/allocator.h"
#include "core/notify_sender.h"
#include "core/poll.h"

#define MIO_NOTIFY_CAPACITY_MIN 2
#define MIO_NOTIFY_CAPACITY_MAX (UINT32_C(1) << 28)

/* A channel for at least `capacity` messages, rounded up to a power of two;
 * it wakes `poll` with an event of `token`. One reference, for the loop.
 * Returns 0 | MIO_EINVAL (capacity) | MIO_ENOMEM. */
int mio_notify_channel_new(struct mio_notify_sender **out, uint32_t capacity,
                           struct mio_poll *poll, mio_token token,
                           const struct mio_allocator *allocator);

/* Before a wait: from now on a send wakes. False if there is no time to sleep:
 * a message or a stop is there. */
bool mio_notify_channel_sleep(struct mio_notify_sender *self);

/* After the wait. */
void mio_notify_channel_awake(struct mio_notify_sender *self);

/* How many messages were accepted and not received yet. */
uint32_t mio_notify_channel_count(const struct mio_notify_sender *self);

/* Receive one; only if the count said that there are any. NULL: it is accepted,
 * but its sender is still at it. */
void *mio_notify_channel_receive(struct mio_notify_sender *self);

/* Ask the loop to stop, waking it if it sleeps. Returns 0 | MIO_ECLOSED. Any
 * thread, signal-safe. */
int mio_notify_channel_stop(struct mio_notify_sender *self);

/* Whether a stop was asked for and not taken. Any thread. */
bool mio_notify_channel_is_stopped(const struct mio_notify_sender *self);

/* Take the stop that was asked for; false if there is none. */
bool mio_notify_channel_take_stop(struct mio_notify_sender *self);

/* Accept no more. What was accepted still has to be received. */
void mio_notify_channel_close(struct mio_notify_sender *self);

#endif /* MIO_CORE_NOTIFY_CHANNEL_H */
