/* SPDX-License-Identifier: MIT
 *
 * dialogue/monitor_test.c - MONITOR: who watches learns who comes and goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/apps/chat/dialogue/script.h"
#include "tests/apps/chat/live/harness/client.h"
#include "tests/apps/chat/live/harness/deadline.h"
#include "tests/apps/chat/live/harness/server.h"

static int setup(void **state)
{
    *state = server_start("--max-monitor", "3", "--no-flood-control", NULL);
    return 0;
}

static int teardown(void **state)
{
    server_stop_in_order(*state);
    return 0;
}

static void who_is_watched_is_told_at_once_and_at_each_change(void **state)
{
    PLAY(*state, "a+ann", "b+bob", "a>MONITOR + BOB,eve",
         "a<:* 730 ann :bob!~bob@127.0.0.1", "a<:* 731 ann :eve", "e+eve",
         "a<:* 730 [*] :eve!~eve@127.0.0.1", "b>NICK rob", "a<:* 731 [*] :bob",
         "b>NICK Bob", "a<:* 730 [*] :Bob!~bob@127.0.0.1", "b>NICK bob",
         "b~:Bob!* NICK *bob", "a=", "e>QUIT", "e!", "a<:* 731 [*] :eve", "b-",
         "a<:* 731 [*] :bob", "a=");
}

static void a_nick_without_its_user_is_nobody(void **state)
{
    PLAY(*state, "a+ann", "b*", "b>NICK bob", "b>PING x", "b<* PONG *",
         "a>MONITOR + bob", "a<:* 731 ann :bob", "b>USER b 0 * :b", "b~* 001 *",
         "a<:* 730 [*] :bob!~b@127.0.0.1", "a=", "c*", "c>NICK kim", "c>PING x",
         "c<* PONG *", "a>MONITOR + kim", "a<* 731 *", "c>QUIT", "c!", "a=");
}

static void who_is_no_longer_watched_is_not_told(void **state)
{
    PLAY(*state, "a+ann", "a>MONITOR + bob,eve,kim", "a<* 731 *", "a<* 731 *",
         "a<* 731 *", "a>MONITOR - BOB,nobody", "a=", "b+bob", "e+eve",
         "a<* 730 [*] :eve!*", "a>MONITOR C", "a=", "e-", "k+kim",
         "a=", "a>MONITOR L", "a<* 733 ann :End of MONITOR list", "a>MONITOR S",
         "a=");
}

static void lists_and_states_are_told(void **state)
{
    PLAY(*state, "a+ann", "b+bob", "a>MONITOR + bob,eve", "a<* 730 *",
         "a<* 731 *", "a>MONITOR L", "a<:* 732 ann :bob,eve", "a<* 733 *",
         "a>MONITOR S", "a<:* 730 ann :bob!*", "a<:* 731 ann :eve",
         "a=", "a>MONITOR + bob", "a<* 730 ann :bob!*", "a>MONITOR l",
         "a<:* 732 ann :bob,eve", "a<* 733 *", "a=");
}

static void the_list_has_an_end(void **state)
{
    PLAY(*state, "a+ann", "a>VERSION", "a~* 005 * MONITOR=3 *",
         "a>MONITOR + n1,n2,n3,n4", "a~* 731 ann :n1", "a<* 731 ann :n2",
         "a<* 731 ann :n3", "a<:* 734 ann 3 n4 :Monitor list is full.",
         "a>MONITOR - n2", "a>MONITOR + n4", "a<* 731 ann :n4",
         "a>MONITOR + n3", "a<* 731 ann :n3", "a>MONITOR L",
         "a<* 732 ann :n1,n3,n4", "a<* 733 *");
}

static void nonsense_is_answered(void **state)
{
    PLAY(*state, "a+ann", "a>MONITOR", "a<* 461 ann MONITOR *", "a>MONITOR +",
         "a<* 461 *", "a>MONITOR x y", "a<* 461 *", "a>MONITOR + 1x,,",
         "a<* 731 ann :1x", "a>MONITOR L", "a<* 733 *", "a=");
}

/* Until the server's counter says so. */
static void await_watches(struct server *server, uint64_t count)
{
    static struct server_stats stats;
    int64_t deadline = deadline_in_ms(DEADLINE_MS);

    do {
        assert_true(deadline_left_ms(deadline) > 0);
        server_read_stats(server, &stats);
    } while (server_stat_sum(&stats, "watches") != count);
}

static void who_leaves_watches_nobody(void **state)
{
    struct client *bob = client_join_server(*state, "bob");

    for (int i = 0; i < 3; i++) {
        struct client *ann = client_join_server(*state, "ann");
        client_say(ann, "MONITOR + bob,eve");
        (void)client_expect(ann, "* 731 ann :eve");
        await_watches(*state, 2);
        if (i == 0)
            client_say(ann, "QUIT");
        if (i == 1)
            client_vanish(ann);
        else
            client_close(ann);
        await_watches(*state, 0);
        ann = client_join_server(*state, "ann");
        client_say(bob, "NICK eve");
        (void)client_expect(bob, ":bob!* NICK *");
        client_say(bob, "NICK bob");
        (void)client_expect(bob, ":eve!* NICK *");
        client_sync(ann, "* 73? *");
        client_say(ann, "QUIT");
        client_expect_end(ann);
        client_close(ann);
    }
    client_close(bob);
}

/* Whoever watches sees coming and going in turns, on any reactor. */
static void coming_and_going_is_told_in_order(void **state)
{
    struct client *watchers[4];
    struct client *bob = client_join_server(*state, "bob");

    for (int i = 0; i < 4; i++) {
        char nick[8];
        (void)snprintf(nick, sizeof(nick), "w%d", i);
        watchers[i] = client_join_server(*state, nick);
        client_say(watchers[i], "MONITOR + bob,rob");
        (void)client_expect(watchers[i], "* 731 * :rob");
    }
    for (int round = 0; round < 50; round++) {
        client_say(bob, "NICK rob");
        client_say(bob, "NICK bob");
    }
    client_sync(bob, NULL);
    for (int i = 0; i < 4; i++) {
        int there[2] = {1, 0};
        client_say(watchers[i], "PING end");
        for (int told = 0; told < 200;) {
            unsigned number;
            char who;
            const char *line = client_read(watchers[i]);
            assert_non_null(line);
            if (sscanf(line, ":%*s %u * :%cob", &number, &who) != 2)
                continue; /* the PONG */
            int *is_there = &there[who == 'r'];
            assert_int_equal(*is_there, number == 731);
            *is_there = number == 730;
            told++;
        }
        assert_true(there[0] == 1 && there[1] == 0);
        client_close(watchers[i]);
    }
    client_close(bob);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(int argc, char **argv)
{
    server_set_command(argc, argv);
    const struct CMUnitTest tests[] = {
        TEST(who_is_watched_is_told_at_once_and_at_each_change),
        TEST(a_nick_without_its_user_is_nobody),
        TEST(who_is_no_longer_watched_is_not_told),
        TEST(lists_and_states_are_told),
        TEST(the_list_has_an_end),
        TEST(nonsense_is_answered),
        TEST(who_leaves_watches_nobody),
        TEST(coming_and_going_is_told_in_order),
    };
    return cmocka_run_group_tests_name("chat/monitor", tests, NULL, NULL);
}
