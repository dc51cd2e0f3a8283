/* SPDX-License-Identifier: MIT
 *
 * tests/examples/event_loop_examples_test.c - the examples over core's event
 * loop, each by a real client. */
#include "tests/examples/program.h"

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void expect_end(int fd)
{
    char byte;
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
}

static void the_pong_server_answers_each_line(void **state)
{
    (void)state;
    struct program p;
    start(&p, "examples/pong_server");
    int first = connect_to(&p);
    int second = connect_to(&p);
    say(first, "ping\n");
    expect(first, "pong\n");
    say(second, "one\ntwo\n");
    expect(second, "pong\npong\n");
    /* A line is one however many pieces it comes in. */
    say(first, "pi");
    say(second, "ping\n");
    expect(second, "pong\n");
    say(first, "ng\n");
    expect(first, "pong\n");
    shutdown(first, SHUT_WR);
    expect_end(first);
    close(first);
    say(second, "ping\n");
    expect(second, "pong\n");
    close(second);
    assert_true(WIFSIGNALED(end(&p, SIGTERM)));
}

/* Of `size` bytes and LF. */
static void make_line(char *out, size_t size, char letter)
{
    memset(out, letter, size);
    memcpy(out + size, "\n", 2);
}

static void the_line_echo_server_echoes_whole_lines(void **state)
{
    (void)state;
    struct program p;
    char line[300];
    start(&p, "examples/line_echo_server");
    int fd = connect_to(&p);
    int other = connect_to(&p);
    say(fd, "hello\r\nwor");
    expect(fd, "hello\r\n");
    say(other, "\n");
    expect(other, "\n");
    say(fd, "ld\n");
    expect(fd, "world\n");
    make_line(line, 256, 'x');
    say(fd, line);
    expect(fd, line);
    close(fd);
    close(other);
    assert_true(WIFSIGNALED(end(&p, SIGTERM)));
}

static void too_long_a_line_ends_its_client_alone(void **state)
{
    (void)state;
    struct program p;
    char line[300];
    start(&p, "examples/line_echo_server");
    int good = connect_to(&p);
    int bad = connect_to(&p);
    say(good, "before\n");
    expect(good, "before\n");
    say(good, "half");
    make_line(line, 257, 'x');
    say(bad, line);
    /* The end, or a reset as not all was read. */
    assert_true(recv(bad, line, 1, 0) <= 0);
    say(good, " and half\n");
    expect(good, "half and half\n");
    close(good);
    close(bad);
    assert_true(WIFSIGNALED(end(&p, SIGTERM)));
}

static void the_multi_echo_server_serves_many(void **state)
{
    (void)state;
    struct program p;
    int fds[50];
    char text[32];
    start(&p, "examples/multi_echo_server");
    for (int i = 0; i < 50; i++)
        fds[i] = connect_to(&p);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 50; i++) {
            snprintf(text, sizeof(text), "%d: hello\n", i);
            say(fds[i], text);
        }
        for (int i = 49; i >= 0; i--) {
            snprintf(text, sizeof(text), "%d: hello\n", i);
            expect(fds[i], text);
        }
    }
    /* What came before the end still comes back. */
    for (int i = 0; i < 50; i++) {
        say(fds[i], "bye");
        shutdown(fds[i], SHUT_WR);
        expect(fds[i], "bye");
        expect_end(fds[i]);
        close(fds[i]);
    }
    assert_true(WIFSIGNALED(end(&p, SIGTERM)));
}

#define MUCH (16 << 20)

/* More than it queues goes into one that we do not read from, until the server
 * takes no more; it serves others meanwhile, and then gives back every byte. */
static void the_multi_echo_server_queues_for_who_reads_later(void **state)
{
    (void)state;
    struct program p;
    static char bytes[65536], got[65536];
    start(&p, "examples/multi_echo_server");
    int fd = connect_to(&p);
    int other = connect_to(&p);
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)i;
    size_t sent = 0;
    ssize_t n = 0;
    struct timeval limit = {.tv_usec = 200000};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    while (sent < MUCH &&
           (n = send(fd, bytes + sent % sizeof(bytes),
                     sizeof(bytes) - sent % sizeof(bytes), MSG_NOSIGNAL)) > 0)
        sent += (size_t)n;
    assert_int_equal(n, -1); /* held back */
    say(other, "and I?");
    expect(other, "and I?");
    shutdown(fd, SHUT_WR);
    for (size_t back = 0; back < sent; back += (size_t)n) {
        n = recv(fd, got, sizeof(got) - back % sizeof(got), 0);
        assert_true(n > 0);
        assert_memory_equal(got, bytes + back % sizeof(bytes), (size_t)n);
    }
    expect_end(fd);
    close(fd);
    close(other);
    assert_true(WIFSIGNALED(end(&p, SIGTERM)));
}

