/* SPDX-License-Identifier: MIT
 *
 * core/event.c - step 2 of a byte's walk: raw events become events with
 * tokens, one at a time, as they are taken. */
#include "core/event.h"

#include "core/error.h"
#include "core/poll_private.h"

#define CAPACITY_MAX 65536

static size_t size_of(uint32_t capacity)
{
    return sizeof(struct mio_events) + capacity * sizeof(mio_token);
}

int mio_events_new(struct mio_events **out, uint32_t capacity)
{
    return mio_events_new_with(out, capacity, NULL);
}

int mio_events_new_with(struct mio_events **out, uint32_t capacity,
                        const struct mio_allocator *allocator)
{
    if (out == NULL || capacity == 0 || capacity > CAPACITY_MAX)
        return MIO_EINVAL;

    struct mio_events *self =
        mio_allocator_allocate(allocator, 1, size_of(capacity));
    if (self == NULL)
        return MIO_ENOMEM;
    *self = (struct mio_events){.allocator = allocator, .capacity = capacity};

    int rc = mio_batch_new(&self->batch, capacity, allocator);
    if (rc < 0) {
        mio_allocator_release(allocator, self, 1, size_of(capacity));
        return rc;
    }
    *out = self;
    return MIO_OK;
}

void mio_events_free(struct mio_events *self)
{
    if (self == NULL)
        return;
    mio_batch_free(self->batch, self->capacity, self->allocator);
    mio_allocator_release(self->allocator, self, 1, size_of(self->capacity));
}

uint32_t mio_events_capacity(const struct mio_events *self)
{
    return self->capacity;
}

bool mio_events_is_empty(const struct mio_events *self)
{
    return self->raw_count + self->wakes_count == 0;
}

void mio_events_clear(struct mio_events *self)
{
    mio_events_reset(self);
}

void mio_events_rewind(struct mio_events *self)
{
    self->next = 0;
}

/* What is not usual: records that are none any more, other flags, wakers. */
static __attribute__((noinline)) bool next_slowly(struct mio_events *self,
                                                  struct mio_event *out)
{
    while (self->next < self->raw_count) {
        uint64_t key;
        uint32_t readiness = mio_batch_read(self->batch, self->next++, &key);
        mio_token token;
        if (mio_slot_table_find(&self->poll->table, key, &token)) {
            out->token = token;
            out->readiness = readiness;
            return true;
        }
        /* Deregistered or reregistered since, or the doorbell's own key,
         * whose wakers come last. */
    }

    uint32_t wake = self->next - self->raw_count;
    if (wake == self->wakes_count)
        return false;
    self->next++;
    out->token = self->wake_tokens[wake];
    out->readiness = MIO_READY_READABLE;
    return true;
}

bool mio_events_next(struct mio_events *self, struct mio_event *out)
{
    if (self->next == self->raw_count + self->wakes_count)
        return false;

    /* Without a frame of its own: next_slowly keeps what this would have to
     * save. An eighth of what an event costs the core. */
    const struct mio_record *record = &self->batch->records[self->next];
    if (__builtin_expect(self->next < self->raw_count &&
                             mio_record_is_usual(record->flags) &&
                             mio_slot_table_find(&self->poll->table,
                                                 record->key, &out->token),
                         1)) {
        self->next++;
        out->readiness = mio_record_usual_readiness(record->flags);
        return true;
    }
    return next_slowly(self, out);
}
