/* SPDX-License-Identifier: MIT
 *
 * runtime/link.c - see link.h.
 *
 * A link is two halves, one in the list of each actor, each of them a held
 * message: what ends the link is sent in the memory of a half. Both know the
 * link's name: who made it, and a number of that reactor's. News of an end or
 * of an unlinking that cross each other find no such link, and are dropped. */
#include "runtime/link.h"

#include <stddef.h>

#include "core/assert.h"
#include "runtime/actor_private.h"
#include "runtime/reactor/dispatch.h"
#include "runtime/reactor/system.h"

struct mio_link_half {
    struct mio_link_half *next;
    struct mio_link_half **link;
    mio_actor_id peer;
    mio_actor_id maker;
    uint64_t number;
    int reason; /* of an end */
};

static void handle_link(struct mio_reactor *reactor, struct mio_actor *to,
                        struct mio_message *message);
static void handle_unlink(struct mio_reactor *reactor, struct mio_actor *to,
                          struct mio_message *message);
static void handle_exit(struct mio_reactor *reactor, struct mio_actor *to,
                        struct mio_message *message);

static const struct mio_system_type link_type = {
    .base = {.name = "link"},
    .handle = handle_link,
};
static const struct mio_system_type unlink_type = {
    .base = {.name = "unlink"},
    .handle = handle_unlink,
};
static const struct mio_system_type exit_type = {
    .base = {.name = "exit"},
    .handle = handle_exit,
};

/* --- halves -------------------------------------------------------------- */

static struct mio_message *message_of(struct mio_link_half *half)
{
    return (struct mio_message *)(void *)half - 1;
}

static void add_half(struct mio_actor *self, struct mio_link_half *half)
{
    half->next = self->links;
    half->link = &self->links;
    if (half->next != NULL)
        half->next->link = &half->next;
    self->links = half;
}

static void remove_half(struct mio_link_half *half)
{
    *half->link = half->next;
    if (half->next != NULL)
        half->next->link = half->link;
}

static struct mio_link_half *find_peer(const struct mio_actor *self,
                                       mio_actor_id peer)
{
    struct mio_link_half *half = self->links;
    while (half != NULL && !mio_actor_id_equal(half->peer, peer))
        half = half->next;
    return half;
}

static struct mio_link_half *find_link(const struct mio_actor *self,
                                       const struct mio_link_half *named)
{
    struct mio_link_half *half = self->links;
    while (half != NULL && (half->number != named->number ||
                            !mio_actor_id_equal(half->maker, named->maker)))
        half = half->next;
    return half;
}

static void send_half(struct mio_actor *self, struct mio_link_half *half,
                      const struct mio_system_type *type, int reason)
{
    remove_half(half);
    half->reason = reason;
    mio_system_send(self->reactor, self->id, half->peer, type,
                    message_of(half));
}

/* --- making and undoing -------------------------------------------------- */

int mio_link(struct mio_actor *self, mio_actor_id other)
{
    struct mio_reactor *reactor = self->reactor;
    int result = mio_send_check(reactor->common, other, 0);
    if (result < 0 || mio_actor_id_equal(self->id, other))
        return MIO_EINVAL;
    if (find_peer(self, other) != NULL)
        return MIO_EEXIST;
    struct mio_message *ours =
        mio_system_new(reactor, &link_type, sizeof(struct mio_link_half));
    struct mio_message *theirs =
        mio_system_new(reactor, &link_type, sizeof(struct mio_link_half));
    if (ours == NULL || theirs == NULL) {
        if (ours != NULL)
            mio_reactor_message_free(reactor, ours);
        if (theirs != NULL)
            mio_reactor_message_free(reactor, theirs);
        return MIO_ENOMEM;
    }
    struct mio_link_half *half = mio_message_payload(theirs);
    *half = (struct mio_link_half){
        .peer = self->id, .maker = self->id, .number = ++reactor->links_count};
    struct mio_link_half *our_half = mio_message_payload(ours);
    *our_half = *half;
    our_half->peer = other;
    add_half(self, our_half);
    mio_system_send(reactor, self->id, other, &link_type, theirs);
    return 0;
}

static void handle_link(struct mio_reactor *reactor, struct mio_actor *to,
                        struct mio_message *message)
{
    struct mio_link_half *half = mio_message_payload(message);
    if (to != NULL) {
        add_half(to, half);
        return;
    }
    half->reason = MIO_EDEAD;
    mio_system_send(reactor, message->to, half->peer, &exit_type, message);
}

