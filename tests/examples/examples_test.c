/* SPDX-License-Identifier: MIT
 *
 * tests/examples/examples_test.c - each example does what its README says. */
#include "tests/examples/program.h"

static void the_echo_server_echoes_and_ends_in_order(void **state)
{
    (void)state;
    struct program p;
    char byte;
    start(&p, "examples/echo_server");
    int fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = connect_to(&p);
        assert_int_equal(send(fds[i], "hello, echo\n", 12, 0), 12);
        expect(fds[i], "hello, echo\n");
    }
    /* Who still is there at the end is told so, and it exits with 0. */
    send_signal(&p, SIGINT);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(recv(fds[i], &byte, 1, 0), 0);
        close(fds[i]);
    }
    int status;
    assert_int_equal(waitpid(p.pid, &status, 0), p.pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* More than the system's buffers and the queue's limit together hold. */
#define MUCH (32 << 20)

static void the_echo_server_holds_back_who_does_not_read(void **state)
{
    (void)state;
    struct program p;
    static char bytes[65536], got[65536];
    start(&p, "examples/echo_server");
    int fd = connect_to(&p);
    memset(bytes, 'x', sizeof(bytes));
    size_t sent = 0;
    ssize_t n = 0;
    while (sent < MUCH) {
        /* For as long as it takes what is sent, it is not read. */
        struct timeval limit = {.tv_usec = 200000};
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
        n = send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL);
        if (n <= 0)
            break;
        sent += (size_t)n;
    }
    assert_int_equal(n, -1); /* held back */
    while (sent > 0) {
        n = recv(fd, got, sizeof(got), 0);
        assert_true(n > 0);
        assert_memory_equal(got, bytes, (size_t)n);
        sent -= (size_t)n;
    }
    close(fd);
    assert_int_equal(end(&p, SIGTERM), 0);
}

static void the_core_alone_greets(void **state)
{
    (void)state;
    struct program p;
    char byte;
    start(&p, "examples/core_alone");
    for (int i = 0; i < 3; i++) {
        int fd = connect_to(&p);
        expect(fd, "hello\n");
        assert_int_equal(recv(fd, &byte, 1, 0), 0);
        close(fd);
    }
    assert_true(WIFSIGNALED(end(&p, SIGTERM)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_echo_server_echoes_and_ends_in_order),
        cmocka_unit_test(the_echo_server_holds_back_who_does_not_read),
        cmocka_unit_test(the_core_alone_greets),
    };
    return cmocka_run_group_tests_name("examples", tests, NULL, NULL);
}
