/* SPDX-License-Identifier: MIT
 *
 * net/inspector/report.c - see report.h. */
#include "net/inspector/report.h"

#include <string.h>

#include "core/clock.h"
#include "runtime/watchdog.h"

/* --- lines ---------------------------------------------------------------- */

static void put_number(struct mio_text *out, const char *name, uint64_t value)
{
    mio_text_put(out, " %s=%llu", name, (unsigned long long)value);
}

static void put_name(struct mio_text *out, const char *key, const char *name)
{
    mio_text_put(out, " %s=", key);
    mio_text_put_word(out, name);
}

static void put_id(struct mio_text *out, const char *key, mio_actor_id id)
{
    mio_text_put(out, " %s=%016llx", key, (unsigned long long)id.value);
}

/* "0,3,12": the buckets up to the last that is not empty. */
static void put_histogram(struct mio_text *out, const char *name,
                          const struct mio_histogram *histogram)
{
    uint32_t used = MIO_HISTOGRAM_BUCKETS;
    while (used > 1 && histogram->counts[used - 1] == 0)
        used--;
    mio_text_put(out, " %s=", name);
    for (uint32_t i = 0; i < used; i++)
        mio_text_put(out, "%s%llu", i == 0 ? "" : ",",
                     (unsigned long long)histogram->counts[i]);
}

static void put_snapshot(struct mio_text *out, uint32_t reactor,
                         const struct mio_snapshot *snapshot)
{
    mio_text_put(out, "reactor %u", reactor);
    put_number(out, "asked_ns", (uint64_t)mio_clock_monotonic_ns());
    put_number(out, "actors", snapshot->actors);
    put_number(out, "slab_bytes", snapshot->slab_bytes);
#define X(name, text) put_number(out, #name, snapshot->name);
    MIO_GAUGE_MAP(X)
#undef X
#define X(name, text) put_number(out, #name, snapshot->counters.name);
    MIO_COUNTER_MAP(X)
#undef X
    put_histogram(out, "dwell_ns", &snapshot->dwell_ns);
    put_histogram(out, "turn_ns", &snapshot->turn_ns);
    put_histogram(out, "takes", &snapshot->takes);
    mio_text_put(out, "\n");
}

void mio_report_snapshots(struct mio_text *out,
                          const struct mio_runtime *runtime)
{
    struct mio_snapshot snapshot;
    for (uint32_t i = 0; mio_runtime_snapshot(runtime, i, &snapshot) == 0; i++)
        put_snapshot(out, i, &snapshot);
}

void mio_report_actors(struct mio_text *out,
                       const struct mio_reactor_figures *figures)
{
    for (uint32_t i = 0; i < figures->actors_count; i++) {
        const struct mio_actor_figures *actor = &figures->actors[i];
        mio_text_put(out, "actor %u", figures->reactor);
        put_id(out, "id", actor->id);
        put_name(out, "class", actor->class_name);
        put_name(out, "label", actor->label);
        put_number(out, "received", actor->received);
        put_number(out, "entries", actor->entries);
        put_number(out, "busy_ns", actor->busy_ns);
        put_number(out, "recent_ns", actor->recent_ns);
        mio_text_put(out, "\n");
    }
}

void mio_report_edges(struct mio_text *out,
                      const struct mio_reactor_figures *figures)
{
    for (uint32_t i = 0; i < figures->edges_count; i++) {
        const struct mio_edge_figures *edge = &figures->edges[i];
        mio_text_put(out, "edge %u", figures->reactor);
        put_id(out, "from", edge->from);
        put_name(out, "from_class", edge->from_class);
        put_id(out, "to", edge->to);
        put_name(out, "to_class", edge->to_class);
        put_name(out, "type", edge->type);
        put_number(out, "messages", edge->messages);
        put_number(out, "recent", edge->recent);
        mio_text_put(out, "\n");
    }
}

void mio_report_stalls(struct mio_text *out, struct mio_runtime *runtime)
{
    struct mio_stall stalls[MIO_STALLS_MAX];
    uint32_t count = mio_runtime_stalls(runtime, stalls, MIO_STALLS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        const struct mio_stall *stall = &stalls[i];
        mio_text_put(out, "stall %u", stall->reactor);
        put_id(out, "actor", stall->actor);
        put_name(out, "class", stall->class_name);
        put_name(out, "what", stall->what);
        put_number(out, "begun_ns", (uint64_t)stall->begun_ns);
        put_number(out, "took_ns", (uint64_t)stall->took_ns);
        put_number(out, "is_over", stall->is_over);
        mio_text_put(out, "\n");
    }
}

