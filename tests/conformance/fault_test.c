/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/fault_test.c - faults of one line that Mio's own tests let
 * pass: each case fails when its fault is made. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "core/waker.h"
#include "net/pipe.h"
#include "net/unix_listener.h"
#include "net/unix_stream.h"
#include "tests/conformance/interrupt.h"
#include "tests/conformance/tcp_case.h"
#include "tests/net/unix.h"

/* --- a kernel that has no epoll_pwait2 ------------------------------------ */

static bool is_old_kernel;

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

long __wrap_syscall(long number, ...)
{
    long argument[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++)
        argument[i] = va_arg(list, long);
    va_end(list);
#ifdef SYS_epoll_pwait2
    if (is_old_kernel && number == SYS_epoll_pwait2) {
        errno = ENOSYS;
        return -1;
    }
#endif
    return __real_syscall(number, argument[0], argument[1], argument[2],
                          argument[3], argument[4], argument[5]);
}

/* A lower bound is no assertion about speed: nothing may end a wait early. */
static void assert_lasts(struct mio_poll *poll, struct mio_events *events,
                         int64_t timeout_ns)
{
    int64_t start_ns = mio_clock_monotonic_ns();
    assert_int_equal(mio_poll_wait(poll, events, timeout_ns), 0);
    int64_t passed_ns = mio_clock_monotonic_ns() - start_ns;
    if (passed_ns < timeout_ns)
        fail_msg("%lld ns took %lld ns", (long long)timeout_ns,
                 (long long)passed_ns);
}

static void fault_timeout_truncated(void **state)
{
    struct loop *loop = *state;
    static const int64_t timeouts_ns[] = {1,       999,     100000, 999999,
                                          1000001, 1500000, 2999999};
    for (int old = 0; old < 2; old++) {
        struct mio_poll *poll;
        is_old_kernel = old;
        assert_ok(mio_poll_new(&poll, NULL));
        for (size_t i = 0; i < COUNT_OF(timeouts_ns); i++)
            assert_lasts(poll, loop->events, timeouts_ns[i]);
        mio_poll_free(poll);
    }
    is_old_kernel = false;
}

/* --- what a child inherits ------------------------------------------------ */

#define FDS_MAX 256

/* Every descriptor from `first` on that exec would hand on. */
static int inherited_from(int first)
{
    int count = 0;
    for (int fd = first; fd < FDS_MAX; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0 && !(flags & FD_CLOEXEC))
            count++;
    }
    return count;
}

static void fault_accepted_socket_without_cloexec(void **state)
{
    struct tcp_case *self = *state;
    struct mio_unix_listener listener;
    struct mio_unix_stream client;
    struct mio_unix_stream server;
    struct mio_address at = abstract_name("cloexec");
    assert_sound(&self->tcp.server.source);

    assert_ok(mio_unix_listener_open(&listener, &at, NULL));
    assert_ok(mio_unix_stream_connect(&client, &at));
    (void)loop_await(&self->loop, &listener.source, MIO_READABLE);
    assert_ok(mio_unix_listener_accept(&listener, &server, NULL));
    assert_sound(&server.source);
    mio_unix_stream_close(&client);
    mio_unix_stream_close(&server);
    mio_unix_listener_close(&listener);
}

/* Not the selector's alone, but each that a poll has. */
static void fault_selector_handle_without_cloexec(void **state)
{
    struct loop *loop = *state;
    int first = lowest_free();
    int before = inherited_from(0);
    struct mio_poll *poll;
    struct mio_waker *waker;
    assert_ok(mio_poll_new(&poll, NULL));
    assert_ok(mio_waker_new(&waker, poll, A));
    assert_int_not_equal(lowest_free(), first); /* it has some */
    assert_int_equal(inherited_from(0), before);
    mio_waker_free(waker);
    mio_poll_free(poll);
    loop_silence(loop);
}

/* --- TCP ------------------------------------------------------------------ */

/* Who closes first keeps the port for minutes, for what may still come. */
static void fault_so_reuseaddr_missing(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    char byte;
    mio_tcp_stream_close(&tcp->server);
    (void)tcp_await(tcp, &tcp->client.source, MIO_READABLE);
    assert_int_equal(mio_tcp_stream_read(&tcp->client, &byte, 1), 0);
    mio_tcp_stream_close(&tcp->client);
    mio_tcp_listener_close(&tcp->listener);
    assert_ok(mio_tcp_listener_open(&tcp->listener, &tcp->at, NULL));
}

#define PEERS_COUNT 100 /* below any system's limit */

