/* SPDX-License-Identifier: MIT
 *
 * core/poll.c - the registry and the wait: step 2 of a byte's walk.
 *
 * A source belongs to the thread that changed its poll field to BUSY, until
 * it writes the outcome there. So two threads never register one source twice,
 * and none renews a slot that another has just released. */
#include "core/poll.h"

#include <stdbool.h>
#include <stdlib.h>

#include "core/assert.h"
#include "core/poll_private.h"

#define SOURCES_MAX_DEFAULT 65536
#define SOURCES_MAX_LIMIT (UINT32_C(1) << 31)
#define DOORBELL_KEY (UINT64_C(0) | MIO_SLOT_NONE)

static struct mio_poll busy_mark;
#define BUSY (&busy_mark)

static int open_parts(struct mio_poll *self, uint32_t sources_max)
{
    int rc = mio_slot_table_init(&self->table, sources_max);
    if (rc < 0)
        return rc;

    rc = mio_selector_new(&self->selector, sources_max);
    if (rc < 0)
        goto fail_selector;

    rc = mio_wake_list_new(&self->wake_list, self->selector, DOORBELL_KEY);
    if (rc < 0)
        goto fail_wake_list;
    return MIO_OK;

fail_wake_list:
    mio_selector_free(self->selector);
fail_selector:
    mio_slot_table_deinit(&self->table);
    return rc;
}

int mio_poll_new(struct mio_poll **out, const struct mio_poll_options *options)
{
    uint32_t sources_max = SOURCES_MAX_DEFAULT;
    if (options != NULL && options->sources_max != 0)
        sources_max = options->sources_max;
    if (sources_max > SOURCES_MAX_LIMIT)
        return MIO_EINVAL;

    struct mio_poll *self = calloc(1, sizeof(*self));
    if (self == NULL)
        return MIO_ENOMEM;
    int rc = open_parts(self, sources_max);
    if (rc < 0) {
        free(self);
        return rc;
    }
    *out = self;
    return MIO_OK;
}

static void release_memory(struct mio_poll *self)
{
    mio_slot_table_deinit(&self->table);
    free(self);
}

static void forget_woken(struct mio_poll *self)
{
    while (self->woken != NULL) {
        struct mio_waker *waker = self->woken;
        self->woken = waker->next;
        (void)mio_waker_settle(waker);
    }
}

void mio_poll_free(struct mio_poll *self)
{
    if (self == NULL)
        return;
    MIO_ASSERT(self->selector != NULL);

    forget_woken(self);
    mio_wake_list_close(self->wake_list);
    mio_selector_free(self->selector);
    self->selector = NULL;

    /* A source that is closed after its poll looks here once more. */
    self->orphans_count = mio_slot_table_count(&self->table);
    if (self->orphans_count == 0)
        release_memory(self);
}

/* Take the source away from `from`, for the time of one operation. */
static bool claim(struct mio_source *source, struct mio_poll **from)
{
    return __atomic_compare_exchange_n(&source->poll, from, BUSY, false,
                                       __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE);
}

static void settle(struct mio_source *source, struct mio_poll *poll)
{
    __atomic_store_n(&source->poll, poll, __ATOMIC_RELEASE);
}

static bool is_valid(uint32_t interest, uint32_t mode)
{
    return mio_interest_is_valid(interest) && (mode & ~MIO_MODE_ALL) == 0;
}

static int add(struct mio_poll *self, struct mio_source *source,
               mio_token token, uint32_t flags)
{
    uint64_t key;
    int rc = mio_slot_table_claim(&self->table, token, &key);
    if (rc < 0)
        return rc;

    uint32_t slot = mio_slot_of_key(key);
    rc = mio_selector_add(self->selector, source, key, flags);
    if (rc < 0) {
        mio_slot_table_void(&self->table, slot);
        mio_slot_table_release(&self->table, slot);
        return rc;
    }
    source->slot = slot;
    source->flags = flags;
    return MIO_OK;
}

int mio_poll_register(struct mio_poll *self, struct mio_source *source,
                      mio_token token, uint32_t interest, uint32_t mode)
{
    MIO_ASSERT(self->selector != NULL);

    if (!is_valid(interest, mode))
        return MIO_EINVAL;
    struct mio_poll *from = NULL;
    if (!claim(source, &from))
        return from == BUSY ? MIO_EBUSY : MIO_EEXIST;

    int rc = add(self, source, token, mio_flags_of(interest, mode));
    settle(source, rc < 0 ? NULL : self);
    return rc;
}

static int renew(struct mio_poll *self, struct mio_source *source,
                 mio_token token, uint32_t flags)
{
    uint64_t old_key = mio_slot_table_key(&self->table, source->slot);
    mio_token old_token = mio_slot_table_token(&self->table, source->slot);

    /* First the table, then the selector: an event with the new key must not
     * find the old generation, for it would be lost. */
    uint64_t key = mio_slot_table_renew(&self->table, source->slot, token);
    int rc = mio_selector_modify(self->selector, source, key, flags);
    if (rc < 0) {
        mio_slot_table_restore(&self->table, old_key, old_token);
        return rc;
    }
    source->flags = flags;
    return MIO_OK;
}

