/* SPDX-License-Identifier: MIT
 *
 * tests/storm/threads_test.c - core and net start no thread, whatever is done
 * with them. */
#include <dirent.h>
#include <signal.h>
#include <string.h>

#include "core/event_loop.h"
#include "net/pipe.h"
#include "net/udp_socket.h"
#include "net/unix_stream.h"
#include "tests/core/check.h"
#include "tests/storm/constructors.h"
#include "tests/storm/storm.h"

/* The kernel's own count. (A sanitizer may have a thread of its own.) */
static int tasks_count(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/task");
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    (void)closedir(folder);
    return count;
}

static int tasks_before;

static void assert_alone(void)
{
    assert_int_equal(tasks_count(), tasks_before);
    assert_int_equal(storm_threads_count(), 0);
}

static int setup(void **state)
{
    (void)state;
    tasks_before = tasks_count();
    surroundings_open();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    surroundings_close();
    return 0;
}

static void nothing_that_is_made_starts_a_thread(void **state)
{
    (void)state;
    surroundings_call(1);
    for (size_t i = 0; i < constructors_count; i++) {
        union thing thing;
        assert_ok(constructors[i].open(&thing));
        assert_alone();
        constructors[i].close(&thing);
        assert_alone();
    }
}

/* --- a loop that is busy with everything ---------------------------------- */

struct busy {
    struct mio_unix_stream ends[2];
    uint32_t timeouts_count;
    uint32_t signals_count;
    uint32_t messages_count;
    uint32_t bytes_count;
    uint32_t ticks_count;
};

static void on_ready(void *ctx, struct mio_event_loop *loop,
                     const struct mio_event *event)
{
    struct busy *self = ctx;
    char bytes[64];
    int64_t n;
    (void)loop;
    (void)event;
    while ((n = mio_unix_stream_read(&self->ends[1], bytes, sizeof(bytes))) > 0)
        self->bytes_count += (uint32_t)n;
    assert_alone();
}

static void on_timeout(void *ctx, struct mio_event_loop *loop, mio_token token)
{
    struct busy *self = ctx;
    (void)token;
    assert_alone();
    if (++self->timeouts_count == 10) {
        mio_event_loop_shutdown(loop);
        return;
    }
    assert_ok(
        mio_event_loop_set_timeout(loop, MIO_NS_PER_MS, mio_token_of(1), NULL));
    assert_int_equal(mio_unix_stream_write(&self->ends[0], "12345", 5), 5);
    raise(SIGUSR1);
    struct mio_notify_sender *sender = mio_event_loop_sender(loop);
    assert_ok(mio_notify_sender_send(sender, self));
    mio_notify_sender_free(sender);
}

static void on_signal(void *ctx, struct mio_event_loop *loop,
                      enum mio_signal which)
{
    struct busy *self = ctx;
    (void)loop;
    (void)which;
    self->signals_count++;
    assert_alone();
}

static void on_message(void *ctx, struct mio_event_loop *loop, void *message)
{
    struct busy *self = ctx;
    (void)loop;
    (void)message;
    self->messages_count++;
    assert_alone();
}

static void on_tick(void *ctx, struct mio_event_loop *loop)
{
    struct busy *self = ctx;
    (void)loop;
    self->ticks_count++;
    assert_alone();
}

static void nothing_that_a_loop_does_starts_a_thread(void **state)
{
    (void)state;
    const struct mio_handler handler = {
        .ready = on_ready,
        .timeout = on_timeout,
        .signal = on_signal,
        .notify = on_message,
        .tick = on_tick,
    };
    struct busy self = {.timeouts_count = 0};
    struct mio_event_loop *loop;
    assert_ok(mio_event_loop_new(&loop, NULL));
    assert_ok(mio_unix_stream_pair(&self.ends[0], &self.ends[1]));
    assert_ok(mio_event_loop_register(loop, &self.ends[1].source,
                                      mio_token_of(2), MIO_READABLE, MIO_EDGE));
    assert_ok(mio_event_loop_watch_signal(loop, MIO_SIGNAL_USER1));
    assert_ok(mio_event_loop_set_timeout(loop, 0, mio_token_of(1), NULL));
    assert_ok(mio_event_loop_run(loop, &handler, &self));
    assert_true(mio_event_loop_turn(loop, 0, &handler, &self) >= 0);

    assert_int_equal(self.timeouts_count, 10);
    assert_int_equal(self.messages_count, 9);
    assert_int_equal(self.bytes_count, 9 * 5);
    assert_in_range(self.signals_count, 1, 9);
    assert_true(self.ticks_count > 0);
    mio_unix_stream_close(&self.ends[0]);
    mio_unix_stream_close(&self.ends[1]);
    mio_event_loop_free(loop);
    assert_alone();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_that_is_made_starts_a_thread),
        cmocka_unit_test(nothing_that_a_loop_does_starts_a_thread),
    };
    return cmocka_run_group_tests_name("storm/threads", tests, setup, teardown);
}
