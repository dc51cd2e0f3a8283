/* SPDX-License-Identifier: MIT
 *
 * tests/storm/interrupted_test.c - what a storm does now and then, at every
 * call: each is interrupted twice before it is made, and what goes on all the
 * same (connect, close) when it was made. Nobody notices. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* accept4, pwritev2 */
#endif
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/event_loop.h"
#include "tests/core/check.h"
#include "tests/storm/constructors.h"

static bool is_interrupting;
static uint32_t interruptions_count;

static bool is_interrupted(uint32_t *calls_count)
{
    if (!is_interrupting || ++*calls_count % 3 == 0)
        return false;
    interruptions_count++;
    errno = EINTR;
    return true;
}

#define WRAP(result, name, types, arguments)                                   \
    result __real_##name types;                                                \
    result __wrap_##name types;                                                \
    result __wrap_##name types                                                 \
    {                                                                          \
        static uint32_t calls_count;                                           \
        return is_interrupted(&calls_count) ? -1 : __real_##name arguments;    \
    }

WRAP(int, accept4, (int fd, struct sockaddr *at, socklen_t *size, int flags),
     (fd, at, size, flags))
WRAP(ssize_t, pwritev2,
     (int fd, const struct iovec *pieces, int count, off_t offset, int flags),
     (fd, pieces, count, offset, flags))
WRAP(ssize_t, read, (int fd, void *bytes, size_t size), (fd, bytes, size))
WRAP(ssize_t, readv, (int fd, const struct iovec *pieces, int count),
     (fd, pieces, count))
WRAP(ssize_t, recv, (int fd, void *bytes, size_t size, int flags),
     (fd, bytes, size, flags))
WRAP(ssize_t, send, (int fd, const void *bytes, size_t size, int flags),
     (fd, bytes, size, flags))
WRAP(ssize_t, write, (int fd, const void *bytes, size_t size),
     (fd, bytes, size))
WRAP(ssize_t, writev, (int fd, const struct iovec *pieces, int count),
     (fd, pieces, count))

/* Made, and interrupted. Closed twice, a number may be another's already. */
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
    int rc = __real_close(fd);
    if (!is_interrupting)
        return rc;
    assert_int_equal(rc, 0);
    interruptions_count++;
    errno = EINTR;
    return -1;
}

int __real_connect(int fd, const struct sockaddr *to, socklen_t size);
int __wrap_connect(int fd, const struct sockaddr *to, socklen_t size);
int __wrap_connect(int fd, const struct sockaddr *to, socklen_t size)
{
    int rc = __real_connect(fd, to, size);
    if (!is_interrupting || to->sa_family != AF_INET)
        return rc;
    interruptions_count++;
    errno = EINTR;
    return -1;
}

static int setup(void **state)
{
    (void)state;
    surroundings_open();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    surroundings_close();
    return 0;
}

static void all_is_made_and_closed(void **state)
{
    (void)state;
    surroundings_call(1);
    int count_before = handles_count();
    is_interrupting = true;
    for (size_t i = 0; i < constructors_count; i++) {
        union thing thing;
        assert_ok(constructors[i].open(&thing));
        constructors[i].close(&thing);
    }
    is_interrupting = false;
    assert_int_equal(handles_count(), count_before);
    assert_true(interruptions_count > constructors_count);
}

struct counts {
    uint32_t signals;
    uint32_t messages;
};

static void on_signal(void *ctx, struct mio_event_loop *loop,
                      enum mio_signal which)
{
    struct counts *counts = ctx;
    (void)loop;
    (void)which;
    counts->signals++;
}

static void on_message(void *ctx, struct mio_event_loop *loop, void *message)
{
    struct counts *counts = ctx;
    (void)loop;
    (void)message;
    counts->messages++;
}

static void wakes_and_signals_come_once_each(void **state)
{
    (void)state;
    const struct mio_handler handler = {
        .signal = on_signal,
        .notify = on_message,
    };
    struct counts counts = {0};
    struct mio_event_loop *loop;
    struct mio_poll *poll;
    struct mio_events *events;
    struct mio_waker *waker;
    assert_ok(mio_event_loop_new(&loop, NULL));
    assert_ok(mio_event_loop_watch_signal(loop, MIO_SIGNAL_USER1));
    struct mio_notify_sender *sender = mio_event_loop_sender(loop);
    assert_ok(mio_poll_new(&poll, NULL));
    assert_ok(mio_events_new(&events, 4));
    assert_ok(mio_waker_new(&waker, poll, mio_token_of(1)));

    is_interrupting = true;
    for (uint32_t i = 1; i <= 20; i++) {
        raise(SIGUSR1);
        while (counts.signals < i)
            assert_true(
                mio_event_loop_turn(loop, DEADLINE_NS, &handler, &counts) >= 0);
        assert_ok(mio_notify_sender_send(sender, loop));
        while (counts.messages < i)
            assert_true(
                mio_event_loop_turn(loop, DEADLINE_NS, &handler, &counts) >= 0);
        assert_int_equal(mio_event_loop_turn(loop, 0, &handler, &counts), 0);
        assert_ok(mio_waker_wake(waker));
        wait_one(poll, events);
        wait_silence(poll, events);
    }
    is_interrupting = false;
    assert_int_equal(counts.signals, 20);
    assert_int_equal(counts.messages, 20);
    mio_waker_free(waker);
    mio_events_free(events);
    mio_poll_free(poll);
    mio_notify_sender_free(sender);
    mio_event_loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_made_and_closed),
        cmocka_unit_test(wakes_and_signals_come_once_each),
    };
    return cmocka_run_group_tests_name("storm/interrupted", tests, setup,
                                       teardown);
}
