/* SPDX-License-Identifier: MIT
 *
 * tests/core/log_test.c - what is told, and that nothing is without need. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "core/log.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/event_loop.h"
#include "core/signals.h"
#include "tests/core/check.h"

#define TOKEN mio_token_of(1)

/* --- calls that fail when they are told to -------------------------------- */

static struct {
    int epoll_create; /* errno of the next call; 0: it works */
    int epoll_add;
    int pwait2;
    int write;
} broken;

int __real_epoll_create1(int flags);
int __wrap_epoll_create1(int flags);
int __wrap_epoll_create1(int flags)
{
    if (broken.epoll_create == 0)
        return __real_epoll_create1(flags);
    errno = broken.epoll_create;
    return -1;
}

int __real_epoll_ctl(int fd, int operation, int handle, struct epoll_event *e);
int __wrap_epoll_ctl(int fd, int operation, int handle, struct epoll_event *e);
int __wrap_epoll_ctl(int fd, int operation, int handle, struct epoll_event *e)
{
    if (broken.epoll_add == 0 || operation != EPOLL_CTL_ADD)
        return __real_epoll_ctl(fd, operation, handle, e);
    errno = broken.epoll_add;
    return -1;
}

/* Of the core's, only epoll_pwait2 is called by number. */
long __real_syscall(long number, long a, long b, long c, long d, long e,
                    long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e,
                    long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    if (broken.pwait2 == 0)
        return __real_syscall(number, a, b, c, d, e, f);
    errno = broken.pwait2;
    return -1;
}

ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
    if (broken.write == 0)
        return __real_write(fd, bytes, size);
    errno = broken.write;
    return -1;
}

/* --- the log -------------------------------------------------------------- */

struct line {
    enum mio_log_level level;
    char text[MIO_LOG_TEXT_SIZE];
};

static struct line lines[8];
static size_t lines_count;

static void note(void *ctx, enum mio_log_level level, const char *text)
{
    assert_ptr_equal(ctx, lines);
    assert_true(lines_count < COUNT_OF(lines));
    assert_null(strchr(text, '\n'));
    lines[lines_count].level = level;
    strncpy(lines[lines_count++].text, text, MIO_LOG_TEXT_SIZE - 1);
}

static const struct mio_log everything = {
    .ctx = lines,
    .write = note,
    .level = MIO_LOG_INFO,
};
static const struct mio_log warnings = {
    .ctx = lines,
    .write = note,
    .level = MIO_LOG_WARNING,
};

/* The only line since the last call of this. */
static void assert_told(enum mio_log_level level, const char *words)
{
    assert_int_equal(lines_count, 1);
    assert_string_equal(mio_log_level_name(lines[0].level),
                        mio_log_level_name(level));
    if (strstr(lines[0].text, words) == NULL)
        fail_msg("no \"%s\" in \"%s\"", words, lines[0].text);
    lines_count = 0;
}

static void assert_nothing_told(void)
{
    if (lines_count > 0)
        fail_msg("told: %s", lines[0].text);
}

struct fixture {
    struct mio_poll *poll;
    struct mio_events *events;
    int pair[2];
    struct mio_source source;
    const char *variable; /* MIO_SELECTOR, of this process */
};

static int setup(void **state)
{
    static struct fixture fixture;
    const struct mio_poll_options options = {.log = &warnings};
    lines_count = 0;
    assert_ok(mio_poll_new(&fixture.poll, &options));
    assert_ok(mio_events_new(&fixture.events, 8));
    assert_int_equal(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fixture.pair), 0);
    mio_source_init(&fixture.source, fixture.pair[0]);
    fixture.variable = getenv("MIO_SELECTOR");
    *state = &fixture;
    assert_nothing_told();
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    memset(&broken, 0, sizeof(broken));
    if (f->variable != NULL)
        assert_int_equal(setenv("MIO_SELECTOR", f->variable, 1), 0);
    mio_poll_free(f->poll);
    mio_source_deregister(&f->source);
    mio_events_free(f->events);
    (void)close(f->pair[0]);
    assert_int_equal(close(f->pair[1]), 0);
    assert_nothing_told();
    return 0;
}

static bool is_on_poll(struct fixture *f)
{
    return mio_poll_handle(f->poll) == MIO_HANDLE_NONE;
}

/* --- which selector ------------------------------------------------------- */

static int make(enum mio_selector_kind kind, const struct mio_log *log)
{
    const struct mio_poll_options options = {.selector = kind, .log = log};
    struct mio_poll *poll;
    int rc = mio_poll_new(&poll, &options);
    if (rc == MIO_OK)
        mio_poll_free(poll);
    return rc;
}

