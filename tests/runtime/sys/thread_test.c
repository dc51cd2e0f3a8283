/* SPDX-License-Identifier: MIT
 *
 * tests/runtime/sys/thread_test.c - threads, CPUs, and quotas. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sched_getcpu */
#endif
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/sys/cgroup.h"
#include "runtime/sys/thread.h"

#define assert_ok(expression) assert_int_equal((expression), 0)

/* --- threads ------------------------------------------------------------- */

static char name_seen[16];
static uint32_t pinned_count; /* CPUs it was found on when pinned there */
static int pinned_nowhere;
static uint32_t cpus[1024];
static uint32_t cpus_count;

static void named(void *context)
{
    mio_thread_name(context);
    pthread_getname_np(pthread_self(), name_seen, sizeof(name_seen));
}

static const char *name_of(const char *name)
{
    struct mio_thread thread;
    assert_ok(mio_thread_start(&thread, named, (void *)(uintptr_t)name));
    mio_thread_join(&thread);
    return name_seen;
}

static void a_thread_has_a_name_whose_end_is_kept(void **state)
{
    (void)state;
    assert_string_equal(name_of("mio/3"), "mio/3");
    assert_string_equal(name_of("fifteen-letters"), "fifteen-letters");
    assert_string_equal(name_of("a-very-long-name/1023"), "a-very-lon/1023");
    assert_string_equal(name_of("no-number-and-very-long"), "no-number-and-v");
}

static void pinned(void *context)
{
    (void)context;
    for (uint32_t i = 0; i < cpus_count; i++) {
        int result = mio_thread_pin(cpus[i]);
        sched_yield();
        pinned_count += result == 0 && sched_getcpu() == (int)cpus[i];
    }
    pinned_nowhere = mio_thread_pin(UINT32_MAX);
}

static void a_thread_stays_on_the_cpu_it_is_pinned_to(void **state)
{
    (void)state;
    struct mio_thread thread;
    cpus_count = mio_usable_cpus(cpus, 1024);
    assert_in_range(cpus_count, 1, 1024);
    assert_int_equal(mio_usable_cpus(NULL, 0), cpus_count);
    assert_ok(mio_thread_start(&thread, pinned, NULL));
    mio_thread_join(&thread);
    assert_int_equal(pinned_count, cpus_count);
    assert_int_equal(pinned_nowhere, MIO_EINVAL);
}

/* --- quotas -------------------------------------------------------------- */

static char root[64];

static int setup(void **state)
{
    (void)state;
    strcpy(root, "/tmp/cgroup-test-XXXXXX");
    return mkdtemp(root) == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -r %s", root);
    return system(command);
}

/* Write a file below the root, and the folders above it. */
static void put(const char *path, const char *text)
{
    char full[256];
    snprintf(full, sizeof(full), "%s/%s", root, path);
    for (char *end = strchr(full + strlen(root) + 1, '/'); end != NULL;
         end = strchr(end + 1, '/')) {
        *end = '\0';
        (void)mkdir(full, 0700);
        *end = '/';
    }
    FILE *file = fopen(full, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static uint32_t quota(void)
{
    char membership[128];
    snprintf(membership, sizeof(membership), "%s/membership", root);
    return mio_cgroup_quota_cpus(root, membership);
}

static void without_a_quota_there_is_none(void **state)
{
    (void)state;
    assert_int_equal(quota(), 0); /* no file at all */
    put("membership", "0::/a/b\n");
    assert_int_equal(quota(), 0);
    put("a/b/cpu.max", "max 100000\n");
    assert_int_equal(quota(), 0);
    put("a/b/cpu.max", "");
    assert_int_equal(quota(), 0);
    put("membership", "nonsense\n\n:\n::\n");
    assert_int_equal(quota(), 0);
}

static void the_tightest_quota_upwards_counts_rounded_up(void **state)
{
    (void)state;
    put("membership", "0::/a/b\n");
    put("a/b/cpu.max", "250000 100000\n");
    assert_int_equal(quota(), 3);
    put("a/cpu.max", "150000 100000\n");
    assert_int_equal(quota(), 2);
    put("a/b/cpu.max", "max 100000\n");
    assert_int_equal(quota(), 2);
    put("cpu.max", "10000 100000\n");
    assert_int_equal(quota(), 1);
}

/* In a container, the group's own name may not exist in what it sees. */
static void a_container_sees_its_quota_at_the_root(void **state)
{
    (void)state;
    put("membership", "0::/not/there\n");
    put("cpu.max", "400000 100000\n");
    assert_int_equal(quota(), 4);
}

static void version_1_has_its_quota_in_two_files(void **state)
{
    (void)state;
    put("membership", "7:memory:/m\n4:cpu,cpuacct:/c/d\n");
    put("cpu,cpuacct/c/d/cpu.cfs_quota_us", "-1\n");
    put("cpu,cpuacct/c/d/cpu.cfs_period_us", "100000\n");
    put("memory/m/cpu.cfs_quota_us", "100000\n");
    put("memory/m/cpu.cfs_period_us", "100000\n");
    assert_int_equal(quota(), 0);
    put("cpu,cpuacct/c/cpu.cfs_quota_us", "50000\n");
    put("cpu,cpuacct/c/cpu.cfs_period_us", "100000\n");
    assert_int_equal(quota(), 1);
}

int main(void)
{
#define QUOTA(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_has_a_name_whose_end_is_kept),
        cmocka_unit_test(a_thread_stays_on_the_cpu_it_is_pinned_to),
        QUOTA(without_a_quota_there_is_none),
        QUOTA(the_tightest_quota_upwards_counts_rounded_up),
        QUOTA(a_container_sees_its_quota_at_the_root),
        QUOTA(version_1_has_its_quota_in_two_files),
    };
    return cmocka_run_group_tests_name("runtime/sys/thread", tests, NULL, NULL);
}
