/* SPDX-License-Identifier: MIT
 *
 * live/allocation_test.c - a delivered message costs no allocation.
 *
 * jemalloc counts, per thread, every byte it ever gave out; the server prints
 * that count for each reactor. First the count must move when it has to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/apps/chat/live/harness/client.h"
#include "tests/apps/chat/live/harness/server.h"

enum { MEMBERS = 30, MESSAGES = 3000, ROUNDS_MAX = 30 };

static struct server_stats stats;

static uint64_t allocated(struct server *server)
{
    server_read_stats(server, &stats);
    return server_stat_sum(&stats, "allocated");
}

/* Everybody says something in turn and everybody hears all of it. */
static void talk(struct client **members, int count, const char *word)
{
    for (int i = 0; i < count; i += MEMBERS) {
        for (int j = 0; j < MEMBERS; j++)
            client_say(members[j], "PRIVMSG #flat :%s %d", word, i + j);
        for (int j = 0; j < MEMBERS; j++)
            client_sync(members[j], NULL);
    }
}

/* What a whole round of talk allocated; it must have been delivered. */
static uint64_t cost_of_a_round(struct server *server, struct client **members)
{
    uint64_t before = allocated(server);
    uint64_t deliveries = server_stat_sum(&stats, "deliveries");
    talk(members, MESSAGES, "measured");
    uint64_t cost = allocated(server) - before;
    deliveries = server_stat_sum(&stats, "deliveries") - deliveries;
    assert_true(deliveries >= (uint64_t)MESSAGES * (MEMBERS - 1));
    return cost;
}

static void a_delivered_message_allocates_nothing(void **state)
{
    (void)state;
    struct server *server = server_start("--no-flood-control", NULL);
    struct client *members[MEMBERS];
    uint64_t before = allocated(server);
    for (int i = 0; i < MEMBERS; i++) {
        char nick[32];
        (void)snprintf(nick, sizeof nick, "member%d", i);
        members[i] = client_join_server(server, nick);
        client_say(members[i], "JOIN #flat");
        (void)client_expect(members[i], ":* 366 *");
    }
    /* The counter sees a malloc: connections are made of them. */
    assert_true(allocated(server) > before);

    /* Warm is when the pools have seen their high-water marks, and how high
     * these are is the scheduler's business. One round without a byte is the
     * proof; a server that allocates for each message never has one. */
    int rounds = 0;
    while (cost_of_a_round(server, members) != 0)
        assert_true(++rounds < ROUNDS_MAX);
    for (int i = 0; i < MEMBERS; i++)
        client_close(members[i]);
    server_stop_in_order(server);
}

int main(int argc, char **argv)
{
    server_set_command(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delivered_message_allocates_nothing),
    };
    return cmocka_run_group_tests_name("chat/allocation", tests, NULL, NULL);
}
