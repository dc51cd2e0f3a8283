/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/watchers_test.c - who watches which nick. */
#include "apps/chat/nick/watchers.h"

#include <stdio.h>

#include "apps/chat/session/monitor.h"
#include "tests/apps/chat/irc/check.h"

static mio_actor_id id(uint64_t number)
{
    return (mio_actor_id){number};
}

static uint32_t count_of(const struct chat_watchers *watchers, const char *nick)
{
    uint32_t count;

    (void)chat_watchers_of(watchers, irc_span_of(nick), &count);
    return count;
}

static void each_watches_a_nick_once_however_it_is_spelled(void **state)
{
    struct chat_watchers watchers = {.key = {1, 2}};

    (void)state;
    assert_int_equal(chat_watchers_add(&watchers, S("Bob"), id(1)), 1);
    assert_int_equal(chat_watchers_add(&watchers, S("bOB"), id(1)), 0);
    assert_int_equal(chat_watchers_add(&watchers, S("bob"), id(2)), 1);
    assert_int_equal(count_of(&watchers, "BOB"), 2);
    assert_int_equal(count_of(&watchers, "bobby"), 0);
    assert_false(chat_watchers_remove(&watchers, S("bob"), id(3)));
    assert_true(chat_watchers_remove(&watchers, S("BOB"), id(1)));
    assert_false(chat_watchers_remove(&watchers, S("bob"), id(1)));
    assert_int_equal(count_of(&watchers, "bob"), 1);
    assert_true(chat_watchers_remove(&watchers, S("bob"), id(2)));
    assert_int_equal(count_of(&watchers, "bob"), 0);
    chat_watchers_deinit(&watchers);
}

static void many_watch_many_and_none_is_mistaken(void **state)
{
    enum { NICKS = 50, IDS = 40 };
    struct chat_watchers watchers = {.key = {3, 4}};
    static bool is_watched[NICKS][IDS];
    uint64_t seed = 5;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        size_t n = next_random(&seed) % NICKS;
        size_t k = next_random(&seed) % IDS;
        char nick[8];
        (void)snprintf(nick, sizeof(nick), "n%zu", n);
        if (next_random(&seed) % 2 == 0) {
            assert_int_equal(
                chat_watchers_add(&watchers, irc_span_of(nick), id(k + 1)),
                !is_watched[n][k]);
            is_watched[n][k] = true;
        } else {
            assert_int_equal(
                chat_watchers_remove(&watchers, irc_span_of(nick), id(k + 1)),
                is_watched[n][k]);
            is_watched[n][k] = false;
        }
        uint32_t count = 0;
        for (size_t j = 0; j < IDS; j++)
            count += is_watched[n][j];
        assert_int_equal(count_of(&watchers, nick), count);
    }
    chat_watchers_deinit(&watchers);
}

static void a_clients_list_holds_so_many_names(void **state)
{
    struct chat_monitor monitor = {0};

    (void)state;
    assert_false(chat_monitor_remove(&monitor, S("a")));
    assert_int_equal(chat_monitor_add(&monitor, S("a"), 2), 0);
    assert_int_equal(chat_monitor_add(&monitor, S("b"), 2), 0);
    assert_int_equal(chat_monitor_add(&monitor, S("A"), 2), 0);
    assert_int_equal(chat_monitor_add(&monitor, S("c"), 2), MIO_EFULL);
    assert_int_equal(monitor.count, 2);
    assert_true(chat_monitor_remove(&monitor, S("A")));
    assert_span(chat_monitor_nick(&monitor, 0), "b");
    assert_int_equal(chat_monitor_add(&monitor, S("c"), 2), 0);
    assert_span(chat_monitor_nick(&monitor, 1), "c");
    chat_monitor_deinit(&monitor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_watches_a_nick_once_however_it_is_spelled),
        cmocka_unit_test(many_watch_many_and_none_is_mistaken),
        cmocka_unit_test(a_clients_list_holds_so_many_names),
    };
    return cmocka_run_group_tests_name("chat/watchers", tests, NULL, NULL);
}
