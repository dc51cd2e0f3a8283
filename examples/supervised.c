/* SPDX-License-Identifier: MIT
 *
 * examples/supervised.c - a bakery on two reactors whose oven burns, and that
 * goes on baking.
 *
 *     ./bazelw run //examples:supervised */
#include <stdio.h>
#include <string.h>

#include "runtime/monitor.h"
#include "runtime/runtime.h"
#include "runtime/supervisor.h"

#define LOAVES 4 /* that the customer wants */
#define BURNS_AT 3

static const struct mio_message_type bread = {.name = "bread"};

/* --- the oven: the third loaf burns it ----------------------------------- */

static int oven_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    printf("oven: lit on reactor %u\n", mio_actor_reactor(self));
    (void)state, (void)argument, (void)argument_size;
    return MIO_OK;
}

static int oven_receive(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    int *baked = state;
    int loaf;
    if (++*baked == BURNS_AT)
        return MIO_EIO; /* it ends with this reason; who orders is not told */
    memcpy(&loaf, mio_message_payload(message), sizeof(loaf));
    printf("oven: loaf %d\n", loaf);
    return mio_send(self, message->from, &bread, NULL, 0);
}

static void oven_exit(struct mio_actor *self, void *state, int reason)
{
    (void)self, (void)state;
    puts(reason == MIO_ESTOPPED ? "oven: out" : "oven: it burns!");
}

static const struct mio_actor_class oven_class = {.name = "oven",
                                                  .state_size = sizeof(int),
                                                  .init = oven_init,
                                                  .receive = oven_receive,
                                                  .exit = oven_exit};

/* --- packers: nothing happens to them ------------------------------------ */

static int packer_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    (void)self;
    memcpy(state, argument, argument_size); /* its final 0 included */
    printf("%s packer: here\n", (const char *)state);
    return MIO_OK;
}

static void packer_exit(struct mio_actor *self, void *state, int reason)
{
    (void)self, (void)reason;
    printf("%s packer: gone\n", (const char *)state);
}

static const struct mio_actor_class packer_class = {.name = "packer",
                                                    .state_size = 8,
                                                    .init = packer_init,
                                                    .exit = packer_exit};

/* --- the tree ------------------------------------------------------------ */

static const struct mio_child_spec packers[] = {
    {.name = "left",
     .actor_class = &packer_class,
     .argument = "left",
     .argument_size = sizeof("left")},
    {.name = "right",
     .actor_class = &packer_class,
     .argument = "right",
     .argument_size = sizeof("right"),
     .place = MIO_PLACE_ON(1)},
};

static const struct mio_supervisor_spec packing = {
    .strategy = MIO_ONE_FOR_ONE,
    .children = packers,
    .children_count = 2,
};

static const struct mio_child_spec trades[] = {
    {.name = "oven", .actor_class = &oven_class, .place = MIO_PLACE_ON(1)},
    {.name = "packing", .supervisor = &packing},
};

static const struct mio_supervisor_spec bakery = {
    .strategy = MIO_REST_FOR_ONE, /* no oven, nothing to pack */
    .restarts_max = 3,
    .period_ns = INT64_C(10000000000),
    .children = trades,
    .children_count = 2,
};

/* --- the customer: orders again what it did not get ---------------------- */

struct customer {
    mio_actor_id bakery;
    struct mio_monitor oven;
    int loaf;
};

static int customer_order(struct mio_actor *self, struct customer *customer)
{
    return mio_send(self, mio_monitor_target(&customer->oven), &bread,
                    &customer->loaf, sizeof(customer->loaf));
}

/* Which children are there? Answered when they all are. */
static int customer_down(struct mio_actor *self, void *state,
                         struct mio_monitor *monitor, int reason)
{
    struct customer *customer = state;
    (void)monitor;
    if (mio_runtime_is_stopping(mio_actor_runtime(self)))
        return MIO_OK;
    printf("customer: no loaf %d (%s)\n", customer->loaf,
           mio_error_text(reason));
    return mio_supervisor_which(self, customer->bakery, 0);
}

static int customer_receive(struct mio_actor *self, void *state,
                            struct mio_message *message)
{
    struct customer *customer = state;
    if (message->type == mio_supervisor_answer_type()) {
        const struct mio_supervisor_answer *answer =
            mio_message_payload(message);
        int rc = answer->result;
        if (rc == MIO_OK)
            rc = mio_monitor_start(&customer->oven,
                                   mio_supervisor_answer_infos(answer)[0].id);
        return rc < 0 ? rc : customer_order(self, customer);
    }
    if (++customer->loaf <= LOAVES)
        return customer_order(self, customer);
    mio_runtime_stop(mio_actor_runtime(self));
    return MIO_OK;
}

static int customer_init(struct mio_actor *self, void *state,
                         const void *argument, size_t argument_size)
{
    struct customer *customer = state;
    (void)argument, (void)argument_size;
    customer->loaf = 1;
    mio_monitor_init(&customer->oven, self, customer_down);
    int rc = mio_supervisor_spawn(self, 0, &bakery, &customer->bakery);
    return rc < 0 ? rc : mio_supervisor_which(self, customer->bakery, 0);
}

static const struct mio_actor_class customer_class = {
    .name = "customer",
    .state_size = sizeof(struct customer),
    .init = customer_init,
    .receive = customer_receive};

int main(void)
{
    struct mio_runtime_options options = {.reactors_count = 2,
                                          .stop_on_signals = true};
    struct mio_runtime *runtime = NULL;
    int rc = mio_runtime_new(&runtime, &options);
    if (rc == MIO_OK)
        rc = mio_runtime_spawn(runtime, 0, &customer_class, NULL, 0, NULL);
    if (rc == MIO_OK)
        rc = mio_runtime_run(runtime);
    if (rc < 0)
        fprintf(stderr, "supervised: %s\n", mio_error_text(rc));
    mio_runtime_free(runtime);
    return rc < 0;
}
