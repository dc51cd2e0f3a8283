/* SPDX-License-Identifier: MIT
 *
 * tests/conformance/signals_test.c - signals as calls of the loop. */
#include <signal.h>
#include <sys/wait.h>

#include "tests/conformance/loop_case.h"
#include "tests/storm/patient.h"

static void signals_are_told(void **state)
{
    struct loop_case *c = *state;
    assert_ok(mio_event_loop_watch_signal(c->loop, MIO_SIGNAL_USER1));
    assert_ok(mio_event_loop_watch_signal(c->loop, MIO_SIGNAL_USER2));
    assert_int_equal(loop_case_turn(c, 0), 0);
    raise(SIGUSR2);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 1);
    assert_int_equal(c->which, MIO_SIGNAL_USER2);
    raise(SIGUSR1);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 1);
    assert_int_equal(c->which, MIO_SIGNAL_USER1);
    assert_calls(c, ".s.s.");
}

static void signals_of_one_kind_count_as_one(void **state)
{
    struct loop_case *c = *state;
    assert_ok(mio_event_loop_watch_signal(c->loop, MIO_SIGNAL_USER1));
    for (int i = 0; i < 100; i++)
        raise(SIGUSR1);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 1);
    assert_int_equal(loop_case_turn(c, 0), 0);
}

static void signals_come_to_each_loop(void **state)
{
    struct loop_case *c = *state;
    struct loop_case other;
    loop_case_open(&other, (struct mio_event_loop_options){.events_max = 0});
    assert_ok(mio_event_loop_watch_signal(c->loop, MIO_SIGNAL_USER1));
    assert_ok(mio_event_loop_watch_signal(other.loop, MIO_SIGNAL_USER1));
    raise(SIGUSR1);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 1);
    assert_int_equal(loop_case_turn(&other, MIO_FOREVER), 1);
    loop_case_close(&other);
    raise(SIGUSR1); /* one loop still watches it */
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 1);
}

static void signals_are_given_back(void **state)
{
    struct loop_case *c = *state;
    struct sigaction before;
    struct sigaction now;
    sigaction(SIGUSR1, NULL, &before);
    for (int round = 0; round < 2; round++) {
        assert_ok(mio_event_loop_watch_signal(c->loop, MIO_SIGNAL_USER1));
        assert_code(MIO_EEXIST,
                    mio_event_loop_watch_signal(c->loop, MIO_SIGNAL_USER1));
        sigaction(SIGUSR1, NULL, &now);
        assert_true(now.sa_handler != before.sa_handler);
        assert_ok(mio_event_loop_unwatch_signal(c->loop, MIO_SIGNAL_USER1));
        assert_code(MIO_ENOENT,
                    mio_event_loop_unwatch_signal(c->loop, MIO_SIGNAL_USER1));
        sigaction(SIGUSR1, NULL, &now);
        assert_true(now.sa_handler == before.sa_handler);
    }
}

/* The signal of which a child died; 0: it ended by itself. */
static int death_of(pid_t child)
{
    int status;
    assert_true(child > 0);
    assert_int_equal(PATIENTLY(waitpid(child, &status, 0)), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void signals_are_not_blocked_in_programs_that_are_started(void **state)
{
    struct loop_case *c = *state;
    assert_ok(mio_event_loop_watch_signal(c->loop, MIO_SIGNAL_USER1));
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", "kill -USR1 $$; exit 0", (char *)NULL);
        _exit(127);
    }
    assert_int_equal(death_of(child), SIGUSR1);
    assert_int_equal(loop_case_turn(c, 0), 0);
}

static void signals_of_a_fork_are_not_its_parents(void **state)
{
    struct loop_case *c = *state;
    assert_ok(mio_event_loop_watch_signal(c->loop, MIO_SIGNAL_USER1));
    pid_t child = fork();
    if (child == 0) {
        raise(SIGUSR1);
        _exit(0);
    }
    assert_int_equal(death_of(child), SIGUSR1);
    assert_int_equal(loop_case_turn(c, 0), 0);
}

static void signals_do_not_hide_sources(void **state)
{
    struct loop_case *c = *state;
    assert_ok(mio_event_loop_watch_signal(c->loop, MIO_SIGNAL_USER1));
    loop_case_watch(c, A, MIO_READABLE, MIO_EDGE);
    loop_case_say(c);
    raise(SIGUSR1);
    assert_int_equal(loop_case_turn(c, MIO_FOREVER), 2);
    assert_int_equal(c->event.token.value, A.value);
    assert_int_equal(c->which, MIO_SIGNAL_USER1);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE_LOOP(signals_are_told),
        CASE_LOOP(signals_of_one_kind_count_as_one),
        CASE_LOOP(signals_come_to_each_loop),
        CASE_LOOP(signals_are_given_back),
        CASE_LOOP(signals_are_not_blocked_in_programs_that_are_started),
        CASE_LOOP(signals_of_a_fork_are_not_its_parents),
        CASE_LOOP(signals_do_not_hide_sources),
    };
    return cmocka_run_group_tests_name("signals", cases, NULL, NULL);
}
