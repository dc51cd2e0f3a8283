/* SPDX-License-Identifier: MIT
 *
 * core/timer_wheel.c - a wheel of 8 levels of 64 slots.
 *
 * A tick is read as a number of base 64. A timer lies on the level of the
 * highest digit in which its deadline differs from now, in the slot of that
 * digit. Hence on each level only slots after now's digit are occupied (level
 * 0: from it on), every timer of a level is due before those of the levels
 * above, and the next slot to look at is found by counting zeros. When now
 * reaches a slot of a higher level, its timers are sorted anew: each comes to
 * lie lower, at most seven times in its life. */
#include "core/timer_wheel.h"

#include <stddef.h>

#include "core/assert.h"

/* No int64_t of nanoseconds is as late as this tick. It is MIO_NO_DEADLINE. */
#define TICK_NEVER (INT64_C(1) << (63 - MIO_TICK_SHIFT))

_Static_assert(MIO_WHEEL_BITS *MIO_WHEEL_LEVELS > 63 - MIO_TICK_SHIFT,
               "every deadline lies within the wheel");
_Static_assert(offsetof(struct mio_timer, link) == 0,
               "a link is a timer's first member");

static void list_init(struct mio_timer_link *list)
{
    list->next = list;
    list->prev = list;
}

/* `last` is the list's last link, which who appends has looked at. */
static void list_append(struct mio_timer_link *list,
                        struct mio_timer_link *last,
                        struct mio_timer_link *link)
{
    link->next = list;
    link->prev = last;
    last->next = link;
    list->prev = link;
}

/* Move all of `from`, which is not empty, to the end of `to`. */
static void list_move(struct mio_timer_link *from, struct mio_timer_link *to)
{
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    list_init(from);
}

static struct mio_timer *timer_of(struct mio_timer_link *link)
{
    return (struct mio_timer *)(void *)link;
}

void mio_timer_wheel_init(struct mio_timer_wheel *self, int64_t now_ns)
{
    MIO_ASSERT(now_ns >= 0);

    MIO_ASSERT(now_ns >= 0);
    self->now_tick = now_ns >> MIO_TICK_SHIFT;
    list_init(&self->due);
    for (size_t level = 0; level < MIO_WHEEL_LEVELS; level++) {
        self->occupied[level] = 0;
        for (size_t slot = 0; slot < MIO_WHEEL_SLOTS; slot++)
            list_init(&self->slots[level][slot]);
    }
}

void mio_timer_init(struct mio_timer *timer)
{
    *timer = (struct mio_timer){.link = {.next = NULL}};
}

/* As the function for everybody, which a shared library cannot inline. */
static inline bool is_armed(const struct mio_timer *timer)
{
    return timer->link.next != NULL;
}

bool mio_timer_is_armed(const struct mio_timer *timer)
{
    return is_armed(timer);
}

static int64_t tick_of_deadline(int64_t deadline_ns)
{
    int64_t fraction = deadline_ns & (MIO_TICK_NS - 1);
    return (deadline_ns >> MIO_TICK_SHIFT) + (fraction != 0);
}

/* Link a timer, whose deadline is not before now, where it belongs. */
static void place(struct mio_timer_wheel *self, struct mio_timer *timer)
{
    uint64_t deadline = (uint64_t)timer->deadline_tick;
    uint64_t differs = deadline ^ (uint64_t)self->now_tick;
    /* The lowest digit counts as different, so that level 0 is the least. */
    unsigned top_bit =
        63 - (unsigned)__builtin_clzll(differs | (MIO_WHEEL_SLOTS - 1));
    unsigned level = top_bit / MIO_WHEEL_BITS;
    unsigned slot = (unsigned)(deadline >> (level * MIO_WHEEL_BITS)) &
                    (MIO_WHEEL_SLOTS - 1);
    struct mio_timer_link *list = &self->slots[level][slot];
    struct mio_timer_link *last = list->prev;
    /* Not each time: one insert would wait for the word of the last one. */
    if (last == list)
        self->occupied[level] |= UINT64_C(1) << slot;
    list_append(list, last, &timer->link);
}

