/* SPDX-License-Identifier: MIT
 *
 * tests/core/event_test.c - what the system says of a handle, and what an
 * event makes of it. */
#include "core/event.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/core/check.h"
#include "tests/storm/patient.h"

#define R MIO_READY_READABLE
#define W MIO_READY_WRITABLE
#define P MIO_READY_PRIORITY
#define E MIO_READY_ERROR
#define RC MIO_READY_READ_CLOSED
#define WC MIO_READY_WRITE_CLOSED

static struct mio_poll *poll;
static struct mio_events *events;

static int setup(void **state)
{
    (void)state;
    assert_ok(mio_poll_new(&poll, NULL));
    assert_ok(mio_events_new(&events, 4));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mio_events_free(events);
    mio_poll_free(poll);
    return 0;
}

/* What is reported of a handle that was asked for `interest`. */
static uint32_t readiness_of(int fd, uint32_t interest)
{
    struct mio_source source;
    mio_source_init(&source, fd);
    assert_ok(
        mio_poll_register(poll, &source, mio_token_of(1), interest, MIO_EDGE));
    uint32_t readiness = wait_one(poll, events).readiness;
    assert_ok(mio_poll_deregister(poll, &source));
    return readiness;
}

static void a_pipe_tells_that_its_other_end_is_gone(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(readiness_of(ends[1], MIO_WRITABLE), W);
    close(ends[0]);
    assert_int_equal(readiness_of(ends[1], MIO_WRITABLE), W | E | WC);
    /* The error alone says so, too. */
    assert_int_equal(readiness_of(ends[1], MIO_PRIORITY), E | WC);
    close(ends[1]);

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    close(ends[1]);
    assert_int_equal(readiness_of(ends[0], MIO_READABLE), R | RC | WC);
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(readiness_of(ends[0], MIO_READABLE), RC | WC);
    close(ends[0]);
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

static void tcp_tells_which_half_is_closed(void **state)
{
    (void)state;
    int pair[2];
    const uint32_t both = MIO_READABLE | MIO_WRITABLE;
    connect_pair(pair);
    assert_int_equal(readiness_of(pair[0], both), W);

    assert_int_equal(send(pair[1], "x", 1, 0), 1);
    assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
    assert_int_equal(readiness_of(pair[0], MIO_READABLE), R | RC);
    assert_int_equal(readiness_of(pair[0], both), R | W | RC);
    assert_int_equal(shutdown(pair[0], SHUT_WR), 0);
    assert_int_equal(readiness_of(pair[0], both), R | W | RC | WC);
    close(pair[0]);
    close(pair[1]);
}

static void tcp_tells_that_it_was_reset(void **state)
{
    (void)state;
    int pair[2];
    struct linger reset = {.l_onoff = 1};
    connect_pair(pair);
    setsockopt(pair[1], SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    close(pair[1]);
    uint32_t readiness = readiness_of(pair[0], MIO_READABLE | MIO_WRITABLE);
    assert_int_equal(readiness, R | W | E | RC | WC);
    close(pair[0]);
}

static void urgent_data_is_readable_and_priority(void **state)
{
    (void)state;
    int pair[2];
    connect_pair(pair);
    assert_int_equal(send(pair[1], "!", 1, MSG_OOB), 1);
    uint32_t readiness = readiness_of(pair[0], MIO_READABLE | MIO_PRIORITY);
    assert_int_equal(readiness, R | P);
    close(pair[0]);
    close(pair[1]);
}

static void a_socket_without_connection_is_closed_both_ways(void **state)
{
    (void)state;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(readiness_of(fd, MIO_READABLE | MIO_WRITABLE),
                     W | RC | WC);
    close(fd);
}

static void each_predicate_looks_at_its_own_bit(void **state)
{
    (void)state;
    bool (*const predicates[])(const struct mio_event *) = {
        mio_event_is_readable,    mio_event_is_writable,
        mio_event_is_priority,    mio_event_is_error,
        mio_event_is_read_closed, mio_event_is_write_closed,
    };
    const uint32_t bits[] = {R, W, P, E, RC, WC};
    for (size_t i = 0; i < COUNT_OF(bits); i++) {
        struct mio_event event = {.readiness = bits[i]};
        for (size_t j = 0; j < COUNT_OF(bits); j++)
            assert_int_equal(predicates[j](&event), i == j);
    }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_pipe_tells_that_its_other_end_is_gone),
        TEST(tcp_tells_which_half_is_closed),
        TEST(tcp_tells_that_it_was_reset),
        TEST(urgent_data_is_readable_and_priority),
        TEST(a_socket_without_connection_is_closed_both_ways),
        TEST(each_predicate_looks_at_its_own_bit),
    };
    return cmocka_run_group_tests_name("core/event", tests, NULL, NULL);
}
