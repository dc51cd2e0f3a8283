/* SPDX-License-Identifier: MIT
 *
 * runtime/figures.c - what any thread may know of reactors. See figures.h. */
#include "runtime/figures.h"

#include <ck_pr.h>
#include <string.h>

#include "runtime/mailbox/slab.h"
#include "runtime/reactor/gauge.h"
#include "runtime/reactor/system.h"
#include "runtime/runtime_private.h"

/* --- histograms ---------------------------------------------------------- */

uint64_t mio_histogram_count(const struct mio_histogram *self)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < MIO_HISTOGRAM_BUCKETS; i++)
        count += self->counts[i];
    return count;
}

uint64_t mio_histogram_percentile(const struct mio_histogram *self,
                                  double percent)
{
    double wanted = (double)mio_histogram_count(self) * percent / 100;
    uint64_t count = 0;
    for (uint32_t i = 0; i < MIO_HISTOGRAM_BUCKETS; i++) {
        count += self->counts[i];
        if (count > 0 && (double)count >= wanted)
            return (UINT64_C(1) << i) - 1;
    }
    return 0;
}

static void read_histogram(const struct mio_histogram *self,
                           struct mio_histogram *out)
{
    out->sum = ck_pr_load_64(&self->sum);
    for (uint32_t i = 0; i < MIO_HISTOGRAM_BUCKETS; i++)
        out->counts[i] = ck_pr_load_64(&self->counts[i]);
}

/* --- snapshots ----------------------------------------------------------- */

int mio_runtime_counters(const struct mio_runtime *self, uint32_t reactor,
                         struct mio_counters *out)
{
    if (reactor >= self->reactors_count)
        return MIO_EINVAL;
    const struct mio_counters *counters = &self->reactors[reactor]->counters;
#define READ(name, text) out->name = ck_pr_load_64(&counters->name);
    MIO_COUNTER_MAP(READ)
#undef READ
    return 0;
}

static void read_gauge(const struct mio_gauge *gauge, struct mio_snapshot *out)
{
#define READ(name, text) out->name = ck_pr_load_64(&gauge->name);
    MIO_GAUGE_MAP(READ)
#undef READ
    read_histogram(&gauge->dwell_ns, &out->dwell_ns);
    read_histogram(&gauge->turn_ns, &out->turn_ns);
    read_histogram(&gauge->takes, &out->takes);
}

int mio_runtime_snapshot(const struct mio_runtime *self, uint32_t reactor,
                         struct mio_snapshot *out)
{
    int result = mio_runtime_counters(self, reactor, &out->counters);
    if (result < 0)
        return result;
    read_gauge(&self->reactors[reactor]->gauge, out);
    uint64_t begun = out->counters.spawned;
    /* Read a moment apart: some may have ended that were not counted. */
    out->actors =
        begun > out->counters.exited ? begun - out->counters.exited : 0;
    out->slab_bytes = out->counters.slabs * MIO_SLAB_SIZE;
    if (reactor == 0) { /* so that the sum is right */
        out->large_count += ck_pr_load_64(&self->common.outside_count);
        out->large_bytes += ck_pr_load_64(&self->common.outside_bytes);
    }
    return 0;
}

/* --- asking -------------------------------------------------------------- */

struct question {
    void (*answer)(void *ctx, const struct mio_reactor_figures *figures);
    void *ctx;
    struct mio_reactor_figures figures;
};

static void handle_question(struct mio_reactor *reactor, struct mio_actor *to,
                            struct mio_message *message)
{
    struct question *question = mio_message_payload(message);
    (void)to;
    mio_gauge_report(reactor, &question->figures);
    question->answer(question->ctx, &question->figures);
    mio_reactor_message_free(reactor, message);
}

static void drop_question(void *payload, uint32_t size)
{
    struct question *question = payload;
    (void)size;
    question->answer(question->ctx, NULL);
}

static const struct mio_system_type question_type = {
    .base = {.name = "figures", .drop = drop_question},
    .handle = handle_question,
};

int mio_runtime_ask_figures(
    struct mio_runtime *self, uint32_t reactor,
    void (*answer)(void *ctx, const struct mio_reactor_figures *figures),
    void *ctx)
{
    if (reactor >= self->reactors_count)
        return MIO_EINVAL;
    struct mio_message *message =
        mio_runtime_message_new(self, sizeof(struct question));
    if (message == NULL)
        return MIO_ENOMEM;
    struct question *question = mio_message_payload(message);
    question->answer = answer;
    question->ctx = ctx;
    message->to = mio_reactor_address(reactor);
    message->type = &question_type.base;
    message->kind = MIO_ENTRY_SYSTEM;
    int result = mio_runtime_push(self, message);
    if (result < 0)
        mio_runtime_message_free(self, message);
    return result;
}
