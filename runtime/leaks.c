/* SPDX-License-Identifier: MIT
 *
 * runtime/leaks.c - messages that were kept, or made, and never freed: told to
 * the log at the end of a runtime.
 *
 * All actors have ended then, and with them their sources, timers, watches.
 * What can be left is memory of messages; whose it was is in their heads.
 * Messages that are larger than a slot are counted only: nothing lists them. */
#include <ck_pr.h>
#include <stdlib.h>

#include "core/log.h"
#include "runtime/mailbox/slab.h"
#include "runtime/runtime_private.h"

#define KINDS_MAX 16 /* that are told of one by one */

/* Leaked messages of one type and holder's class. */
struct kind {
    const struct mio_message_type *type;
    const struct mio_actor_class *holder;
    mio_actor_id example;
    uint64_t count;
};

struct leaks {
    const struct mio_runtime *runtime;
    struct kind kinds[KINDS_MAX];
    uint32_t kinds_count;
    uint64_t others; /* of further kinds */
};

/* Also of one that has ended: the last that lived in its slot. */
static const struct mio_actor_class *
holder_of(const struct mio_runtime *runtime, mio_actor_id id)
{
    uint32_t reactor = mio_actor_id_reactor(id);
    if (reactor >= runtime->reactors_count)
        return NULL;
    const struct mio_actor_registry *registry =
        &runtime->common.registries[reactor];
    uint32_t slot = mio_actor_id_slot(id);
    if (slot >= registry->slots_max ||
        registry->slots[slot].lives != mio_actor_id_generation(id))
        return NULL;
    return registry->slots[slot].actor_class;
}

static void add(void *ctx, struct mio_message *message)
{
    struct leaks *self = ctx;
    const struct mio_actor_class *holder =
        holder_of(self->runtime, message->to);
    for (uint32_t i = 0; i < self->kinds_count; i++) {
        struct kind *kind = &self->kinds[i];
        if (kind->type == message->type && kind->holder == holder) {
            kind->count++;
            return;
        }
    }
    if (self->kinds_count == KINDS_MAX) {
        self->others++;
        return;
    }
    self->kinds[self->kinds_count++] =
        (struct kind){message->type, holder, message->to, 1};
}

static const char *name_or(const char *name, const char *otherwise)
{
    return name != NULL ? name : otherwise;
}

static void tell_kind(const struct mio_log *log, const struct kind *kind)
{
    mio_log_print(
        log, MIO_LOG_WARNING,
        "leaked: %llu messages \"%s\", last had by %016llx (%s)",
        (unsigned long long)kind->count,
        name_or(kind->type != NULL ? kind->type->name : NULL, "?"),
        (unsigned long long)kind->example.value,
        name_or(kind->holder != NULL ? kind->holder->name : NULL, "?"));
}

/* More were made than freed, by all together. */
static void tell_large(const struct mio_runtime *runtime)
{
    uint64_t count = ck_pr_load_64(&runtime->common.outside_count);
    uint64_t bytes = ck_pr_load_64(&runtime->common.outside_bytes);
    for (uint32_t i = 0; i < runtime->reactors_made; i++) {
        count += runtime->reactors[i]->gauge.large_count;
        bytes += runtime->reactors[i]->gauge.large_bytes;
    }
    if (count != 0)
        mio_log_print(runtime->log, MIO_LOG_WARNING,
                      "leaked: %llu messages that were allocated one by one, "
                      "%llu bytes",
                      (unsigned long long)count, (unsigned long long)bytes);
}

void mio_runtime_tell_leaks(struct mio_runtime *self)
{
    struct leaks leaks = {.runtime = self};
    if (self->log == NULL)
        return;
    for (uint32_t i = 0; i < self->reactors_made; i++)
        mio_slabs_visit_out(&self->reactors[i]->slabs, add, &leaks);
    for (uint32_t i = 0; i < leaks.kinds_count; i++)
        tell_kind(self->log, &leaks.kinds[i]);
    if (leaks.others > 0)
        mio_log_print(self->log, MIO_LOG_WARNING,
                      "leaked: %llu messages of further kinds",
                      (unsigned long long)leaks.others);
    tell_large(self);
}
