/* SPDX-License-Identifier: MIT
 *
 * runtime/writable.c - see writable.h.
 *
 * Who waits for credit with another reactor is in a list of that peer. The
 * first one to wait leaves a notice in the word of the pair (mailbox/credit.h);
 * the other reactor sends it back when it has taken enough. As it comes, all
 * who wait get an entry each, in the order in which they came.
 *
 * Who waits for an actor that is full sends it a message, which hangs on that
 * actor until it is not, and then comes back. It finds the writable by a key,
 * which one that was cancelled no longer has. */
#include "runtime/writable.h"

#include "core/assert.h"
#include "runtime/actor_private.h"
#include "runtime/reactor/system.h"

/* --- lists -----------------------------------------------------------------
 */

static void link_own(struct mio_actor *self, struct mio_writable *writable)
{
    writable->own_next = self->writables;
    writable->own_link = &self->writables;
    if (writable->own_next != NULL)
        writable->own_next->own_link = &writable->own_next;
    self->writables = writable;
}

static void unlink_own(struct mio_writable *writable)
{
    *writable->own_link = writable->own_next;
    if (writable->own_next != NULL)
        writable->own_next->own_link = writable->own_link;
    writable->own_link = NULL;
}

static struct mio_reactor_peer *peer_of(struct mio_reactor *reactor,
                                        mio_actor_id to)
{
    return &reactor->peers[mio_actor_id_reactor(to)];
}

static void link_waiting(struct mio_reactor_peer *peer,
                         struct mio_writable *writable)
{
    writable->next = NULL;
    writable->link = peer->waiting_tail;
    *peer->waiting_tail = writable;
    peer->waiting_tail = &writable->next;
}

static void unlink_waiting(struct mio_reactor_peer *peer,
                           struct mio_writable *writable)
{
    *writable->link = writable->next;
    if (writable->next != NULL)
        writable->next->link = writable->link;
    else
        peer->waiting_tail = writable->link;
    writable->link = NULL;
}

/* --- telling ---------------------------------------------------------------
 */

static int handle_ready(struct mio_actor *self, void *state,
                        struct mio_actor_entry *entry)
{
    struct mio_writable *writable = (struct mio_writable *)entry;
    unlink_own(writable); /* it may wait again */
    return writable->ready(self, state, writable);
}

static void tell_all(struct mio_reactor *reactor, struct mio_reactor_peer *peer)
{
    struct mio_writable *writable;
    while ((writable = peer->waiting) != NULL) {
        unlink_waiting(peer, writable);
        mio_reactor_enqueue(reactor, &writable->entry);
    }
}

static void handle_notice(struct mio_reactor *reactor, struct mio_actor *to,
                          struct mio_message *message)
{
    (void)to;
    struct mio_reactor_peer *peer = peer_of(reactor, message->from);
    MIO_ASSERT(peer->notice == message);
    peer->notice = NULL;
    mio_reactor_message_free(reactor, message);
    mio_credit_look(&peer->line);
    tell_all(reactor, peer);
}

static const struct mio_system_type notice_type = {
    .base = {.name = "credit"},
    .handle = handle_notice,
};

/* --- waiting ---------------------------------------------------------------
 */

/* Leave a notice in the word of the pair. What is still in the open chain must
 * be out, or it would not count as under way. */
static int want(struct mio_reactor *reactor, struct mio_reactor_peer *peer)
{
    struct mio_message *notice = mio_system_new(reactor, &notice_type, 0);
    if (notice == NULL)
        return MIO_ENOMEM;
    mio_reactor_publish(reactor);
    notice->kind = MIO_ENTRY_SYSTEM;
    notice->to = mio_reactor_address(reactor->index);
    peer->notice = notice;
    mio_count(&reactor->counters.credit_waits);
    mio_credit_want(&peer->line, notice);
    return 0;
}

/* --- an actor that is full --------------------------------------------------
 */

struct want {
    mio_key key;
};

static void handle_open(struct mio_reactor *reactor, struct mio_actor *to,
                        struct mio_message *message)
{
    (void)to;
    const struct want *payload = mio_message_payload(message);
    struct mio_writable *writable =
        mio_slab_remove(&reactor->monitors, payload->key);
    mio_reactor_message_free(reactor, message);
    if (writable == NULL)
        return; /* cancelled, also by the end of its actor */
    writable->has_key = false;
    mio_reactor_enqueue(reactor, &writable->entry);
}

