/* SPDX-License-Identifier: MIT
 *
 * tests/examples/workers_test.c - connections that move between threads, by
 * real clients. */
#include "tests/examples/program.h"

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* When this returns its worker has closed it, and does nothing else before it
 * has forgotten it: at the end nothing is left. */
static void leave(int fd)
{
    char byte;
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    close(fd);
}

static void each_guest_is_served_by_one_worker(void **state)
{
    (void)state;
    struct program p;
    start(&p, "examples/workers");
    int first = connect_to(&p);
    int second = connect_to(&p);
    int third = connect_to(&p);
    /* Who speaks first moves first; what it said moves with it. */
    say(second, "hello\n");
    expect(second, "worker 0: hello\n");
    say(first, "hi\n");
    expect(first, "worker 1: hi\n");
    say(third, "you?\n");
    expect(third, "worker 0: you?\n");
    for (int i = 0; i < 3; i++) {
        say(first, "again\n");
        say(second, "again\n");
        expect(first, "worker 1: again\n");
        expect(second, "worker 0: again\n");
    }
    leave(second);
    say(third, "still there\n");
    expect(third, "worker 0: still there\n");
    leave(first);
    leave(third);
    int status = end(&p, SIGINT);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_guest_is_served_by_one_worker),
    };
    return cmocka_run_group_tests_name("examples/workers", tests, NULL, NULL);
}
