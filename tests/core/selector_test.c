/* SPDX-License-Identifier: MIT
 *
 * tests/core/selector_test.c - white box: what the poll cannot bring about. */
#include "core/sys/selector.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/sys/doorbell.h"
#include "tests/core/check.h"
#include "tests/storm/patient.h"

#define KEY UINT64_C(0x123456789abcdef0)

static const struct mio_selector_options options = {.sources_max = 16};

struct fixture {
    struct mio_selector *selector;
    struct mio_batch *batch;
};

static int setup(void **state)
{
    static struct fixture fixture;
    assert_ok(mio_selector_new(&fixture.selector, &options));
    assert_ok(mio_batch_new(&fixture.batch, 4, NULL));
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    mio_batch_free(f->batch, 4, NULL);
    f->selector->ops->free(f->selector);
    return 0;
}

static int wait_now(struct fixture *f)
{
    return f->selector->ops->wait(f->selector, f->batch, 4, 0);
}

static void a_doorbell_reports_its_key_at_each_ring(void **state)
{
    struct fixture *f = *state;
    struct mio_doorbell doorbell;
    assert_ok(mio_doorbell_open(&doorbell, f->selector, KEY));
    assert_int_equal(wait_now(f), 0);
    for (int round = 0; round < 3; round++) {
        uint64_t key;
        mio_doorbell_ring(&doorbell);
        assert_int_equal(wait_now(f), 1);
        assert_int_equal(mio_batch_read(f->batch, 0, &key), MIO_READY_READABLE);
        assert_true(key == KEY);
        mio_doorbell_answered(&doorbell);
        assert_int_equal(wait_now(f), 0);
    }
    mio_doorbell_close(&doorbell);
}

static void a_doorbell_that_was_never_read_still_rings(void **state)
{
    struct fixture *f = *state;
    struct mio_doorbell doorbell;
    assert_ok(mio_doorbell_open(&doorbell, f->selector, KEY));
    /* As after 2^64 - 2 rings: one more would block, or be lost. */
    uint64_t full = UINT64_MAX - 1;
    int fd = (int)doorbell.source.handle;
    assert_int_equal(write(fd, &full, sizeof(full)), sizeof(full));
    assert_int_equal(wait_now(f), 1);
    for (int round = 0; round < 2; round++) {
        errno = ENOTTY;
        mio_doorbell_ring(&doorbell);
        assert_int_equal(errno, ENOTTY);
        assert_int_equal(wait_now(f), 1);
        mio_doorbell_answered(&doorbell);
        assert_int_equal(wait_now(f), 0);
    }
    mio_doorbell_close(&doorbell);
}

static void a_doorbell_may_ring_without_its_selector(void **state)
{
    (void)state;
    struct mio_selector *selector;
    struct mio_doorbell doorbell;
    assert_ok(mio_selector_new(&selector, &options));
    assert_ok(mio_doorbell_open(&doorbell, selector, KEY));
    assert_true(fcntl((int)doorbell.source.handle, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl((int)doorbell.source.handle, F_GETFL) & O_NONBLOCK);
    selector->ops->free(selector);
    mio_doorbell_ring(&doorbell);
    mio_doorbell_close(&doorbell);
}

/* Answers those that were heard. */
static int hear(struct fixture *f, struct mio_doorbell *doorbells,
                uint32_t events_max)
{
    int count = f->selector->ops->wait(f->selector, f->batch, events_max, 0);
    for (int i = 0; i < count; i++) {
        uint64_t key;
        (void)mio_batch_read(f->batch, (uint32_t)i, &key);
        mio_doorbell_answered(&doorbells[key]);
    }
    return count;
}

static void events_max_bounds_a_wait(void **state)
{
    struct fixture *f = *state;
    struct mio_doorbell doorbells[4];
    for (uint64_t i = 0; i < COUNT_OF(doorbells); i++) {
        assert_ok(mio_doorbell_open(&doorbells[i], f->selector, i));
        mio_doorbell_ring(&doorbells[i]);
    }
    assert_int_equal(hear(f, doorbells, 1), 1);
    assert_int_equal(hear(f, doorbells, 2), 2);
    assert_int_equal(hear(f, doorbells, 4), 1);
    for (size_t i = 0; i < COUNT_OF(doorbells); i++)
        mio_doorbell_close(&doorbells[i]);
}

/* Make epoll_pwait2 (441 on every machine) fail as on a kernel without it. */
static int forbid_pwait2(uint32_t code)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 441, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | code),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = COUNT_OF(rules), .filter = rules};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* In a child: 0 if all is well. */
static int wait_without_pwait2(uint32_t code)
{
    struct fixture f;
    if (forbid_pwait2(code) < 0)
        return 77;
    if (syscall(441, -1, NULL, 0, NULL, NULL, 0) != -1 || errno != (int)code)
        return 78;
    const struct mio_selector_options epoll = {
        .kind = MIO_SELECTOR_EPOLL,
        .sources_max = 1,
    };
    if (mio_selector_new(&f.selector, &epoll) < 0 ||
        mio_batch_new(&f.batch, 4, NULL) < 0)
        return 1;
    for (int64_t timeout_ns = 1; timeout_ns < 5 * MIO_NS_PER_MS;
         timeout_ns = timeout_ns * 3 + 1) {
        int64_t begin = mio_clock_monotonic_ns();
        if (f.selector->ops->wait(f.selector, f.batch, 4, timeout_ns) != 0)
            return 2;
        if (mio_clock_monotonic_ns() - begin < timeout_ns)
            return 3;
    }
    /* 2^32 ms: as an int of milliseconds, this would be 0. */
    struct mio_doorbell doorbell;
    if (mio_doorbell_open(&doorbell, f.selector, KEY) < 0)
        return 4;
    mio_doorbell_ring(&doorbell);
    if (f.selector->ops->wait(f.selector, f.batch, 4, MIO_NS_PER_MS << 32) != 1)
        return 5;
    /* Its default action ends the child, which then has waited on. */
    struct itimerval soon = {.it_value.tv_usec = 20000};
    setitimer(ITIMER_REAL, &soon, NULL);
    (void)!f.selector->ops->wait(f.selector, f.batch, 4, MIO_NS_PER_MS << 32);
    return 6;
}

static void an_old_kernel_or_sandbox_rounds_up_to_milliseconds(void **state)
{
    (void)state;
    if (is_on_valgrind())
        skip(); /* the call is unknown, whatever the sandbox says */
    const uint32_t codes[] = {ENOSYS, EPERM};
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(wait_without_pwait2(codes[i]));
        int status;
        assert_int_equal(PATIENTLY(waitpid(child, &status, 0)), child);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
            skip(); /* no seccomp here */
        assert_false(WIFEXITED(status) && WEXITSTATUS(status));
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGALRM);
    }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_doorbell_reports_its_key_at_each_ring),
        TEST(a_doorbell_that_was_never_read_still_rings),
        TEST(a_doorbell_may_ring_without_its_selector),
        TEST(events_max_bounds_a_wait),
        TEST(an_old_kernel_or_sandbox_rounds_up_to_milliseconds),
    };
    return cmocka_run_group_tests_name("core/sys", tests, NULL, NULL);
}
