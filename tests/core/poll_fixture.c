/* SPDX-License-Identifier: MIT
 *
 * tests/core/poll_fixture.c - see poll_fixture.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* ppoll */
#endif

#include "tests/core/poll_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/storm/patient.h"

struct calls calls;

int __real_ppoll(struct pollfd *entries, nfds_t count,
                 const struct timespec *timeout, const sigset_t *mask);
int __wrap_ppoll(struct pollfd *entries, nfds_t count,
                 const struct timespec *timeout, const sigset_t *mask);

static int answer(struct pollfd *entries, nfds_t count,
                  const struct timespec *timeout, const sigset_t *mask)
{
    int code = calls.refusal != NULL ? calls.refusal((uint32_t)count) : 0;
    if (code == 0)
        return __real_ppoll(entries, count, timeout, mask);
    errno = code;
    return -1;
}

int __wrap_ppoll(struct pollfd *entries, nfds_t count,
                 const struct timespec *timeout, const sigset_t *mask)
{
    void (*before)(void *) = calls.before;
    void (*after)(void *) = calls.after;
    calls.before = NULL;
    calls.after = NULL;
    calls.count++;
    calls.last_entries_count = (uint32_t)count;
    calls.last_timeout_ns = -1;
    if (timeout != NULL)
        calls.last_timeout_ns =
            timeout->tv_sec * MIO_NS_PER_S + timeout->tv_nsec;
    if (before != NULL)
        before(calls.arg);
    int rc = answer(entries, count, timeout, mask);
    int code = errno;
    if (rc < 0 && code == EINTR)
        calls.count--; /* it is made again */
    if (after != NULL)
        after(calls.arg);
    errno = code;
    return rc;
}

static void connect_pair(int pair[2])
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &size), 0);
    pair[0] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect_patiently(pair[0], (struct sockaddr *)&at, size),
                     0);
    pair[1] = PATIENTLY(accept(listener, NULL, NULL));
    assert_true(pair[1] >= 0);
    close(listener);
}

int setup(void **state)
{
    static struct fixture f;
    struct mio_poll_options options = {.selector = MIO_SELECTOR_POLL};
    int pair[2];
    calls = (struct calls){.count = 0};
    connect_pair(pair);
    assert_ok(mio_poll_new(&f.poll, &options));
    assert_ok(mio_events_new(&f.events, 16));
    mio_source_init(&f.ours, pair[0]);
    f.peer = pair[1];
    *state = &f;
    return 0;
}

int teardown(void **state)
{
    struct fixture *f = *state;
    mio_source_deregister(&f->ours);
    mio_events_free(f->events);
    mio_poll_free(f->poll);
    close((int)f->ours.handle);
    close(f->peer);
    return 0;
}

void watch(struct fixture *f, uint32_t interest, uint32_t mode)
{
    assert_ok(mio_poll_register(f->poll, &f->ours, A, interest, mode));
}

void say(struct fixture *f)
{
    assert_int_equal(send(f->peer, "x", 1, 0), 1);
}

uint32_t next_readiness(struct fixture *f)
{
    return wait_one(f->poll, f->events).readiness;
}
