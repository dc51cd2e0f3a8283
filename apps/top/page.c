/* SPDX-License-Identifier: MIT
 *
 * apps/top/page.c - see page.h. */
#include "apps/top/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_SIZE 512
#define NS_PER_S 1e9

/* --- lines -----------------------------------------------------------------
 */

__attribute__((format(printf, 2, 3))) static void
put_line(struct top_page *self, const char *format, ...)
{
    char line[LINE_MAX_SIZE];
    va_list arguments;
    if (self->rows == 0)
        return;
    self->rows--;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    size_t size = strnlen(line, self->columns);
    while (size > 0 && line[size - 1] == ' ')
        size--;
    if (self->size + size + 2 > self->capacity)
        return;
    memcpy(self->bytes + self->size, line, size);
    self->size += size;
    self->bytes[self->size++] = '\n';
    self->bytes[self->size] = '\0';
}

#define SHORT_SIZE 16

/* 1234567 as "1.23M": seven places at most. */
static const char *short_number(double value, char out[SHORT_SIZE])
{
    static const char *const units[] = {"", "k", "M", "G", "T"};
    size_t unit = 0;
    while (value >= 10000 && unit < 4) {
        value /= 1000;
        unit++;
    }
    (void)snprintf(out, SHORT_SIZE, "%.*f%s", unit == 0 || value >= 100 ? 0 : 1,
                   value, units[unit]);
    return out;
}

static const char *short_time(uint64_t ns, char out[SHORT_SIZE])
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    double value = (double)ns;
    size_t unit = 0;
    while (value >= 1000 && unit < 3) {
        value /= 1000;
        unit++;
    }
    (void)snprintf(out, SHORT_SIZE, "%.*f%s", value < 10 && unit > 0 ? 1 : 0,
                   value, units[unit]);
    return out;
}

/* --- reactors ---------------------------------------------------------------
 */

static double rate(uint64_t now, uint64_t before, double seconds)
{
    return seconds > 0 && now >= before ? (double)(now - before) / seconds : 0;
}

static const char *state_of(const struct top_reactor *now,
                            const struct top_reactor *before)
{
    bool stands = now->now_ns == before->now_ns && now->is_parked == 0;
    if (now->turns == 0)
        return "not begun";
    if (now->is_silent || stands)
        return stands ? "STALLED" : "silent";
    return "";
}

static void put_reactor(struct top_page *self, const struct top_reactor *now,
                        const struct top_reactor *before)
{
    double seconds = rate(now->asked_ns, before->asked_ns, NS_PER_S);
    char turns[SHORT_SIZE], events[SHORT_SIZE], in[SHORT_SIZE], out[SHORT_SIZE],
        local[SHORT_SIZE], parks[SHORT_SIZE], bells[SHORT_SIZE],
        queue[SHORT_SIZE], dwell[SHORT_SIZE], turn[SHORT_SIZE],
        actors[SHORT_SIZE];
#define RATE(name, field)                                                      \
    short_number(rate(now->field, before->field, seconds), name)
    put_line(self, "%3u %5.1f %7s %7s %7s %7s %7s %7s %7s %7s %7s %7s %7s %s",
             now->index,
             100 * rate(now->busy_ns, before->busy_ns, seconds) / NS_PER_S,
             RATE(turns, turns), RATE(events, events), RATE(in, received),
             RATE(out, sent_remote), RATE(local, sent_local),
             RATE(parks, parks), RATE(bells, bells_rung),
             short_number((double)now->queue, queue),
             short_time(top_histogram_percentile(&now->dwell_ns,
                                                 &before->dwell_ns, 99),
                        dwell),
             short_time(
                 top_histogram_percentile(&now->turn_ns, &before->turn_ns, 99),
                 turn),
             short_number((double)now->actors, actors), state_of(now, before));
#undef RATE
}

static void put_reactors(struct top_page *self,
                         const struct top_figures *before,
                         const struct top_figures *now)
{
    static const struct top_reactor nothing;
    put_line(self, "%3s %5s %7s %7s %7s %7s %7s %7s %7s %7s %7s %7s %7s", "R",
             "busy%", "turns/s", "event/s", "in/s", "out/s", "local/s",
             "parks/s", "bells/s", "queue", "dwell99", "turn99", "actors");
    for (uint32_t i = 0; i < now->reactors_count; i++) {
        const struct top_reactor *one = &now->reactors[i];
        const struct top_reactor *old = top_figures_reactor(before, one->index);
        put_reactor(self, one, old != NULL ? old : &nothing);
    }
}

/* Since the start: what rates do not tell. */
static void put_totals(struct top_page *self, const struct top_figures *now)
{
    struct top_reactor sum = {0};
    for (uint32_t i = 0; i < now->reactors_count; i++) {
#define X(name) sum.name += now->reactors[i].name;
        TOP_REACTOR_MAP(X)
#undef X
    }
    put_line(
        self,
        "all: %llu entries, %llu messages local, %llu across, %llu dead "
        "letters, %llu failed, %llu KiB",
        (unsigned long long)sum.entries, (unsigned long long)sum.sent_local,
        (unsigned long long)sum.received, (unsigned long long)sum.dead_letters,
        (unsigned long long)sum.failed,
        (unsigned long long)(sum.slab_bytes + sum.large_bytes) / 1024);
}

