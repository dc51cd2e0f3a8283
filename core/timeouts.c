/* SPDX-License-Identifier: MIT
 *
 * core/timeouts.c - places in one array, free ones linked by index. */
#include "core/timeouts.h"

#include <stddef.h>

#include "core/assert.h"

_Static_assert(offsetof(struct mio_timeout, timer) == 0,
               "a timer is a timeout's first member");

int mio_timeouts_init(struct mio_timeouts *self, uint32_t capacity,
                      int64_t now_ns, const struct mio_allocator *allocator)
{
    MIO_ASSERT(capacity > 0);

    self->places = mio_allocator_allocate_zeroed(allocator, capacity,
                                                 sizeof(*self->places));
    if (self->places == NULL)
        return MIO_ENOMEM;
    self->allocator = allocator;
    self->capacity = capacity;
    self->used_max = 0;
    self->free_head = 0;
    self->set_count = 0;
    mio_timer_wheel_init(&self->wheel, now_ns);
    return MIO_OK;
}

void mio_timeouts_deinit(struct mio_timeouts *self)
{
    mio_allocator_release(self->allocator, self->places, self->capacity,
                          sizeof(*self->places));
    self->places = NULL;
}

static struct mio_timeout *claim(struct mio_timeouts *self)
{
    if (self->free_head != 0) {
        struct mio_timeout *place = &self->places[self->free_head - 1];
        self->free_head = place->next_free;
        return place;
    }
    if (self->used_max == self->capacity)
        return NULL;
    struct mio_timeout *place = &self->places[self->used_max++];
    place->generation = 1;
    mio_timer_init(&place->timer);
    return place;
}

static uint32_t index_of(const struct mio_timeouts *self,
                         const struct mio_timeout *place)
{
    return (uint32_t)(place - self->places);
}

static void release(struct mio_timeouts *self, struct mio_timeout *place)
{
    self->set_count--;
    place->generation++;
    /* At 0 the first keys would be valid again: the place is retired. */
    if (place->generation == 0)
        return;
    place->next_free = self->free_head;
    self->free_head = index_of(self, place) + 1;
}

int mio_timeouts_set(struct mio_timeouts *self, int64_t deadline_ns,
                     mio_token token, mio_key *out)
{
    struct mio_timeout *place = claim(self);
    if (place == NULL)
        return MIO_EFULL;
    place->token = token;
    self->set_count++;
    mio_timer_wheel_insert(&self->wheel, &place->timer, deadline_ns);
    *out = (mio_key)place->generation << 32 | index_of(self, place);
    return MIO_OK;
}

bool mio_timeouts_clear(struct mio_timeouts *self, mio_key key)
{
    uint32_t index = (uint32_t)key;
    if (index >= self->used_max)
        return false;
    struct mio_timeout *place = &self->places[index];
    /* A place that is free has a generation that no key has had yet. */
    if (place->generation != (uint32_t)(key >> 32) ||
        !mio_timer_wheel_cancel(&self->wheel, &place->timer))
        return false;
    release(self, place);
    return true;
}

void mio_timeouts_advance(struct mio_timeouts *self, int64_t now_ns)
{
    mio_timer_wheel_advance(&self->wheel, now_ns);
}

int64_t mio_timeouts_deadline(const struct mio_timeouts *self)
{
    return mio_timer_wheel_deadline(&self->wheel);
}

bool mio_timeouts_take(struct mio_timeouts *self, mio_token *out)
{
    struct mio_timer *timer = mio_timer_wheel_take(&self->wheel);
    if (timer == NULL)
        return false;
    struct mio_timeout *place = (struct mio_timeout *)(void *)timer;
    *out = place->token;
    release(self, place);
    return true;
}
