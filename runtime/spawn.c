/* SPDX-License-Identifier: MIT
 *
 * runtime/spawn.c - a new actor gets its address, and an order to begin goes
 * to its reactor. See actor.h. */
#include <ck_pr.h>
#include <string.h>

#include "core/assert.h"
#include "runtime/actor.h"
#include "runtime/actor_private.h"
#include "runtime/reactor/mail.h"
#include "runtime/reactor/memory.h"

/* One of two at random: almost as even as the least of all, for two looks. */
static uint32_t pick_reactor(struct mio_common *common)
{
    /* Steps of the golden ratio, well mixed: two halves, two numbers. */
    uint64_t mixed =
        ck_pr_faa_64(&common->picks, 1) * UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ mixed >> 29) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed ^= mixed >> 32;
    uint32_t count = common->reactors_count;
    if (count == 1)
        return 0;
    uint32_t a = (uint32_t)(mixed >> 32) % count;
    uint32_t b = (a + 1 + (uint32_t)mixed % (count - 1)) % count; /* another */
    return ck_pr_load_32(&common->registries[a].living) <=
                   ck_pr_load_32(&common->registries[b].living)
               ? a
               : b;
}

static int reserve_least_loaded(struct mio_common *common, mio_actor_id *out)
{
    uint32_t picked = pick_reactor(common);
    int result = MIO_EFULL;
    for (uint32_t i = 0; i < common->reactors_count && result < 0; i++) {
        uint32_t reactor = (picked + i) % common->reactors_count;
        result = mio_actor_registry_reserve(&common->registries[reactor], out);
    }
    return result;
}

int mio_spawn_reserve(struct mio_common *common, uint32_t reactor,
                      mio_actor_id *out)
{
    if (reactor >= common->reactors_count && reactor != MIO_LEAST_LOADED)
        return MIO_EINVAL;
    int result = mio_common_actor_comes(common);
    if (result < 0)
        return result;
    result =
        reactor == MIO_LEAST_LOADED
            ? reserve_least_loaded(common, out)
            : mio_actor_registry_reserve(&common->registries[reactor], out);
    if (result < 0)
        mio_common_actor_goes(common);
    return result;
}

void mio_spawn_unreserve(struct mio_common *common, mio_actor_id id)
{
    mio_actor_registry_unreserve(&common->registries[mio_actor_id_reactor(id)],
                                 id);
    mio_common_actor_goes(common);
}

void mio_spawn_limit(struct mio_common *common, mio_actor_id id,
                     const struct mio_actor_class *actor_class)
{
    struct mio_actor_registry *registry =
        &common->registries[mio_actor_id_reactor(id)];
    uint32_t queue_max = actor_class->queue_max != 0 ? actor_class->queue_max
                                                     : MIO_QUEUE_DEFAULT;
    ck_pr_store_32(&registry->slots[mio_actor_id_slot(id)].limit, queue_max);
    mio_common_limit(common, queue_max);
}

void mio_spawn_order_write(struct mio_message *message, mio_actor_id id,
                           const struct mio_actor_class *actor_class,
                           const void *argument, size_t argument_size)
{
    MIO_ASSERT(actor_class != NULL);
    struct mio_spawn_order *order = mio_message_payload(message);
    message->to = id;
    message->type = NULL;
    message->kind = MIO_ENTRY_SPAWN;
    order->actor_class = actor_class;
    order->argument_size = argument_size;
    order->record = NULL;
    order->started = NULL;
    order->is_internal = false;
    if (argument_size > 0)
        memcpy(mio_spawn_argument(message), argument, argument_size);
}

int mio_spawn_watched(struct mio_actor *self, uint32_t reactor,
                      const struct mio_actor_class *actor_class,
                      const void *argument, size_t argument_size,
                      struct mio_message *record, mio_actor_id *out)
{
    struct mio_reactor *here = self->reactor;
    mio_actor_id id;
    if (argument_size > MIO_MESSAGE_SIZE_MAX)
        return MIO_EINVAL;
    int result = mio_spawn_reserve(here->common, reactor, &id);
    if (result < 0)
        return result;
    struct mio_message *message =
        mio_reactor_message_new(here, mio_spawn_order_size(argument_size));
    if (message == NULL) {
        mio_spawn_unreserve(here->common, id);
        return MIO_ENOMEM;
    }
    mio_spawn_order_write(message, id, actor_class, argument, argument_size);
    mio_spawn_limit(here->common, id, actor_class);
    mio_reactor_learn_limit(here);
    ((struct mio_spawn_order *)mio_message_payload(message))->record = record;
    message->from = self->id;
    mio_reactor_send(here, message);
    *out = id;
    return 0;
}

int mio_spawn_on(struct mio_actor *self, uint32_t reactor,
                 const struct mio_actor_class *actor_class,
                 const void *argument, size_t argument_size, mio_actor_id *out)
{
    mio_actor_id unwanted;
    return mio_spawn_watched(self, reactor, actor_class, argument,
                             argument_size, NULL,
                             out != NULL ? out : &unwanted);
}

int mio_spawn(struct mio_actor *self, const struct mio_actor_class *actor_class,
              const void *argument, size_t argument_size, mio_actor_id *out)
{
    return mio_spawn_on(self, self->reactor->index, actor_class, argument,
                        argument_size, out);
}