/* --- actors and edges -------------------------------------------------------
 */

static int by_recent_ns(const void *a, const void *b)
{
    uint64_t x = ((const struct top_actor *)a)->recent_ns;
    uint64_t y = ((const struct top_actor *)b)->recent_ns;
    return (x < y) - (x > y);
}

static int by_recent(const void *a, const void *b)
{
    uint64_t x = ((const struct top_edge *)a)->recent;
    uint64_t y = ((const struct top_edge *)b)->recent;
    return (x < y) - (x > y);
}

static double seconds_between(const struct top_figures *before,
                              const struct top_figures *now)
{
    if (before->reactors_count == 0 || now->reactors_count == 0)
        return 0;
    return rate(now->reactors[0].asked_ns, before->reactors[0].asked_ns,
                NS_PER_S);
}

static void put_actor(struct top_page *self, const struct top_figures *before,
                      const struct top_actor *actor, double seconds)
{
    const struct top_actor *old = top_figures_actor(before, actor->id);
    char messages[SHORT_SIZE];
    double per_second =
        rate(actor->received, old != NULL ? old->received : 0, seconds);
    uint64_t old_ns = old != NULL ? old->busy_ns : 0;
    put_line(self, "%3u %016llx %5.1f %8s %12llu %10llu  %-20s %s",
             actor->reactor, (unsigned long long)actor->id,
             100 * rate(actor->busy_ns, old_ns, seconds) / NS_PER_S,
             old != NULL ? short_number(per_second, messages) : "new",
             (unsigned long long)actor->received,
             (unsigned long long)actor->entries, actor->class_name,
             actor->label);
}

static void put_actors(struct top_page *self, const struct top_figures *before,
                       const struct top_figures *now, uint32_t rows)
{
    double seconds = seconds_between(before, now);
    qsort(now->actors, now->actors_count, sizeof(*now->actors), by_recent_ns);
    put_line(self, "%s", "");
    put_line(self, "%3s %-16s %5s %8s %12s %10s  %-20s %s", "R", "busiest",
             "busy%", "msgs/s", "messages", "others", "class", "label");
    for (uint32_t i = 0; i < now->actors_count && i < rows; i++)
        put_actor(self, before, &now->actors[i], seconds);
}

/* "class label", or the address of who has no name. */
static void name_end(const struct top_figures *now, uint64_t id,
                     const char *class_name, char *out, size_t size)
{
    const struct top_actor *actor = top_figures_actor(now, id);
    if (id == 0)
        (void)snprintf(out, size, "(outside)");
    else if (actor != NULL && actor->label[0] != '\0')
        (void)snprintf(out, size, "%s %s", class_name, actor->label);
    else if (class_name[0] != '\0')
        (void)snprintf(out, size, "%s %llx", class_name,
                       (unsigned long long)id);
    else
        (void)snprintf(out, size, "%llx", (unsigned long long)id);
}

static void put_edges(struct top_page *self, const struct top_figures *now,
                      uint32_t rows)
{
    char from[2 * TOP_NAME_MAX + 2], to[2 * TOP_NAME_MAX + 2];
    qsort(now->edges, now->edges_count, sizeof(*now->edges), by_recent);
    put_line(self, "%s", "");
    put_line(self, "%10s  %-32s -> %-32s %s", "about", "from", "to", "message");
    for (uint32_t i = 0; i < now->edges_count && i < rows; i++) {
        const struct top_edge *edge = &now->edges[i];
        name_end(now, edge->from, edge->from_class, from, sizeof(from));
        name_end(now, edge->to, edge->to_class, to, sizeof(to));
        put_line(self, "%10llu  %-32s -> %-32s %s",
                 (unsigned long long)edge->messages, from, to, edge->type);
    }
}

static void put_stalls(struct top_page *self, const struct top_figures *now)
{
    if (now->stalls_count == 0)
        return;
    put_line(self, "%s", "");
    put_line(self, "stalls");
    for (uint32_t i = 0; i < now->stalls_count; i++)
        put_line(self, "%s", now->stalls[i]);
}

/* --- the page ---------------------------------------------------------------
 */

int top_page_write(struct top_page *self, const struct top_figures *before,
                   const struct top_figures *now, const char *title,
                   uint32_t columns, uint32_t rows)
{
    self->size = 0;
    self->rows = rows;
    self->columns = columns < LINE_MAX_SIZE - 1 ? columns : LINE_MAX_SIZE - 1;
    size_t capacity = (size_t)rows * (self->columns + 1) + 1;
    if (capacity > self->capacity) {
        char *bytes = realloc(self->bytes, capacity);
        if (bytes == NULL)
            return MIO_ENOMEM;
        self->bytes = bytes;
        self->capacity = capacity;
    }
    self->bytes[0] = '\0';
    put_line(self, "%s", title);
    put_totals(self, now);
    put_reactors(self, before, now);
    put_stalls(self, now);
    /* What is left is halved between actors and edges, heads taken off. */
    uint32_t each = self->rows > 4 ? (self->rows - 4) / 2 : 0;
    put_actors(self, before, now, each);
    put_edges(self, now, each);
    return 0;
}

void top_page_deinit(struct top_page *self)
{
    free(self->bytes);
    self->bytes = NULL;
    self->capacity = 0;
}