int mio_poll_reregister(struct mio_poll *self, struct mio_source *source,
                        mio_token token, uint32_t interest, uint32_t mode)
{
    MIO_ASSERT(self->selector != NULL);

    if (!is_valid(interest, mode))
        return MIO_EINVAL;
    struct mio_poll *from = self;
    if (!claim(source, &from))
        return from == BUSY ? MIO_EBUSY : MIO_ENOENT;

    int rc = renew(self, source, token, mio_flags_of(interest, mode));
    settle(source, self);
    return rc;
}

static void remove_orphan(struct mio_poll *self)
{
    if (__atomic_fetch_sub(&self->orphans_count, 1, __ATOMIC_ACQ_REL) == 1)
        release_memory(self);
}

int mio_poll_deregister(struct mio_poll *self, struct mio_source *source)
{
    struct mio_poll *from = self;
    if (!claim(source, &from))
        return from == BUSY ? MIO_EBUSY : MIO_ENOENT;

    uint32_t slot = source->slot;
    if (self->selector == NULL) {
        settle(source, NULL);
        remove_orphan(self);
        return MIO_OK;
    }
    mio_slot_table_void(&self->table, slot);
    mio_selector_remove(self->selector, source);
    mio_slot_table_release(&self->table, slot);
    settle(source, NULL);
    return MIO_OK;
}

void mio_source_deregister(struct mio_source *self)
{
    struct mio_poll *poll = __atomic_load_n(&self->poll, __ATOMIC_ACQUIRE);
    if (poll == NULL)
        return;
    int rc = mio_poll_deregister(poll, self);
    MIO_ASSERT(rc == MIO_OK); /* else another thread was at it meanwhile */
}

void mio_source_arm(struct mio_source *self, uint32_t directions)
{
    struct mio_poll *poll = __atomic_load_n(&self->poll, __ATOMIC_ACQUIRE);
    if (poll != NULL && poll->selector != NULL)
        mio_selector_arm(poll->selector, self, directions);
}

/* Report wakers that were taken from the list, as many as still fit. */
static void report_woken(struct mio_poll *self, struct mio_events *events,
                         uint32_t room)
{
    while (self->woken != NULL && room > 0) {
        struct mio_waker *waker = self->woken;
        self->woken = waker->next; /* settled, it may be pushed again */
        events->wake_tokens[events->wakes_count++] = mio_waker_settle(waker);
        room--;
    }
}

/* Put the wakers in the place of the doorbell's event, if it is there. */
static uint32_t answer_doorbell(struct mio_poll *self,
                                struct mio_events *events)
{
    for (uint32_t i = 0; i < events->raw_count; i++) {
        uint64_t key;
        (void)mio_batch_read(events->batch, i, &key);
        if (key != DOORBELL_KEY)
            continue;

        struct mio_waker **tail = &self->woken;
        while (*tail != NULL)
            tail = &(*tail)->next;
        *tail = mio_wake_list_take(self->wake_list);
        return 1;
    }
    return 0;
}

static int wait_once(struct mio_poll *self, struct mio_events *events,
                     int64_t timeout_ns)
{
    mio_events_clear(events);
    events->poll = self;

    uint32_t capacity = events->capacity;
    if (self->woken != NULL) {
        report_woken(self, events, capacity);
        if (events->wakes_count == capacity)
            return (int)capacity;
        timeout_ns = 0;
    }

    int raw_count =
        mio_selector_wait(self->selector, events->batch,
                          capacity - events->wakes_count, timeout_ns);
    if (raw_count < 0)
        return events->wakes_count > 0 ? (int)events->wakes_count : raw_count;

    events->raw_count = (uint32_t)raw_count;
    uint32_t doorbells = 0;
    if (mio_wake_list_is_pending(self->wake_list)) {
        doorbells = answer_doorbell(self, events);
        uint32_t taken = events->raw_count - doorbells + events->wakes_count;
        report_woken(self, events, capacity - taken);
    }
    return (int)(events->raw_count - doorbells + events->wakes_count);
}

int mio_poll_wait(struct mio_poll *self, struct mio_events *events,
                  int64_t timeout_ns)
{
    if (__atomic_exchange_n(&self->is_waiting, 1, __ATOMIC_ACQUIRE) != 0)
        return MIO_EBUSY;
    int count = wait_once(self, events, timeout_ns);
    __atomic_store_n(&self->is_waiting, 0, __ATOMIC_RELEASE);
    return count;
}

mio_handle mio_poll_handle(const struct mio_poll *self)
{
    return mio_selector_handle(self->selector);
}