/* --- Prometheus ----------------------------------------------------------- */

/* Their format wants all lines of one name together: one pass for each. */
struct pages {
    struct mio_text *out;
    const struct mio_runtime *runtime;
    uint32_t reactors;
};

static void put_head(const struct pages *self, const char *name,
                     const char *suffix, const char *kind, const char *help)
{
    mio_text_put(self->out, "# HELP mio_%s%s %s\n# TYPE mio_%s%s %s\n", name,
                 suffix, help, name, suffix, kind);
}

static uint64_t value_at(const struct mio_snapshot *snapshot, size_t offset)
{
    uint64_t value;
    memcpy(&value, (const unsigned char *)snapshot + offset, sizeof(value));
    return value;
}

static void put_values(const struct pages *self, const char *name,
                       const char *suffix, size_t offset)
{
    struct mio_snapshot snapshot;
    for (uint32_t i = 0; i < self->reactors; i++) {
        (void)mio_runtime_snapshot(self->runtime, i, &snapshot);
        mio_text_put(self->out, "mio_%s%s{reactor=\"%u\"} %lld\n", name, suffix,
                     i, (long long)value_at(&snapshot, offset));
    }
}

static void put_buckets(const struct pages *self, const char *name,
                        uint32_t reactor, const struct mio_histogram *histogram)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < MIO_HISTOGRAM_BUCKETS - 1; i++) {
        count += histogram->counts[i];
        mio_text_put(self->out,
                     "mio_%s_bucket{reactor=\"%u\",le=\"%llu\"} %llu\n", name,
                     reactor, (unsigned long long)((UINT64_C(1) << i) - 1),
                     (unsigned long long)count);
    }
    count += histogram->counts[MIO_HISTOGRAM_BUCKETS - 1];
    mio_text_put(self->out,
                 "mio_%s_bucket{reactor=\"%u\",le=\"+Inf\"} %llu\n"
                 "mio_%s_sum{reactor=\"%u\"} %llu\n"
                 "mio_%s_count{reactor=\"%u\"} %llu\n",
                 name, reactor, (unsigned long long)count, name, reactor,
                 (unsigned long long)histogram->sum, name, reactor,
                 (unsigned long long)count);
}

static void put_histograms(const struct pages *self, const char *name,
                           const char *help, size_t offset)
{
    struct mio_snapshot snapshot;
    put_head(self, name, "", "histogram", help);
    for (uint32_t i = 0; i < self->reactors; i++) {
        (void)mio_runtime_snapshot(self->runtime, i, &snapshot);
        put_buckets(
            self, name, i,
            (const struct mio_histogram
                 *)(const void *)((const unsigned char *)&snapshot + offset));
    }
}

void mio_report_prometheus(struct mio_text *out,
                           const struct mio_runtime *runtime)
{
    struct pages pages = {out, runtime, mio_runtime_reactors_count(runtime)};
#define X(name, text)                                                          \
    put_head(&pages, #name, "_total", "counter", text);                        \
    put_values(&pages, #name, "_total",                                        \
               offsetof(struct mio_snapshot, counters) +                       \
                   offsetof(struct mio_counters, name));
    MIO_COUNTER_MAP(X)
#undef X
#define X(name, text)                                                          \
    put_head(&pages, #name, "", "gauge", text);                                \
    put_values(&pages, #name, "", offsetof(struct mio_snapshot, name));
    MIO_GAUGE_MAP(X)
    X(actors, "actors alive")
    X(slab_bytes, "bytes of slabs")
#undef X
    put_histograms(&pages, "dwell_ns", "time of sampled messages in the queue",
                   offsetof(struct mio_snapshot, dwell_ns));
    put_histograms(&pages, "turn_ns", "time between looks for events",
                   offsetof(struct mio_snapshot, turn_ns));
    put_histograms(&pages, "takes", "messages per take of the inbox",
                   offsetof(struct mio_snapshot, takes));
}