static const struct mio_system_type open_type = {
    .base = {.name = "open"},
    .handle = handle_open,
};

/* On the reactor of who is full, or was when this was sent. */
static void handle_want(struct mio_reactor *reactor, struct mio_actor *to,
                        struct mio_message *message)
{
    if (to == NULL || !mio_reactor_is_full(reactor, message->to)) {
        mio_system_send(reactor, message->to, message->from, &open_type,
                        message);
        return;
    }
    mio_reactor_say_full(
        reactor, mio_actor_registry_slot_of(reactor->registry, message->to));
    message->type = &open_type.base;
    message->next = NULL;
    *to->wanting_tail = message;
    to->wanting_tail = &message->next;
}

static const struct mio_system_type want_type = {
    .base = {.name = "want"},
    .handle = handle_want,
};

static int want_actor(struct mio_actor *self, struct mio_writable *writable)
{
    struct mio_reactor *reactor = self->reactor;
    struct mio_message *message =
        mio_system_new(reactor, &want_type, sizeof(struct want));
    if (message == NULL)
        return MIO_ENOMEM;
    if (mio_slab_insert(&reactor->monitors, writable, &writable->key) < 0) {
        mio_reactor_message_free(reactor, message);
        return MIO_ENOMEM;
    }
    writable->has_key = true;
    ((struct want *)mio_message_payload(message))->key = writable->key;
    mio_system_send(reactor, self->id, writable->to, &want_type, message);
    return 0;
}

static bool is_full(struct mio_reactor *reactor, mio_actor_id to)
{
    uint32_t index = mio_actor_id_reactor(to);
    return index == reactor->index
               ? mio_reactor_is_full(reactor, to)
               : mio_actor_registry_is_full(&reactor->common->registries[index],
                                            to);
}

/* --- waiting ----------------------------------------------------------------
 */

static int wait_for_credit(struct mio_reactor *reactor,
                           struct mio_writable *writable)
{
    struct mio_reactor_peer *peer = peer_of(reactor, writable->to);
    if (peer->notice == NULL) {
        int result = want(reactor, peer);
        if (result < 0)
            return result;
    }
    if (peer->line.left > 0)
        mio_reactor_enqueue(reactor, &writable->entry);
    else
        link_waiting(peer, writable);
    return 0;
}

static int wait_for_room(struct mio_actor *self, struct mio_writable *writable)
{
    struct mio_reactor *reactor = self->reactor;
    struct mio_reactor_peer *peer = peer_of(reactor, writable->to);
    if (peer->line.left <= 0)
        mio_credit_look(&peer->line);
    if (peer->line.left <= 0)
        return wait_for_credit(reactor, writable);
    if (is_full(reactor, writable->to))
        return want_actor(self, writable);
    mio_reactor_enqueue(reactor, &writable->entry);
    return 0;
}

int mio_await_writable(struct mio_actor *self, mio_actor_id to,
                       struct mio_writable *writable,
                       int (*ready)(struct mio_actor *self, void *state,
                                    struct mio_writable *writable))
{
    MIO_ASSERT(ready != NULL);
    int result = mio_send_check(self->reactor->common, to, 0);
    if (result < 0)
        return result;
    if (writable->own_link != NULL)
        return MIO_EEXIST;
    mio_actor_entry_init(&writable->entry, self, handle_ready);
    writable->to = to;
    writable->ready = ready;
    writable->link = NULL;
    writable->has_key = false;
    result = wait_for_room(self, writable);
    if (result == 0)
        link_own(self, writable);
    return result;
}

bool mio_writable_cancel(struct mio_writable *writable)
{
    if (writable->own_link == NULL)
        return false;
    struct mio_reactor *reactor = writable->entry.actor->reactor;
    unlink_own(writable);
    if (writable->has_key)
        (void)mio_slab_remove(&reactor->monitors, writable->key);
    else if (writable->link != NULL)
        unlink_waiting(peer_of(reactor, writable->to), writable);
    else
        (void)mio_actor_dequeue(&writable->entry);
    return true;
}

void mio_actor_unawait_all(struct mio_actor *self)
{
    while (self->writables != NULL)
        (void)mio_writable_cancel(self->writables);
}
