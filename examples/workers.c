/* SPDX-License-Identifier: MIT
 *
 * examples/workers.c - a poll per thread: one listens, the others serve. When a
 * guest says something, its connection moves to a worker, unread; wakers end
 * them all.
 *
 *     ./bazelw run //examples:workers
 *     nc 127.0.0.1 7007 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/waker.h"
#include "net/loop_tcp.h"

#define WORKERS_COUNT 2

/* A guest's token is its address. */
enum { DOOR, STOP };

struct worker {
    int number;
    struct mio_poll *poll;
    struct mio_events *events;
    struct mio_waker *stop;
    pthread_t thread;
};

struct house {
    struct mio_tcp_listener door;
    struct worker workers[WORKERS_COUNT];
    unsigned moved_count;
};

static void leave(struct mio_tcp_stream *guest)
{
    mio_tcp_stream_close(guest);
    free(guest);
}

/* --- in a worker's thread ------------------------------------------------ */

static void serve(const struct worker *self, struct mio_tcp_stream *guest)
{
    char bytes[256];
    char answer[300];
    int64_t size;
    while ((size = mio_tcp_stream_read(guest, bytes, sizeof(bytes))) > 0) {
        int length = snprintf(answer, sizeof(answer), "worker %d: %.*s",
                              self->number, (int)size, bytes);
        if (mio_tcp_stream_write(guest, answer, (size_t)length) != length)
            break; /* who does not read is not worth waiting for */
    }
    if (size != MIO_EAGAIN)
        leave(guest);
}

static void *work(void *worker)
{
    struct worker *self = worker;
    struct mio_event event;
    int rc = 0;
    while (rc >= 0 || rc == MIO_EINTR) {
        rc = mio_poll_wait(self->poll, self->events, MIO_FOREVER);
        while (mio_events_next(self->events, &event)) {
            if (event.token.value == STOP)
                return NULL;
            serve(self, mio_token_ptr(event.token));
        }
    }
    return NULL;
}

static int start(struct worker *self, int number)
{
    int rc;
    self->number = number;
    if ((rc = mio_poll_new(&self->poll, NULL)) < 0 ||
        (rc = mio_events_new(&self->events, 64)) < 0 ||
        (rc = mio_waker_new(&self->stop, self->poll, mio_token_of(STOP))) < 0)
        return rc;
    return -pthread_create(&self->thread, NULL, work, self);
}

static void stop(struct worker *self)
{
    (void)mio_waker_wake(self->stop);
    (void)pthread_join(self->thread, NULL);
    printf("worker %d has ended\n", self->number);
    mio_waker_free(self->stop);
    mio_events_free(self->events);
    mio_poll_free(self->poll);
}

/* --- in the thread that listens ------------------------------------------ */

static void enter(struct mio_event_loop *loop, struct mio_tcp_stream *accepted)
{
    struct mio_tcp_stream *guest = malloc(sizeof(*guest));
    if (guest == NULL) {
        mio_tcp_stream_close(accepted);
        return;
    }
    *guest = *accepted;
    if (mio_event_loop_register(loop, &guest->source, mio_token_of_ptr(guest),
                                MIO_READABLE, MIO_EDGE) < 0)
        leave(guest);
}

/* What it said is not read here: it is reported anew over there. */
static void move(struct mio_event_loop *loop, struct mio_tcp_stream *guest,
                 struct worker *to)
{
    if (mio_event_loop_deregister(loop, &guest->source) < 0 ||
        mio_poll_register(to->poll, &guest->source, mio_token_of_ptr(guest),
                          MIO_READABLE, MIO_EDGE) < 0)
        leave(guest);
    /* Otherwise it is the worker's, and may be gone already. */
}

static void ready(void *ctx, struct mio_event_loop *loop,
                  const struct mio_event *event)
{
    struct house *house = ctx;
    struct mio_tcp_stream accepted;
    if (event->token.value != DOOR)
        move(loop, mio_token_ptr(event->token),
             &house->workers[house->moved_count++ % WORKERS_COUNT]);
    else
        while (mio_tcp_listener_accept(&house->door, &accepted, NULL) == MIO_OK)
            enter(loop, &accepted);
}

static void interrupted(void *ctx, struct mio_event_loop *loop,
                        enum mio_signal which)
{
    (void)ctx, (void)which;
    mio_event_loop_shutdown(loop);
}

int main(int argc, char **argv)
{
    static const struct mio_handler handler = {.ready = ready,
                                               .signal = interrupted};
    const char *place = argc > 1 ? argv[1] : "127.0.0.1:7007";
    static struct house house = {.door.source.handle = MIO_HANDLE_NONE};
    struct mio_address at;
    struct mio_event_loop *loop = NULL;
    int started = 0;
    int rc;
    if ((rc = mio_address_parse(&at, place)) == MIO_OK &&
        (rc = mio_event_loop_new(&loop, NULL)) == MIO_OK &&
        (rc = mio_event_loop_watch_signal(loop, MIO_SIGNAL_INTERRUPT)) ==
            MIO_OK &&
        (rc = mio_loop_tcp_listen(loop, &house.door, &at, NULL,
                                  mio_token_of(DOOR))) == MIO_OK)
        while (started < WORKERS_COUNT && rc == MIO_OK)
            if ((rc = start(&house.workers[started], started)) == MIO_OK)
                started++;
    if (rc == MIO_OK)
        rc = mio_event_loop_run(loop, &handler, &house);
    if (rc < 0)
        fprintf(stderr, "%s: %s\n", place, mio_error_text(rc));
    while (started > 0)
        stop(&house.workers[--started]);
    mio_tcp_listener_close(&house.door);
    mio_event_loop_free(loop);
    return rc < 0;
}
