/* SPDX-License-Identifier: MIT
 *
 * examples/signals.c - the system's signals, called back like all else.
 *
 *     ./bazelw run //examples:signals
 *     pkill -HUP -x signals */
#include <stdio.h>

#include "core/event_loop.h"

static void signal_arrived(void *ctx, struct mio_event_loop *loop,
                           enum mio_signal which)
{
    int *hangups = ctx;
    if (which == MIO_SIGNAL_HANGUP) {
        printf("hangup %d: this is where settings are read again\n",
               ++*hangups);
    } else {
        puts("interrupted: this is where a program says goodbye");
        mio_event_loop_shutdown(loop);
    }
    (void)fflush(stdout);
}

int main(void)
{
    static const struct mio_handler handler = {.signal = signal_arrived};
    struct mio_event_loop *loop = NULL;
    int hangups = 0;
    int rc;
    if ((rc = mio_event_loop_new(&loop, NULL)) < 0 ||
        (rc = mio_event_loop_watch_signal(loop, MIO_SIGNAL_HANGUP)) < 0 ||
        (rc = mio_event_loop_watch_signal(loop, MIO_SIGNAL_INTERRUPT)) < 0) {
        fprintf(stderr, "signals: %s\n", mio_error_text(rc));
        mio_event_loop_free(loop);
        return 1;
    }
    puts("waiting; kill -HUP, or Ctrl-C");
    (void)fflush(stdout);
    rc = mio_event_loop_run(loop, &handler, &hangups);
    mio_event_loop_free(loop);
    return rc < 0;
}
