/* SPDX-License-Identifier: MIT
 *
 * examples/modes.c - edge, level and oneshot side by side: three pipes of one
 * poll, and a reader that takes a single byte at each event.
 *
 *     ./bazelw run //examples:modes */
#include <stdio.h>

#include "core/poll.h"
#include "net/pipe.h"

enum { EDGE, LEVEL, ONESHOT, COUNT };

static const uint32_t modes[COUNT] = {MIO_EDGE, MIO_LEVEL, MIO_ONESHOT};
static struct mio_pipe_sender senders[COUNT];
static struct mio_pipe_receiver receivers[COUNT];
static struct mio_poll *poll;
static struct mio_events *events;

static int open_pipe(int which)
{
    int rc = mio_pipe_open(&senders[which], &receivers[which]);
    return rc < 0 ? rc
                  : mio_poll_register(poll, &receivers[which].source,
                                      mio_token_of((uint64_t)which),
                                      MIO_READABLE, modes[which]);
}

static int write_to_each(const char *three_bytes)
{
    int64_t size = 3;
    for (int i = 0; i < COUNT && size == 3; i++)
        size = mio_pipe_sender_write(&senders[i], three_bytes, 3);
    return size == 3 ? MIO_OK : MIO_EIO;
}

/* A byte for each pipe that had an event, a dash for each that had none. */
static int look(const char *what)
{
    char bytes[COUNT] = {'-', '-', '-'};
    struct mio_event event;
    int rc = mio_poll_wait(poll, events, 0);
    while (mio_events_next(events, &event))
        if (mio_pipe_receiver_read(&receivers[event.token.value],
                                   &bytes[event.token.value], 1) != 1)
            rc = MIO_EIO;
    printf("%-34s  %c      %c       %c\n", what, bytes[EDGE], bytes[LEVEL],
           bytes[ONESHOT]);
    return rc;
}

int main(void)
{
    char rest[8];
    int64_t rc;
    printf("%-34s edge  level  oneshot\n", "");
    if ((rc = mio_poll_new(&poll, NULL)) < 0 ||
        (rc = mio_events_new(&events, COUNT)) < 0 ||
        (rc = open_pipe(EDGE)) < 0 || (rc = open_pipe(LEVEL)) < 0 ||
        (rc = open_pipe(ONESHOT)) < 0 || (rc = write_to_each("abc")) < 0 ||
        (rc = look("abc was written")) < 0 ||
        (rc = look("the next wait")) < 0 ||
        /* EDGE: read until it would block; less than asked for will do. */
        (rc = mio_pipe_receiver_read(&receivers[EDGE], rest, 8)) < 0 ||
        /* ONESHOT: say that one more is wanted. */
        (rc = mio_poll_reregister(poll, &receivers[ONESHOT].source,
                                  mio_token_of(ONESHOT), MIO_READABLE,
                                  MIO_ONESHOT)) < 0 ||
        (rc = look("edge drained, oneshot reregistered")) < 0 ||
        (rc = write_to_each("def")) < 0 || (rc = look("def was written")) < 0)
        fprintf(stderr, "modes: %s\n", mio_error_text((int)rc));
    return rc < 0;
}
