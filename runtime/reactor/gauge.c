/* SPDX-License-Identifier: MIT
 *
 * runtime/reactor/gauge.c - see gauge.h. */
#include "runtime/reactor/gauge.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "runtime/reactor/memory.h"
#include "runtime/reactor/reactor.h"

void mio_gauge_init(struct mio_gauge *self, uint32_t reactor)
{
    memset(self, 0, sizeof(*self));
    self->stamp.kind = MIO_ENTRY_STAMP;
    self->stamp.home = MIO_HOME_NONE;
    self->random = UINT64_C(0x9e3779b97f4a7c15) * (reactor + 1);
    self->sample_after = 0;
    self->interval = 1;
}

/* --- tables of what turned up --------------------------------------------- */

static bool is_row(const struct mio_noted *row, const struct mio_noted *noted)
{
    return row->to.value == noted->to.value &&
           row->from.value == noted->from.value && row->type == noted->type;
}

static struct mio_noted *least_of(struct mio_noted_table *self)
{
    struct mio_noted *least = &self->rows[0];
    for (uint32_t i = 1; i < self->count; i++)
        if (self->rows[i].rank < least->rank)
            least = &self->rows[i];
    return least;
}

/* Who is new takes the place of the least, and its rank: so that of many small
 * ones some are always there, and a large one is never missed. */
static struct mio_noted *make_row(struct mio_noted_table *self)
{
    if (self->count < MIO_FIGURES_MAX) {
        struct mio_noted *row = &self->rows[self->count++];
        row->rank = 0;
        return row;
    }
    return least_of(self);
}

static void note(struct mio_noted_table *self, const struct mio_noted *noted,
                 uint64_t count)
{
    struct mio_noted *row = NULL;
    for (uint32_t i = 0; i < self->count && row == NULL; i++)
        if (is_row(&self->rows[i], noted))
            row = &self->rows[i];
    if (row == NULL) {
        row = make_row(self);
        uint64_t rank = row->rank;
        *row = *noted;
        row->rank = rank;
    }
    row->sum += count;
    row->rank += count;
}

static void fade(struct mio_noted_table *self)
{
    for (uint32_t i = 0; i < self->count; i++)
        self->rows[i].rank /= 2;
}

static void fade_all(struct mio_gauge *self, int64_t now_ns)
{
    if (now_ns - self->faded_ns < MIO_NS_PER_S)
        return;
    self->faded_ns = now_ns;
    fade(&self->actors);
    fade(&self->edges);
}

/* --- samples ------------------------------------------------------------- */

static uint64_t next_random(struct mio_gauge *self)
{
    self->random ^= self->random << 13;
    self->random ^= self->random >> 7;
    self->random ^= self->random << 17;
    return self->random;
}

/* As many entries as fit into the time, give or take: at random, so that no
 * rhythm of the entries meets ours. */
static void choose_next(struct mio_gauge *self, int64_t now_ns)
{
    int64_t elapsed_ns = now_ns - self->sampled_ns;
    uint64_t mean = elapsed_ns > 0 ? (uint64_t)self->interval * MIO_SAMPLE_NS /
                                         (uint64_t)elapsed_ns
                                   : MIO_SAMPLE_ENTRIES_MAX;
    if (mean > MIO_SAMPLE_ENTRIES_MAX)
        mean = MIO_SAMPLE_ENTRIES_MAX;
    uint32_t after = mean == 0 ? 0 : (uint32_t)(next_random(self) % (2 * mean));
    self->sampled_ns = now_ns;
    self->sample_after = after;
    self->interval = after + 1;
}

struct mio_sample mio_gauge_sample(const struct mio_reactor *reactor)
{
    const struct mio_message *first = reactor->queue.first;
    struct mio_sample sample = {.tail = reactor->queue.tail};
    if (mio_entry_is_embedded(first->kind)) {
        sample.to = ((const struct mio_actor_entry *)first)->actor->id;
    } else {
        sample.to = first->to;
        sample.from = first->from;
        bool is_letter = first->kind == MIO_ENTRY_MESSAGE ||
                         first->kind == MIO_ENTRY_REQUEST ||
                         first->kind == MIO_ENTRY_REPLY;
        sample.type = is_letter ? first->type : NULL;
    }
    sample.begin_ns = mio_clock_monotonic_ns();
    return sample;
}

static const struct mio_actor_class *class_at(const struct mio_reactor *reactor,
                                              mio_actor_id id)
{
    uint32_t index = mio_actor_id_reactor(id);
    if (mio_actor_id_is_none(id) || index >= reactor->common->reactors_count)
        return NULL;
    return mio_actor_registry_class(&reactor->common->registries[index], id);
}

static void note_actor(struct mio_reactor *reactor,
                       const struct mio_sample *sample, uint64_t elapsed_ns)
{
    struct mio_actor *actor =
        mio_actor_registry_find(reactor->registry, sample->to);
    if (actor == NULL)
        return;
    struct mio_noted noted = {.to = sample->to};
    actor->busy_ns += elapsed_ns;
    note(&reactor->gauge.actors, &noted, elapsed_ns);
}

static void note_edge(struct mio_reactor *reactor,
                      const struct mio_sample *sample, uint64_t count)
{
    if (sample->type == NULL)
        return;
    struct mio_noted noted = {
        .from = sample->from,
        .to = sample->to,
        .from_class = class_at(reactor, sample->from),
        .to_class = class_at(reactor, sample->to),
        .type = sample->type,
    };
    note(&reactor->gauge.edges, &noted, count);
}