int mio_unlink(struct mio_actor *self, mio_actor_id other)
{
    struct mio_link_half *half = find_peer(self, other);
    if (half == NULL)
        return MIO_ENOENT;
    /* Two that have linked each other at once have two. */
    for (; half != NULL; half = find_peer(self, other))
        send_half(self, half, &unlink_type, 0);
    return 0;
}

static void handle_unlink(struct mio_reactor *reactor, struct mio_actor *to,
                          struct mio_message *message)
{
    const struct mio_link_half *named = mio_message_payload(message);
    struct mio_link_half *half = to != NULL ? find_link(to, named) : NULL;
    if (half != NULL) {
        remove_half(half);
        mio_reactor_message_free(reactor, message_of(half));
    }
    mio_reactor_message_free(reactor, message);
}

/* --- ends ---------------------------------------------------------------- */

void mio_actor_unlink_all(struct mio_actor *self)
{
    while (self->links != NULL)
        send_half(self, self->links, &exit_type, self->reason);
}

/* An end removes every link to who ended; false if there was none. */
static bool forget_peer(struct mio_reactor *reactor, struct mio_actor *self,
                        mio_actor_id peer)
{
    struct mio_link_half *half;
    bool was_linked = false;
    while ((half = find_peer(self, peer)) != NULL) {
        remove_half(half);
        mio_reactor_message_free(reactor, message_of(half));
        was_linked = true;
    }
    return was_linked;
}

static void handle_exit(struct mio_reactor *reactor, struct mio_actor *to,
                        struct mio_message *message)
{
    mio_actor_id from = message->from;
    int reason =
        ((const struct mio_link_half *)mio_message_payload(message))->reason;
    mio_reactor_message_free(reactor, message);
    if (to == NULL || !forget_peer(reactor, to, from) || to->is_internal)
        return;
    int result = 0;
    if (to->exited != NULL)
        result = to->exited(to, to->state, from, reason);
    else if (reason < 0)
        mio_reactor_end_later(to, reason);
    mio_reactor_settle(reactor, to, result);
}

void mio_trap_exits(struct mio_actor *self,
                    int (*exited)(struct mio_actor *self, void *state,
                                  mio_actor_id from, int reason))
{
    self->exited = exited;
}

/* --- ending another ------------------------------------------------------ */

static void handle_stop(struct mio_reactor *reactor, struct mio_actor *to,
                        struct mio_message *message)
{
    mio_reactor_message_free(reactor, message);
    if (to == NULL || to->is_internal)
        return;
    /* The runtime's stop may have queued the same: once is enough. */
    (void)mio_actor_dequeue(&to->stop);
    int result = to->stop.handle(to, to->state, &to->stop);
    mio_reactor_settle(reactor, to, result);
}

static void handle_kill(struct mio_reactor *reactor, struct mio_actor *to,
                        struct mio_message *message)
{
    mio_reactor_message_free(reactor, message);
    if (to != NULL && !to->is_internal)
        mio_reactor_end_later(to, MIO_EKILLED);
}

static const struct mio_system_type stop_type = {
    .base = {.name = "stop"},
    .handle = handle_stop,
};
static const struct mio_system_type kill_type = {
    .base = {.name = "kill"},
    .handle = handle_kill,
};

void mio_stop_with(struct mio_reactor *reactor, mio_actor_id from,
                   mio_actor_id target, struct mio_message *message)
{
    mio_system_send(reactor, from, target, &stop_type, message);
}

void mio_kill_with(struct mio_reactor *reactor, mio_actor_id from,
                   mio_actor_id target, struct mio_message *message)
{
    mio_system_send(reactor, from, target, &kill_type, message);
    mio_actor_registry_mark(
        &reactor->common->registries[mio_actor_id_reactor(target)], target);
}

/* What can be refused, is refused here. */
static int new_order(struct mio_actor *self, mio_actor_id target,
                     struct mio_message **out)
{
    int result = mio_send_check(self->reactor->common, target, 0);
    if (result < 0)
        return result;
    *out = mio_system_new(self->reactor, &stop_type, 0);
    return *out != NULL ? 0 : MIO_ENOMEM;
}

int mio_stop(struct mio_actor *self, mio_actor_id target)
{
    struct mio_message *message;
    int result = new_order(self, target, &message);
    if (result == 0)
        mio_stop_with(self->reactor, self->id, target, message);
    return result;
}

int mio_kill(struct mio_actor *self, mio_actor_id target)
{
    struct mio_message *message;
    int result = new_order(self, target, &message);
    if (result == 0)
        mio_kill_with(self->reactor, self->id, target, message);
    return result;
}