/* Nobody accepts, and yet all are connected. */
static void fault_backlog_of_1(void **state)
{
    struct tcp_case *self = *state;
    static struct mio_tcp_stream peers[PEERS_COUNT];
    for (int i = 0; i < PEERS_COUNT; i++) {
        assert_ok(mio_tcp_stream_connect(&peers[i], &self->tcp.at));
        (void)tcp_await(&self->tcp, &peers[i].source, MIO_WRITABLE);
        assert_ok(mio_tcp_stream_take_error(&peers[i]));
    }
    for (int i = 0; i < PEERS_COUNT; i++)
        mio_tcp_stream_close(&peers[i]);
}

static void fault_oob_not_readable(void **state)
{
    struct tcp_case *self = *state;
    struct tcp *tcp = &self->tcp;
    static const uint32_t interests[] = {MIO_PRIORITY,
                                         MIO_PRIORITY | MIO_READABLE};
    for (size_t i = 0; i < COUNT_OF(interests); i++) {
        char byte;
        assert_int_equal(send((int)tcp->server.source.handle, "!", 1, MSG_OOB),
                         1);
        struct mio_event event =
            tcp_await(tcp, &tcp->client.source, interests[i]);
        assert_true(mio_event_is_priority(&event));
        assert_true(mio_event_is_readable(&event));
        assert_int_equal(
            recv((int)tcp->client.source.handle, &byte, 1, MSG_OOB), 1);
    }
}

static void fault_is_error_always_false(void **state)
{
    struct tcp_case *self = *state;
    struct mio_tcp_stream client;
    struct mio_pipe_sender sender;
    struct mio_pipe_receiver receiver;
    mio_tcp_listener_close(&self->tcp.listener);
    assert_ok(mio_tcp_stream_connect(&client, &self->tcp.at));
    struct mio_event event =
        tcp_await(&self->tcp, &client.source, MIO_WRITABLE);
    assert_true(mio_event_is_error(&event));
    mio_tcp_stream_close(&client);

    assert_ok(mio_pipe_open(&sender, &receiver));
    mio_pipe_receiver_close(&receiver);
    event = loop_await(&self->loop, &sender.source, MIO_WRITABLE);
    assert_true(mio_event_is_error(&event));
    mio_pipe_sender_close(&sender);
}

/* --- signals -------------------------------------------------------------- */

static volatile sig_atomic_t signals_count;

static void count_signal(int number)
{
    (void)number;
    signals_count++;
}

static void fault_eintr_retried_silently(void **state)
{
    struct loop *loop = *state;
    static const int flags[] = {0, SA_RESTART};
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        assert_code(MIO_EINTR, wait_interrupted(loop, flags[i]));
        assert_true(mio_events_is_empty(loop->events));
    }
}

/* To nobody, in each way that there is: an error, and no signal. */
static void fault_sigpipe_not_suppressed(void **state)
{
    struct tcp_case *self = *state;
    struct mio_tcp_stream *stream = &self->tcp.client;
    struct mio_unix_stream ends[2];
    struct mio_pipe_sender sender;
    struct mio_pipe_receiver receiver;
    struct sigaction action = {.sa_flags = 0};
    struct sigaction former;
    const struct mio_iovec piece = {"x", 1};
    action.sa_handler = count_signal;
    signals_count = 0;
    assert_int_equal(sigaction(SIGPIPE, &action, &former), 0);

    assert_ok(mio_tcp_stream_shutdown(stream, MIO_SHUTDOWN_WRITE));
    assert_int_equal(mio_tcp_stream_write(stream, "x", 1), MIO_EPIPE);
    assert_int_equal(mio_tcp_stream_writev(stream, &piece, 1), MIO_EPIPE);

    assert_ok(mio_unix_stream_pair(&ends[0], &ends[1]));
    mio_unix_stream_close(&ends[1]);
    assert_int_equal(mio_unix_stream_write(&ends[0], "x", 1), MIO_EPIPE);
    assert_int_equal(mio_unix_stream_writev(&ends[0], &piece, 1), MIO_EPIPE);
    mio_unix_stream_close(&ends[0]);

    assert_ok(mio_pipe_open(&sender, &receiver));
    mio_pipe_receiver_close(&receiver);
    assert_int_equal(mio_pipe_sender_write(&sender, "x", 1), MIO_EPIPE);
    assert_int_equal(mio_pipe_sender_writev(&sender, &piece, 1), MIO_EPIPE);
    mio_pipe_sender_close(&sender);

    assert_int_equal(sigaction(SIGPIPE, &former, NULL), 0);
    assert_int_equal(signals_count, 0);
}

/* --- the selector and its doorbell ---------------------------------------- */

/* As many as there is room for, in one wait; the others in the next. */
static void fault_capacity_ignored(void **state)
{
    struct loop *loop = *state;
    struct mio_pipe_sender senders[16];
    struct mio_pipe_receiver receivers[16];
    uint64_t seen = 0;
    for (uint64_t i = 0; i < 16; i++) {
        assert_ok(mio_pipe_open(&senders[i], &receivers[i]));
        loop_watch(loop, &senders[i].source, mio_token_of(i), MIO_WRITABLE);
    }
    assert_int_equal(mio_poll_wait(loop->poll, loop->events, 0), 16);
    for (struct mio_event event; mio_events_next(loop->events, &event);)
        seen |= UINT64_C(1) << event.token.value;
    assert_int_equal(seen, 0xffff);
    for (uint64_t i = 0; i < 16; i++) {
        mio_pipe_sender_close(&senders[i]);
        mio_pipe_receiver_close(&receivers[i]);
    }
}