static void an_error_resets_that_connection_alone(void **state)
{
    (void)state;
    struct program p;
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    start(&p, "examples/multi_echo_server");
    int good = connect_to(&p);
    /* More than it serves at once: who is not ended takes up a place. */
    for (int i = 0; i < 1100; i++) {
        int bad = connect_to(&p);
        say(bad, "never read");
        setsockopt(bad, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
        close(bad);
        say(good, "still here\n");
        expect(good, "still here\n");
    }
    int late = connect_to(&p);
    say(late, "is there room?\n");
    expect(late, "is there room?\n");
    close(late);
    close(good);
    assert_true(WIFSIGNALED(end(&p, SIGTERM)));
}

static void client_and_server_share_a_loop(void **state)
{
    (void)state;
    struct program p;
    FILE *output;
    start_writing(&p, "examples/ping_pong", &output);
    expect_line(output, "client: connected");
    for (int i = 0; i < 3; i++) {
        expect_line(output, "server: ping");
        expect_line(output, "client: pong");
    }
    expect_success(&p, output);
}

/* "<what> after N ms". Returns N, which is never less than it must be. */
static int expect_time(FILE *output, const char *what, int ms_min)
{
    char line[128];
    int ms = -1;
    assert_non_null(fgets(line, sizeof(line), output));
    assert_memory_equal(line, what, strlen(what));
    assert_int_equal(sscanf(line + strlen(what), " after %d ms", &ms), 1);
    assert_true(ms >= ms_min);
    return ms;
}

static void timers_beat_until_the_end(void **state)
{
    (void)state;
    struct program p;
    FILE *output;
    char what[16];
    int ms = 0;
    start_writing(&p, "examples/timers", &output);
    for (int beat = 1; beat <= 5; beat++) {
        snprintf(what, sizeof(what), "beat %d", beat);
        ms = expect_time(output, what, ms + 20);
        if (beat == 2)
            expect_line(output, "the one that never comes is cleared");
    }
    (void)expect_time(output, "the end", ms + 20);
    expect_success(&p, output);
}

static void signals_are_told_and_the_last_one_ends_it(void **state)
{
    (void)state;
    struct program p;
    FILE *output;
    start_writing(&p, "examples/signals", &output);
    expect_line(output, "waiting; kill -HUP, or Ctrl-C");
    send_signal(&p, SIGHUP);
    expect_line(output, "hangup 1: this is where settings are read again");
    send_signal(&p, SIGHUP);
    expect_line(output, "hangup 2: this is where settings are read again");
    send_signal(&p, SIGINT);
    expect_line(output, "interrupted: this is where a program says goodbye");
    expect_success(&p, output);
}

static void a_thread_notifies_the_loop(void **state)
{
    (void)state;
    struct program p;
    FILE *output;
    start_writing(&p, "examples/notify", &output);
    expect_line(output, "prime number 10000 is 104729");
    expect_success(&p, output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pong_server_answers_each_line),
        cmocka_unit_test(the_line_echo_server_echoes_whole_lines),
        cmocka_unit_test(too_long_a_line_ends_its_client_alone),
        cmocka_unit_test(the_multi_echo_server_serves_many),
        cmocka_unit_test(the_multi_echo_server_queues_for_who_reads_later),
        cmocka_unit_test(an_error_resets_that_connection_alone),
        cmocka_unit_test(client_and_server_share_a_loop),
        cmocka_unit_test(timers_beat_until_the_end),
        cmocka_unit_test(signals_are_told_and_the_last_one_ends_it),
        cmocka_unit_test(a_thread_notifies_the_loop),
    };
    return cmocka_run_group_tests_name("event_loop_examples", tests, NULL,
                                       NULL);
}