/* Unlink an armed timer. Its neighbours are one and the same only when it was
 * alone: what is left is the head, and its address tells which slot it is. */
static void unlink_timer(struct mio_timer_wheel *self, struct mio_timer *timer)
{
    struct mio_timer_link *prev = timer->link.prev;
    struct mio_timer_link *next = timer->link.next;
    prev->next = next;
    next->prev = prev;
    if (__builtin_expect(next != prev || next == &self->due, 1))
        return;
    size_t index = (size_t)(next - &self->slots[0][0]);
    MIO_DEBUG_ASSERT(index < (size_t)MIO_WHEEL_LEVELS * MIO_WHEEL_SLOTS);
    self->occupied[index / MIO_WHEEL_SLOTS] &=
        ~(UINT64_C(1) << index % MIO_WHEEL_SLOTS);
}

void mio_timer_wheel_insert(struct mio_timer_wheel *self,
                            struct mio_timer *timer, int64_t deadline_ns)
{
    if (is_armed(timer))
        unlink_timer(self, timer);

    int64_t tick = tick_of_deadline(deadline_ns);
    /* What is due already waits for the next advance all the same: else a
     * timer that arms itself again would keep its taker busy for ever. */
    timer->deadline_tick = tick > self->now_tick ? tick : self->now_tick;
    place(self, timer);
}

bool mio_timer_wheel_cancel(struct mio_timer_wheel *self,
                            struct mio_timer *timer)
{
    if (!is_armed(timer))
        return false;
    unlink_timer(self, timer);
    timer->link.next = NULL;
    return true;
}

/* The next slot to look at; false if no timer is in any. Its time is when it
 * begins: on level 0 that is the deadline of its timers. */
static bool next_slot(const struct mio_timer_wheel *self, unsigned *level,
                      unsigned *slot, int64_t *tick)
{
    for (unsigned i = 0; i < MIO_WHEEL_LEVELS; i++) {
        if (self->occupied[i] == 0)
            continue;
        unsigned shift = i * MIO_WHEEL_BITS;
        *level = i;
        *slot = (unsigned)__builtin_ctzll(self->occupied[i]);
        uint64_t above = ~UINT64_C(0) << (shift + MIO_WHEEL_BITS);
        *tick = (int64_t)(((uint64_t)self->now_tick & above) | (uint64_t)*slot
                                                                   << shift);
        return true;
    }
    return false;
}

/* Now has come to the beginning of a slot: sort its timers anew. */
static void cascade(struct mio_timer_wheel *self, struct mio_timer_link *slot)
{
    struct mio_timer_link *link = slot->next;
    list_init(slot);
    while (link != slot) {
        struct mio_timer_link *next = link->next;
        place(self, timer_of(link));
        link = next;
    }
}

void mio_timer_wheel_advance(struct mio_timer_wheel *self, int64_t now_ns)
{
    int64_t target = now_ns >> MIO_TICK_SHIFT;
    if (target < self->now_tick)
        return;

    unsigned level;
    unsigned slot;
    int64_t tick;
    while (next_slot(self, &level, &slot, &tick) && tick <= target) {
        MIO_DEBUG_ASSERT(tick >= self->now_tick);
        self->now_tick = tick;
        self->occupied[level] &= ~(UINT64_C(1) << slot);
        struct mio_timer_link *list = &self->slots[level][slot];
        if (level == 0)
            list_move(list, &self->due);
        else
            cascade(self, list);
    }
    self->now_tick = target;
}

struct mio_timer *mio_timer_wheel_take(struct mio_timer_wheel *self)
{
    struct mio_timer_link *link = self->due.next;
    if (link == &self->due)
        return NULL;
    self->due.next = link->next;
    link->next->prev = &self->due;
    link->next = NULL;
    return timer_of(link);
}

int64_t mio_timer_wheel_deadline(const struct mio_timer_wheel *self)
{
    if (self->due.next != &self->due)
        return 0;

    unsigned level;
    unsigned slot;
    int64_t tick;
    if (!next_slot(self, &level, &slot, &tick) || tick >= TICK_NEVER)
        return MIO_NO_DEADLINE;
    return tick << MIO_TICK_SHIFT;
}