/* At most `room` more descriptors than there are. */
static struct rlimit lower_limit(int room)
{
    struct rlimit former;
    struct rlimit low;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &former), 0);
    low = former;
    low.rlim_cur = (rlim_t)lowest_free() + (rlim_t)room;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    return former;
}

static void fault_waker_handle_leaked(void **state)
{
    struct loop *loop = *state;
    struct rlimit former = lower_limit(8);
    int rc = MIO_OK;
    for (int i = 0; i < 200 && rc == MIO_OK; i++) {
        struct mio_poll *poll;
        struct mio_waker *waker;
        rc = mio_poll_new(&poll, NULL);
        if (rc < 0)
            break;
        rc = mio_waker_new(&waker, poll, A);
        if (rc == MIO_OK)
            rc = mio_waker_wake(waker);
        /* Whichever of the two is the last to go. */
        if (i % 2 == 0)
            mio_poll_free(poll);
        mio_waker_free(waker);
        if (i % 2 != 0)
            mio_poll_free(poll);
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &former), 0);
    assert_ok(rc);
    loop_silence(loop);
}

static void fault_leaked_selector_handles(void **state)
{
    struct loop *loop = *state;
    struct mio_pipe_sender sender;
    struct mio_pipe_receiver receiver;
    assert_ok(mio_pipe_open(&sender, &receiver));
    struct rlimit former = lower_limit(8);
    int rc = MIO_OK;
    for (int i = 0; i < 200 && rc == MIO_OK; i++) {
        struct mio_poll *poll;
        rc = mio_poll_new(&poll, NULL);
        if (rc < 0)
            break;
        rc =
            mio_poll_register(poll, &sender.source, A, MIO_WRITABLE, MIO_LEVEL);
        if (rc == MIO_OK)
            rc = mio_poll_wait(poll, loop->events, 0) == 1 ? MIO_OK : MIO_EIO;
        mio_source_deregister(&sender.source);
        mio_poll_free(poll);
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &former), 0);
    assert_ok(rc);
    mio_pipe_sender_close(&sender);
    mio_pipe_receiver_close(&receiver);
}

/* Whether it is an event counter that was rung and not read. */
static bool is_rung_counter(int fd)
{
    char path[64];
    char line[64];
    bool is_rung = false;
    (void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, "eventfd-count:", 14) == 0)
            is_rung = strtoull(line + 14, NULL, 16) > 0;
    if (file != NULL)
        (void)fclose(file);
    return is_rung;
}

/* As if it had been rung 2^64-2 times. */
static void saturate(int fd)
{
    uint64_t count;
    const uint64_t most = UINT64_MAX - 1;
    assert_int_equal(read(fd, &count, sizeof(count)), sizeof(count));
    assert_int_equal(write(fd, &most, sizeof(most)), sizeof(most));
}

/* What rings has counted all that it can, and still rings. */
static void fault_waker_counter_saturated(void **state)
{
    struct loop *loop = *state;
    struct mio_waker *waker;
    int saturated_count = 0;
    assert_ok(mio_waker_new(&waker, loop->poll, A));
    assert_ok(mio_waker_wake(waker));
    for (int fd = loop->free_fd; fd < FDS_MAX; fd++)
        if (is_rung_counter(fd)) {
            saturate(fd);
            saturated_count++;
        }
    assert_int_equal(saturated_count, 1);
    (void)loop_hear(loop, A);
    for (int round = 0; round < 3; round++) {
        loop_silence(loop);
        assert_ok(mio_waker_wake(waker));
        (void)loop_hear(loop, A);
    }
    loop_silence(loop);
    mio_waker_free(waker);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(fault_timeout_truncated),
        CASE_TCP(fault_accepted_socket_without_cloexec),
        CASE(fault_selector_handle_without_cloexec),
        CASE_TCP(fault_so_reuseaddr_missing),
        CASE(fault_capacity_ignored),
        CASE(fault_eintr_retried_silently),
        CASE_TCP(fault_oob_not_readable),
        CASE_TCP(fault_sigpipe_not_suppressed),
        CASE(fault_waker_handle_leaked),
        CASE(fault_waker_counter_saturated),
        CASE_TCP(fault_backlog_of_1),
        CASE_TCP(fault_is_error_always_false),
        CASE(fault_leaked_selector_handles),
    };
    return cmocka_run_group_tests_name("fault", cases, NULL, NULL);
}