static void the_selector_and_why_are_told(void **state)
{
    (void)state;
    if (is_on_valgrind())
        skip(); /* it has no epoll_pwait2, which is told, too */
    assert_ok(make(MIO_SELECTOR_POLL, &everything));
    assert_told(MIO_LOG_INFO, "poll(2): the poll's options");
    assert_ok(make(MIO_SELECTOR_EPOLL, &everything));
    assert_told(MIO_LOG_INFO, "epoll: the poll's options");

    assert_int_equal(setenv("MIO_SELECTOR", "poll", 1), 0);
    assert_ok(make(MIO_SELECTOR_DEFAULT, &everything));
    assert_told(MIO_LOG_INFO, "poll(2): MIO_SELECTOR");
    assert_int_equal(setenv("MIO_SELECTOR", "epoll", 1), 0);
    assert_ok(make(MIO_SELECTOR_DEFAULT, &everything));
    assert_told(MIO_LOG_INFO, "epoll: MIO_SELECTOR");
    assert_int_equal(unsetenv("MIO_SELECTOR"), 0);
    assert_ok(make(MIO_SELECTOR_DEFAULT, &everything));
    assert_told(MIO_LOG_INFO, "epoll: the best");
}

static void without_epoll_a_poll_is_made_all_the_same(void **state)
{
    (void)state;
    const int codes[] = {ENOSYS, EPERM};
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        assert_int_equal(unsetenv("MIO_SELECTOR"), 0);
        broken.epoll_create = codes[i];
        assert_ok(make(MIO_SELECTOR_DEFAULT, &everything));
        assert_told(MIO_LOG_INFO, "poll(2): epoll is missing");
        /* Not for who asks for it by name. */
        assert_code(MIO_ENOTSUP, make(MIO_SELECTOR_EPOLL, &everything));
        assert_nothing_told();
    }
    /* Nor when it is there and fails: the caller is told. */
    broken.epoll_create = EMFILE;
    assert_code(MIO_EMFILE, make(MIO_SELECTOR_DEFAULT, &everything));
    assert_nothing_told();
}

static void coarse_timeouts_are_told(void **state)
{
    (void)state;
    broken.pwait2 = ENOSYS;
    assert_ok(make(MIO_SELECTOR_EPOLL, &everything));
    assert_int_equal(lines_count, 2);
    assert_non_null(strstr(lines[1].text, "uses epoll"));
    lines_count = 1;
    assert_told(MIO_LOG_INFO, "no epoll_pwait2");
}

static void what_is_less_important_is_not_written(void **state)
{
    (void)state;
    const struct mio_log errors = {lines, note, MIO_LOG_ERROR};
    assert_ok(make(MIO_SELECTOR_DEFAULT, &warnings));
    mio_log_print(&errors, MIO_LOG_WARNING, "no");
    mio_log_print(NULL, MIO_LOG_ERROR, "nobody listens");
    assert_nothing_told();
    mio_log_print(&errors, MIO_LOG_ERROR, "%d of %s", 2, "them");
    assert_told(MIO_LOG_ERROR, "2 of them");
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    char text[2 * MIO_LOG_TEXT_SIZE];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    mio_log_print(&everything, MIO_LOG_INFO, "%s", text);
    assert_int_equal(strlen(lines[0].text), MIO_LOG_TEXT_SIZE - 1);
    assert_told(MIO_LOG_INFO, "xxx");
}

/* --- mistakes that were seen too late ------------------------------------- */

static void sources_that_outlive_their_poll_are_counted(void **state)
{
    struct fixture *f = *state;
    assert_ok(
        mio_poll_register(f->poll, &f->source, TOKEN, MIO_READABLE, MIO_EDGE));
    mio_poll_free(f->poll);
    f->poll = NULL;
    assert_told(MIO_LOG_WARNING, "freed with 1 sources");
}

static void a_handle_that_was_closed_while_registered_is_named(void **state)
{
    struct fixture *f = *state;
    char words[40];
    (void)snprintf(words, sizeof(words), "handle %d was closed", f->pair[0]);
    assert_ok(
        mio_poll_register(f->poll, &f->source, TOKEN, MIO_READABLE, MIO_EDGE));
    assert_int_equal(close(f->pair[0]), 0);
    f->pair[0] = -1;
    wait_silence(f->poll, f->events); /* poll(2) sees it here */
    wait_silence(f->poll, f->events); /* and says so once */
    if (!is_on_poll(f))
        assert_nothing_told();
    assert_ok(mio_poll_deregister(f->poll, &f->source));
    assert_told(MIO_LOG_WARNING, words);
}

