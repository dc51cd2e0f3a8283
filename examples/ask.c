/* SPDX-License-Identifier: MIT
 *
 * examples/ask.c - a customer asks a clerk on another reactor: who computes in
 * a pool of threads, thinks too long, or has gone home.
 *
 *     ./bazelw run //examples:ask */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/poll.h"
#include "runtime/ask.h"
#include "runtime/pool.h"
#include "runtime/runtime.h"
#include "runtime/send_after.h"

static const struct mio_message_type primes = {.name = "primes below"};
static const struct mio_message_type riddle = {.name = "riddle"};
static const struct mio_message_type closing = {.name = "closing time"};

static struct mio_pool *pool; /* made before the actors, freed after them */

/* --- the clerk -------------------------------------------------------------
 */

struct clerk {
    struct mio_job job;
    struct mio_message *question; /* that the job is for */
};

/* On a thread of the pool: it may take as long as it likes. */
static int count_primes(struct mio_runtime *runtime, void *data, size_t size)
{
    uint32_t *number = data;
    uint32_t count = 0;
    (void)runtime, (void)size;
    for (uint32_t i = 2; i < *number; i++) {
        uint32_t divisor = 2;
        while (divisor * divisor <= i && i % divisor != 0)
            divisor++;
        count += divisor * divisor > i;
    }
    *number = count;
    return 0;
}

static const struct mio_job_class counting = {.name = "counting",
                                              .run = count_primes};

/* Back on the reactor: the question was kept for this. */
static int clerk_counted(struct mio_actor *self, void *state,
                         struct mio_job *job, int result, void *data,
                         size_t size)
{
    struct clerk *clerk = state;
    (void)job, (void)result;
    return mio_reply(self, clerk->question, &primes, data, size);
}

static int clerk_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct clerk *clerk = state;
    (void)argument, (void)argument_size;
    mio_job_init(&clerk->job, self, clerk_counted);
    return 0;
}

static int clerk_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    struct clerk *clerk = state;
    if (!mio_message_is_request(message)) { /* closing time */
        mio_actor_exit(self, 0);
        return 0;
    }
    mio_message_keep(message); /* answered later, or never */
    if (message->type != &primes)
        return 0;
    clerk->question = message;
    return mio_job_start(&clerk->job, pool, &counting,
                         mio_message_payload(message), message->size);
}

static const struct mio_actor_class clerk_class = {
    .name = "clerk",
    .state_size = sizeof(struct clerk),
    .init = clerk_init,
    .receive = clerk_receive,
};

/* --- the customer ----------------------------------------------------------
 */

struct customer {
    struct mio_ask ask;
    mio_actor_id clerk;
};

static int customer_answered(struct mio_actor *self, void *state,
                             struct mio_ask *ask, int result,
                             struct mio_message *reply)
{
    struct customer *customer = state;
    if (result == 0) {
        uint32_t count;
        memcpy(&count, mio_message_payload(reply), sizeof(count));
        printf("customer: %u primes\n", count);
        /* A riddle: not for ever. */
        return mio_ask_start(ask, customer->clerk, &riddle, NULL, 0, 0,
                             30 * MIO_NS_PER_MS);
    }
    printf("customer: no answer (%s)\n", mio_error_text(result));
    if (result == MIO_ETIMEDOUT) {
        /* Once more, as long as it takes; but the clerk goes home soon. */
        result = mio_send_after(self, customer->clerk, &closing, NULL, 0,
                                30 * MIO_NS_PER_MS, NULL);
        if (result == 0)
            result = mio_ask_start(ask, customer->clerk, &riddle, NULL, 0, 0,
                                   MIO_FOREVER);
        return result;
    }
    mio_runtime_stop(mio_actor_runtime(self));
    return 0;
}

static int customer_init(struct mio_actor *self, void *state,
                         const void *argument, size_t argument_size)
{
    struct customer *customer = state;
    uint32_t below = 100000;
    (void)argument, (void)argument_size;
    int result = mio_spawn_on(self, 1, &clerk_class, NULL, 0, &customer->clerk);
    if (result < 0)
        return result;
    mio_ask_init(&customer->ask, self, customer_answered);
    return mio_ask_start(&customer->ask, customer->clerk, &primes, &below,
                         sizeof(below), sizeof(below), MIO_FOREVER);
}

static const struct mio_actor_class customer_class = {
    .name = "customer",
    .state_size = sizeof(struct customer),
    .init = customer_init,
};

int main(void)
{
    struct mio_runtime_options options = {.reactors_count = 2};
    struct mio_pool_options threads = {.threads_count = 2};
    struct mio_runtime *runtime = NULL;
    int result = mio_runtime_new(&runtime, &options);
    if (result == 0)
        result = mio_pool_new(&pool, runtime, &threads);
    if (result == 0)
        result = mio_runtime_spawn(runtime, 0, &customer_class, NULL, 0, NULL);
    if (result == 0)
        result = mio_runtime_run(runtime);
    mio_pool_free(pool);
    mio_runtime_free(runtime);
    if (result < 0)
        fprintf(stderr, "ask: %s\n", mio_error_text(result));
    return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
