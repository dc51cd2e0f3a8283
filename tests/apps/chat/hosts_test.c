/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/hosts_test.c - connections per address. */
#include "apps/chat/session/hosts.h"

#include <pthread.h>

#include "tests/apps/chat/irc/check.h"

#define SHARE 10

static struct chat_hosts hosts;

static int setup(void **state)
{
    (void)state;
    memset(&hosts, 0, sizeof(hosts));
    return 0;
}

static void an_address_gets_its_share_and_no_more(void **state)
{
    uint64_t seed = 1, one = next_random(&seed), other = next_random(&seed);

    (void)state;
    for (int i = 0; i < SHARE; i++)
        assert_true(chat_hosts_admit(&hosts, one, SHARE));
    assert_false(chat_hosts_admit(&hosts, one, SHARE));
    assert_false(
        chat_hosts_admit(&hosts, one, SHARE)); /* a refusal counts nothing */
    assert_true(chat_hosts_admit(&hosts, other, SHARE));
    chat_hosts_dismiss(&hosts, one);
    assert_true(chat_hosts_admit(&hosts, one, SHARE));
    assert_false(chat_hosts_admit(&hosts, one, SHARE));
}

static void ten_thousand_addresses_do_not_hinder_each_other(void **state)
{
    uint64_t seed = 2;
    int refused = 0;

    (void)state;
    for (int i = 0; i < 10000; i++) {
        uint64_t hash = next_random(&seed);
        for (int k = 0; k < SHARE / 2; k++)
            refused += !chat_hosts_admit(&hosts, hash, SHARE);
    }
    assert_int_equal(refused, 0);
}

static void *come_and_go(void *ctx)
{
    (void)ctx;
    for (int i = 0; i < 100000; i++)
        if (chat_hosts_admit(&hosts, 42, SHARE))
            chat_hosts_dismiss(&hosts, 42);
    return NULL;
}

static void threads_that_come_and_go_leave_nothing(void **state)
{
    pthread_t threads[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, NULL),
                         0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(hosts.counts[0][42], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_address_gets_its_share_and_no_more, setup),
        cmocka_unit_test_setup(ten_thousand_addresses_do_not_hinder_each_other,
                               setup),
        cmocka_unit_test_setup(threads_that_come_and_go_leave_nothing, setup),
    };
    return cmocka_run_group_tests_name("chat/hosts", tests, NULL, NULL);
}
