/* SPDX-License-Identifier: MIT
 *
 * examples/timers.c - one timeout again and again, one once, one never.
 *
 *     ./bazelw run //examples:timers */
#include <stdio.h>

#include "core/clock.h"
#include "core/event_loop.h"

enum { BEAT, END, NEVER };

struct state {
    int64_t began_ns;
    int beats;
    mio_key never;
};

static int set(struct mio_event_loop *loop, int64_t delay_ms, uint64_t which,
               mio_key *out)
{
    return mio_event_loop_set_timeout(loop, delay_ms * MIO_NS_PER_MS,
                                      mio_token_of(which), out);
}

static void timeout(void *ctx, struct mio_event_loop *loop, mio_token token)
{
    struct state *state = ctx;
    int64_t past_ns = mio_clock_monotonic_ns() - state->began_ns;
    if (token.value != BEAT) {
        printf("%s after %d ms\n", token.value == END ? "the end" : "never",
               (int)(past_ns / MIO_NS_PER_MS));
        mio_event_loop_shutdown(loop);
        return;
    }
    printf("beat %d after %d ms\n", ++state->beats,
           (int)(past_ns / MIO_NS_PER_MS));
    if (state->beats == 2 && mio_event_loop_clear_timeout(loop, state->never))
        puts("the one that never comes is cleared");
    if (set(loop, 20, state->beats < 5 ? BEAT : END, NULL) < 0)
        mio_event_loop_shutdown(loop);
}

int main(void)
{
    static const struct mio_handler handler = {.timeout = timeout};
    struct state state = {.began_ns = mio_clock_monotonic_ns()};
    struct mio_event_loop *loop = NULL;
    int rc;
    if ((rc = mio_event_loop_new(&loop, NULL)) < 0 ||
        (rc = set(loop, 20, BEAT, NULL)) < 0 ||
        (rc = set(loop, 3600 * 1000, NEVER, &state.never)) < 0 ||
        (rc = mio_event_loop_run(loop, &handler, &state)) < 0)
        fprintf(stderr, "timers: %s\n", mio_error_text(rc));
    mio_event_loop_free(loop);
    return rc < 0;
}
