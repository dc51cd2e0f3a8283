/* SPDX-License-Identifier: MIT
 *
 * examples/notify.c - a thread that computes tells the loop what it found.
 *
 *     ./bazelw run //examples:notify */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/event_loop.h"

#define PRIMES_COUNT 10000

static bool is_prime(int n)
{
    for (int i = 2; i * i <= n; i++)
        if (n % i == 0)
            return false;
    return true;
}

/* A message is memory that changes hands, if the send succeeds. */
static int tell(struct mio_notify_sender *sender, int n)
{
    int *message = malloc(sizeof(*message));
    if (message == NULL)
        return MIO_ENOMEM;
    *message = n;
    int rc;
    while ((rc = mio_notify_sender_send(sender, message)) == MIO_EFULL)
        (void)sched_yield(); /* faster than the loop: let it run */
    if (rc < 0)
        free(message); /* nobody will read it; it is still ours */
    return rc;
}

static void *find_primes(void *sender)
{
    int rc = MIO_OK;
    for (int n = 2, found = 0; found < PRIMES_COUNT && rc == MIO_OK; n++)
        if (is_prime(n)) {
            rc = tell(sender, n);
            found++;
        }
    if (rc < 0)
        (void)mio_notify_sender_shutdown(sender);
    mio_notify_sender_free(sender);
    return NULL;
}

struct primes {
    int count;
    int last;
};

static void notify(void *ctx, struct mio_event_loop *loop, void *message)
{
    struct primes *primes = ctx;
    primes->last = *(int *)message;
    free(message);
    if (++primes->count == PRIMES_COUNT)
        mio_event_loop_shutdown(loop);
}

static void free_message(void *ctx, void *message)
{
    (void)ctx;
    free(message);
}

int main(void)
{
    static const struct mio_handler handler = {.notify = notify};
    struct mio_event_loop_options options = {.message_free = free_message};
    struct mio_event_loop *loop;
    struct primes primes = {.count = 0};
    pthread_t thread;
    if (mio_event_loop_new(&loop, &options) < 0 ||
        pthread_create(&thread, NULL, find_primes,
                       mio_event_loop_sender(loop)) != 0)
        return 1;
    int rc = mio_event_loop_run(loop, &handler, &primes);
    mio_event_loop_free(loop);
    (void)pthread_join(thread, NULL);
    printf("prime number %d is %d\n", primes.count, primes.last);
    return rc < 0;
}
