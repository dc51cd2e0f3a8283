/* SPDX-License-Identifier: MIT
 *
 * bench/core/peers/heap.c - see heap.h. The clock is read once a batch. */
#include "bench/core/peers/heap.h"

#include "bench/core/harness.h"

struct entry {
    int64_t deadline_ns;
    uint32_t timer;
};

static const struct timers *timers;
static struct entry *heap;
static uint32_t *places; /* of each timer; where it is in no heap: any */
static long heap_count;
static long fired;

static void put(long place, struct entry entry)
{
    heap[place] = entry;
    places[entry.timer] = (uint32_t)place;
}

static void rise(long place, struct entry entry)
{
    while (place > 0) {
        long parent = (place - 1) / 4;
        if (heap[parent].deadline_ns <= entry.deadline_ns)
            break;
        put(place, heap[parent]);
        place = parent;
    }
    put(place, entry);
}

static void sink(long place, struct entry entry)
{
    for (;;) {
        long first = 4 * place + 1;
        long least = first;
        for (long i = first + 1; i < first + 4 && i < heap_count; i++)
            if (heap[i].deadline_ns < heap[least].deadline_ns)
                least = i;
        if (first >= heap_count || heap[least].deadline_ns >= entry.deadline_ns)
            break;
        put(place, heap[least]);
        place = least;
    }
    put(place, entry);
}

static void settle(long place, struct entry entry)
{
    if (place > 0 && heap[(place - 1) / 4].deadline_ns > entry.deadline_ns)
        rise(place, entry);
    else
        sink(place, entry);
}

static void take_out(long place)
{
    struct entry last = heap[--heap_count];
    if (place < heap_count)
        settle(place, last);
}

void heap_open(const struct timers *wanted)
{
    timers = wanted;
    heap = must_allocate((size_t)timers->live, sizeof(*heap));
    places = must_allocate((size_t)timers->live, sizeof(*places));
}

void heap_insert(long n, const int64_t *delays)
{
    int64_t now_ns = wall_ns();
    for (long i = 0; i < n; i++) {
        struct entry entry = {now_ns + delays[i], (uint32_t)i};
        rise(heap_count++, entry);
    }
}

void heap_rearm(long n)
{
    int64_t now_ns = wall_ns();
    for (long i = 0; i < n; i++) {
        uint32_t timer = timers->order[i];
        struct entry entry = {now_ns + timers->delays[i], timer};
        settle(places[timer], entry);
    }
}

void heap_cancel(long n)
{
    for (long i = 0; i < n; i++)
        take_out(places[timers->order[i]]);
}

static void on_fired(uint32_t timer)
{
    (void)timer;
    fired++;
}

/* Others call back through a pointer, too. */
static void (*volatile callback)(uint32_t timer) = on_fired;

long heap_fire(void)
{
    fired = 0;
    int64_t now_ns = wall_ns();
    while (heap_count > 0 && heap[0].deadline_ns <= now_ns) {
        uint32_t timer = heap[0].timer;
        take_out(0);
        callback(timer);
    }
    return fired;
}