void mio_gauge_sampled(struct mio_reactor *reactor,
                       const struct mio_sample *sample)
{
    struct mio_gauge *self = &reactor->gauge;
    int64_t now_ns = mio_clock_monotonic_ns();
    uint64_t elapsed_ns = (uint64_t)(now_ns - sample->begin_ns);
    fade_all(self, now_ns);
    note_actor(reactor, sample, elapsed_ns * self->interval);
    note_edge(reactor, sample, self->interval);
    choose_next(self, now_ns);
    if (self->is_stamped)
        return;
    self->wants_stamp = true;
    /* It sent something to this reactor: that is what waits now. */
    if (reactor->queue.tail != sample->tail &&
        !mio_queue_is_empty(&reactor->queue))
        mio_gauge_put_stamp(self, &reactor->queue);
}

void mio_gauge_put_stamp(struct mio_gauge *self, struct mio_queue *queue)
{
    self->wants_stamp = false;
    self->is_stamped = true;
    self->stamped_ns = mio_clock_monotonic_ns();
    mio_queue_push(queue, &self->stamp);
}

void mio_gauge_stamp_passed(struct mio_gauge *self)
{
    int64_t dwell_ns = mio_clock_monotonic_ns() - self->stamped_ns;
    self->is_stamped = false;
    mio_histogram_add(&self->dwell_ns, (uint64_t)dwell_ns);
}

/* --- for the watchdog ----------------------------------------------------- */

static const char *what_of(const struct mio_message *entry)
{
    switch (entry->kind) {
    case MIO_ENTRY_MESSAGE:
    case MIO_ENTRY_REQUEST:
    case MIO_ENTRY_REPLY:
        return entry->type != NULL && entry->type->name != NULL
                   ? entry->type->name
                   : "message";
    case MIO_ENTRY_SPAWN:
        return "spawn";
    case MIO_ENTRY_SYSTEM:
        return "system";
    default:
        return "entry";
    }
}

void mio_gauge_at_entry(struct mio_reactor *reactor)
{
    const struct mio_message *entry = reactor->queue.first;
    while (entry != NULL &&
           (entry->kind == MIO_ENTRY_INDEX || entry->kind == MIO_ENTRY_STAMP))
        entry = entry->next;
    if (entry == NULL) {
        mio_gauge_at_nothing(&reactor->gauge);
        return;
    }
    const struct mio_actor *actor =
        mio_entry_is_embedded(entry->kind)
            ? ((const struct mio_actor_entry *)entry)->actor
            : mio_actor_registry_find(reactor->registry, entry->to);
    mio_gauge_at(&reactor->gauge, actor != NULL ? actor->id : entry->to,
                 actor != NULL ? actor->actor_class : NULL, what_of(entry));
}

/* --- what is told -------------------------------------------------------- */

static void put_name(char *out, const char *name)
{
    (void)snprintf(out, MIO_NAME_MAX, "%s", name != NULL ? name : "");
}

static const char *name_of(const struct mio_actor_class *actor_class)
{
    return actor_class != NULL ? actor_class->name : NULL;
}

static void sort(struct mio_noted_table *self)
{
    for (uint32_t i = 1; i < self->count; i++) {
        struct mio_noted row = self->rows[i];
        uint32_t j = i;
        for (; j > 0 && self->rows[j - 1].rank < row.rank; j--)
            self->rows[j] = self->rows[j - 1];
        self->rows[j] = row;
    }
}

static void report_actors(struct mio_reactor *reactor,
                          struct mio_reactor_figures *out)
{
    struct mio_noted_table *table = &reactor->gauge.actors;
    sort(table);
    for (uint32_t i = 0; i < table->count; i++) {
        const struct mio_noted *row = &table->rows[i];
        const struct mio_actor *actor =
            mio_actor_registry_find(reactor->registry, row->to);
        if (actor == NULL)
            continue;
        struct mio_actor_figures *figures = &out->actors[out->actors_count++];
        figures->id = actor->id;
        put_name(figures->class_name, actor->actor_class->name);
        put_name(figures->label, actor->label);
        figures->received = actor->received;
        figures->entries = actor->entries;
        figures->busy_ns = actor->busy_ns;
        figures->recent_ns = row->rank;
    }
}

static void report_edges(struct mio_reactor *reactor,
                         struct mio_reactor_figures *out)
{
    struct mio_noted_table *table = &reactor->gauge.edges;
    sort(table);
    for (uint32_t i = 0; i < table->count; i++) {
        const struct mio_noted *row = &table->rows[i];
        struct mio_edge_figures *figures = &out->edges[out->edges_count++];
        figures->from = row->from;
        figures->to = row->to;
        put_name(figures->from_class, name_of(row->from_class));
        put_name(figures->to_class, name_of(row->to_class));
        put_name(figures->type, row->type->name);
        figures->messages = row->sum;
        figures->recent = row->rank;
    }
}

void mio_gauge_report(struct mio_reactor *reactor,
                      struct mio_reactor_figures *out)
{
    memset(out, 0, sizeof(*out));
    out->reactor = reactor->index;
    fade_all(&reactor->gauge, mio_clock_monotonic_ns());
    report_actors(reactor, out);
    report_edges(reactor, out);
}
