/* SPDX-License-Identifier: MIT
 *
 * tests/storm/refusals_test.c - each call by which anything is made fails once,
 * the system's and the allocator's: that code is the answer, and nothing is
 * left behind. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* accept4, pipe2 */
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/core/check.h"
#include "tests/storm/constructors.h"

/* The call of that number from now fails; negative: none. Volatile: the
 * compiler believes that malloc reads no variable of ours. */
static volatile int system_calls_left = -1;
static volatile int allocations_left = -1;
static volatile int code;

static bool is_refused(volatile int *calls_left)
{
    if (*calls_left < 0)
        return false;
    *calls_left = *calls_left - 1;
    if (*calls_left >= 0)
        return false;
    errno = code;
    return true;
}

#define WRAP(result, name, types, arguments)                                   \
    result __real_##name types;                                                \
    result __wrap_##name types;                                                \
    result __wrap_##name types                                                 \
    {                                                                          \
        return is_refused(&system_calls_left) ? -1 : __real_##name arguments;  \
    }

WRAP(int, accept4, (int fd, struct sockaddr *at, socklen_t *size, int flags),
     (fd, at, size, flags))
WRAP(int, epoll_create1, (int flags), (flags))
WRAP(int, epoll_ctl, (int fd, int what, int other, struct epoll_event *event),
     (fd, what, other, event))
WRAP(int, eventfd, (unsigned first, int flags), (first, flags))
WRAP(int, listen, (int fd, int backlog), (fd, backlog))
WRAP(int, pipe2, (int ends[2], int flags), (ends, flags))
WRAP(int, setsockopt,
     (int fd, int level, int name, const void *value, socklen_t size),
     (fd, level, name, value, size))
WRAP(int, socket, (int family, int type, int protocol),
     (family, type, protocol))
WRAP(int, socketpair, (int family, int type, int protocol, int ends[2]),
     (family, type, protocol, ends))

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_malloc(size_t size)
{
    return is_refused(&allocations_left) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_refused(&allocations_left) ? NULL : __real_calloc(count, size);
}

/* Refuses each call in its turn; returns how many there were. */
static int check(const struct constructor *self, volatile int *calls_left,
                 int error)
{
    int count_before = handles_count();
    code = error;
    for (int count = 0;; count++) {
        union thing thing;
        assert_true(count < 100);
        *calls_left = count;
        int rc = self->open(&thing);
        bool was_refused = *calls_left < 0;
        *calls_left = -1;
        if (!was_refused) {
            assert_ok(rc);
            self->close(&thing);
            assert_int_equal(handles_count(), count_before);
            return count;
        }
        assert_code(-error, rc);
        assert_int_equal(handles_count(), count_before);
    }
}

static void what_the_system_refuses_is_answered(void **state)
{
    (void)state;
    const int errors[] = {ENFILE, ENOBUFS, ENOMEM};
    for (size_t i = 0; i < constructors_count; i++) {
        printf("%s\n", constructors[i].name);
        surroundings_call(COUNT_OF(errors));
        for (size_t e = 0; e < COUNT_OF(errors); e++) {
            int count = check(&constructors[i], &system_calls_left, errors[e]);
            assert_true(count > 0 || constructors[i].takes_no_handle);
        }
    }
}

static void without_memory_all_say_so(void **state)
{
    (void)state;
    int count = 0;
    surroundings_call(1);
    for (size_t i = 0; i < constructors_count; i++) {
        printf("%s\n", constructors[i].name);
        count += check(&constructors[i], &allocations_left, ENOMEM);
    }
    assert_true(count > 5); /* those of the core, at least */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_system_refuses_is_answered),
        cmocka_unit_test(without_memory_all_say_so),
    };
    return cmocka_run_group_tests_name("storm/refusals", tests, setup,
                                       teardown);
}
