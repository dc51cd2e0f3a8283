/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/gauge.h - what a reactor notes of itself. Not installed.
 *
 * Written by the reactor alone, with plain stores that are whole: the first
 * part is read by any thread (runtime/figures.h). Two things cost more than
 * that and are sampled, about every 20 us at most: an entry whose time is taken
 * and whose actors are noted, and a stamp in the queue behind what that entry
 * sent, which tells how long messages wait. */
#ifndef MIO_RUNTIME_REACTOR_GAUGE_H
#define MIO_RUNTIME_REACTOR_GAUGE_H

#include <ck_pr.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/count.h"
#include "runtime/figures.h"
#include "runtime/message.h"
#include "runtime/reactor/queue.h"

/* Samples are taken so seldom that they cost less than a percent. */
#define MIO_SAMPLE_NS 20000
#define MIO_SAMPLE_ENTRIES_MAX 1024

/* An actor, or a pair of them, that turned up in samples. */
struct mio_noted {
    mio_actor_id from; /* nobody, where it is about one actor */
    mio_actor_id to;
    const struct mio_actor_class *from_class; /* NULL: not known */
    const struct mio_actor_class *to_class;
    const struct mio_message_type *type;
    uint64_t sum;  /* since it is noted */
    uint64_t rank; /* fades; who has the least makes room */
};

struct mio_noted_table {
    struct mio_noted rows[MIO_FIGURES_MAX];
    uint32_t count;
};

/* What a reactor is at, for the watchdog: written only if there is one. While
 * `number` is odd, it is being written. */
struct mio_current {
    uint64_t number;
    uint64_t actor;
    const struct mio_actor_class *actor_class;
    const char *what; /* NULL: nothing that could be stuck */
};

struct mio_gauge {
    /* Read by others. */
#define MIO_GAUGE_WORD(name, text) uint64_t name;
    MIO_GAUGE_MAP(MIO_GAUGE_WORD)
#undef MIO_GAUGE_WORD
    struct mio_histogram dwell_ns;
    struct mio_histogram turn_ns;
    struct mio_histogram takes;
    struct mio_current current;

    /* The reactor's own. */
    bool is_watched;
    uint32_t sample_after; /* so many entries are handled before the next */
    uint32_t interval;     /* entries that the next sample stands for */
    int64_t sampled_ns;
    int64_t faded_ns;
    uint64_t random;
    bool wants_stamp; /* the next take shall be stamped */
    bool is_stamped;  /* the stamp is in the queue */
    struct mio_message stamp;
    int64_t stamped_ns;
    struct mio_noted_table actors;
    struct mio_noted_table edges;
};

/* An entry whose time is taken. */
struct mio_sample {
    int64_t begin_ns;
    mio_actor_id from;
    mio_actor_id to;
    const struct mio_message_type *type; /* NULL: no message */
    struct mio_message **tail;           /* of the queue, before */
};

struct mio_reactor;

void mio_gauge_init(struct mio_gauge *self, uint32_t reactor);

/* The entry that is dispatched between these two is the queue's first, and one
 * of an actor. */
struct mio_sample mio_gauge_sample(const struct mio_reactor *reactor);
void mio_gauge_sampled(struct mio_reactor *reactor,
                       const struct mio_sample *sample);

/* The stamp was reached. */
void mio_gauge_stamp_passed(struct mio_gauge *self);

/* Put the stamp at the tail of the queue. */
void mio_gauge_put_stamp(struct mio_gauge *self, struct mio_queue *queue);

/* All figures of the actors of a reactor. */
void mio_gauge_report(struct mio_reactor *reactor,
                      struct mio_reactor_figures *out);

/* Say what the reactor is at. */
static inline void mio_gauge_at(struct mio_gauge *self, mio_actor_id actor,
                                const struct mio_actor_class *actor_class,
                                const char *what)
{
    struct mio_current *current = &self->current;
    uint64_t number = current->number;
    ck_pr_store_64(&current->number, number + 1);
    ck_pr_fence_store(); /* pairs with the watchdog's loads, as the next */
    ck_pr_store_64(&current->actor, actor.value);
    ck_pr_store_ptr(&current->actor_class, actor_class);
    ck_pr_store_ptr(&current->what, what);
    ck_pr_fence_store();
    ck_pr_store_64(&current->number, number + 2);
}

/* That it is at the first entry of its queue that an actor will see. */
void mio_gauge_at_entry(struct mio_reactor *reactor);

static inline void mio_gauge_at_nothing(struct mio_gauge *self)
{
    mio_actor_id nobody = {0};
    mio_gauge_at(self, nobody, NULL, NULL);
}

static inline void mio_histogram_add(struct mio_histogram *self, uint64_t value)
{
    uint32_t bucket = value == 0 ? 0 : 64 - (uint32_t)__builtin_clzll(value);
    if (bucket >= MIO_HISTOGRAM_BUCKETS)
        bucket = MIO_HISTOGRAM_BUCKETS - 1;
    mio_count_add(&self->sum, value);
    mio_count(&self->counts[bucket]);
}

static inline void mio_gauge_see_queue(struct mio_gauge *self,
                                       const struct mio_queue *queue)
{
    if (__builtin_expect(queue->causes_count > self->queue_max, 0))
        ck_pr_store_64(&self->queue_max, queue->causes_count);
}

/* So many messages were taken to the tail of the queue. */
static inline void mio_gauge_took(struct mio_gauge *self, uint64_t count,
                                  struct mio_queue *queue)
{
    mio_histogram_add(&self->takes, count);
    mio_gauge_see_queue(self, queue);
    if (__builtin_expect(self->wants_stamp, 0))
        mio_gauge_put_stamp(self, queue);
}

/* The reactor is about to look for events; it is `now_ns`, and `since_ns` since
 * it last did. */
static inline void mio_gauge_turned(struct mio_gauge *self, int64_t now_ns,
                                    int64_t since_ns,
                                    const struct mio_queue *queue)
{
    uint64_t turn_ns = now_ns > since_ns ? (uint64_t)(now_ns - since_ns) : 0;
    mio_histogram_add(&self->turn_ns, turn_ns);
    mio_count_add(&self->busy_ns, turn_ns);
    ck_pr_store_64(&self->now_ns, (uint64_t)now_ns);
    ck_pr_store_64(&self->queue, queue->causes_count);
}

#endif /* MIO_RUNTIME_REACTOR_GAUGE_H */