static void a_source_that_is_lost_is_an_error(void **state)
{
    struct fixture *f = *state;
    if (is_on_poll(f))
        skip(); /* it has no EXCLUSIVE, whose change is two calls */
    assert_ok(mio_poll_register(f->poll, &f->source, TOKEN, MIO_READABLE,
                                MIO_EXCLUSIVE));
    broken.epoll_add = ENOMEM;
    assert_code(MIO_ENOMEM, mio_poll_reregister(f->poll, &f->source, TOKEN,
                                                MIO_READABLE, MIO_EXCLUSIVE));
    assert_told(MIO_LOG_ERROR, "is deregistered, as it could not be added");
    assert_false(mio_source_is_registered(&f->source));
    assert_code(MIO_ENOENT, mio_poll_deregister(f->poll, &f->source));

    /* Nothing of it is left: it can come back. */
    broken.epoll_add = 0;
    assert_ok(mio_poll_register(f->poll, &f->source, TOKEN, MIO_READABLE,
                                MIO_EXCLUSIVE));
    assert_ok(mio_poll_deregister(f->poll, &f->source));
}

static void a_poll_whose_descriptor_was_taken_away_says_so(void **state)
{
    struct fixture *f = *state;
    if (is_on_poll(f))
        skip(); /* it has none to give away */
    assert_int_equal(close((int)mio_poll_handle(f->poll)), 0);
    mio_poll_free(f->poll);
    f->poll = NULL;
    assert_told(MIO_LOG_WARNING, "closed by somebody else");
}

static void errors_that_are_answered_are_not_told(void **state)
{
    struct fixture *f = *state;
    assert_code(MIO_ENOENT, mio_poll_deregister(f->poll, &f->source));
    assert_code(MIO_EINVAL,
                mio_poll_register(f->poll, &f->source, TOKEN, 0, MIO_EDGE));
    assert_nothing_told();
}

/* --- event loop and signals ----------------------------------------------- */

static void messages_that_nobody_saw_are_counted(void **state)
{
    (void)state;
    const struct mio_event_loop_options options = {.poll = {.log = &warnings}};
    struct mio_event_loop *loop;
    int message;
    assert_ok(mio_event_loop_new(&loop, &options));
    struct mio_notify_sender *sender = mio_event_loop_sender(loop);
    assert_ok(mio_notify_sender_send(sender, &message));
    assert_ok(mio_notify_sender_send(sender, &message));
    mio_event_loop_free(loop);
    mio_notify_sender_free(sender);
    assert_told(MIO_LOG_WARNING, "2 messages that no handler saw");
}

static void a_signal_that_made_no_event_is_told_later(void **state)
{
    (void)state;
    const struct mio_signals_options options = {.log = &warnings};
    struct mio_signals *signals;
    assert_ok(mio_signals_new_with(&signals, &options));
    assert_ok(mio_signals_add(signals, MIO_SIGNAL_USER1));
    broken.write = EBADF;
    assert_int_equal(raise(SIGUSR1), 0);
    broken.write = 0;
    assert_nothing_told(); /* a signal handler writes no log */
    assert_int_equal(mio_signals_next(signals), MIO_SIGNAL_USER1);
    assert_told(MIO_LOG_ERROR, "cannot be written to");
    /* A full pipe is no reason: what is in it makes the event. */
    broken.write = EAGAIN;
    assert_int_equal(raise(SIGUSR1), 0);
    broken.write = 0;
    assert_int_equal(mio_signals_next(signals), MIO_SIGNAL_USER1);
    mio_signals_free(signals);
    assert_nothing_told();
}

static void an_action_that_somebody_replaced_is_told(void **state)
{
    (void)state;
    const struct mio_event_loop_options options = {.poll = {.log = &warnings}};
    struct mio_event_loop *loop;
    assert_ok(mio_event_loop_new(&loop, &options));
    assert_ok(mio_event_loop_watch_signal(loop, MIO_SIGNAL_USER2));
    assert_true(signal(SIGUSR2, SIG_IGN) != SIG_ERR);
    assert_ok(mio_event_loop_unwatch_signal(loop, MIO_SIGNAL_USER2));
    assert_told(MIO_LOG_WARNING, "somebody has replaced ours");
    assert_true(signal(SIGUSR2, SIG_DFL) == SIG_IGN);
    mio_event_loop_free(loop);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_selector_and_why_are_told),
        TEST(without_epoll_a_poll_is_made_all_the_same),
        TEST(coarse_timeouts_are_told),
        TEST(what_is_less_important_is_not_written),
        TEST(long_texts_are_cut),
        TEST(sources_that_outlive_their_poll_are_counted),
        TEST(a_handle_that_was_closed_while_registered_is_named),
        TEST(a_source_that_is_lost_is_an_error),
        TEST(a_poll_whose_descriptor_was_taken_away_says_so),
        TEST(errors_that_are_answered_are_not_told),
        TEST(messages_that_nobody_saw_are_counted),
        TEST(a_signal_that_made_no_event_is_told_later),
        TEST(an_action_that_somebody_replaced_is_told),
    };
    return cmocka_run_group_tests_name("core/log", tests, NULL, NULL);
}
