/* SPDX-License-Identifier: MIT
 *
 * live/conversation_test.c - people talk, wherever their connections live. */
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

struct pair {
    struct server *server;
    struct client *alice;
    struct client *bob;
};

static struct server_stats stats; /* a megabyte: not for the stack */

/* The one reactor whose connections grew by one since `before`. */
static uint32_t home_of_newest(struct server *server, uint64_t *before)
{
    uint32_t home = UINT32_MAX;
    server_read_stats(server, &stats);
    for (uint32_t i = 0; i < server->reactors_count; i++) {
        uint64_t now = server_stat(&stats, i, "connections");
        if (now > before[i])
            home = i;
        before[i] = now;
    }
    assert_true(home != UINT32_MAX);
    return home;
}

/* Connect bob again and again until he lives on another reactor than alice
 * (with one reactor, at once). */
static void connect_apart(struct pair *pair)
{
    uint64_t before[SERVER_REACTORS_MAX] = {0};
    pair->alice = client_join_server(pair->server, "alice");
    uint32_t home = home_of_newest(pair->server, before);
    for (int i = 0; i < 200; i++) {
        char nick[32];
        (void)snprintf(nick, sizeof nick, "bob%d", i);
        pair->bob = client_join_server(pair->server, nick);
        uint32_t other = home_of_newest(pair->server, before);
        if (other != home || pair->server->reactors_count == 1) {
            client_say(pair->bob, "NICK bob");
            (void)client_expect(pair->bob, ":bob*!* NICK *bob");
            (void)snprintf(pair->bob->nick, sizeof pair->bob->nick, "bob");
            return;
        }
        client_say(pair->bob, "QUIT");
        client_expect_end(pair->bob);
        client_close(pair->bob);
        /* Leave the count as it was before him. */
        do {
            server_read_stats(pair->server, &stats);
        } while (server_stat(&stats, other, "connections") >= before[other]);
        before[other] = server_stat(&stats, other, "connections");
    }
    fail_msg("200 connections, all on reactor %u", (unsigned)home);
}

static int setup(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);
    pair->server = server_start("--no-flood-control", NULL);
    connect_apart(pair);
    *state = pair;
    return 0;
}

static int teardown(void **state)
{
    struct pair *pair = *state;
    client_close(pair->alice);
    client_close(pair->bob);
    server_stop_in_order(pair->server);
    free(pair);
    return 0;
}

static void both_join(struct pair *pair)
{
    client_say(pair->alice, "JOIN #tea");
    (void)client_expect(pair->alice, ":alice!* JOIN *#tea");
    (void)client_expect(pair->alice, ":* 366 alice #tea *");
    client_say(pair->bob, "JOIN #tea");
    (void)client_expect(pair->bob, ":bob!* JOIN *#tea");
    (void)client_expect(pair->bob, ":* 366 bob #tea *");
    (void)client_expect(pair->alice, ":bob!* JOIN *#tea");
}

static void members_see_each_others_doings(void **state)
{
    struct pair *pair = *state;
    both_join(pair);
    client_say(pair->alice, "PRIVMSG #tea :milk first?");
    (void)client_expect(pair->bob, ":alice!* PRIVMSG #tea :milk first?");
    client_say(pair->alice, "TOPIC #tea :how to pour");
    (void)client_expect(pair->bob, ":alice!* TOPIC #tea :how to pour");
    client_say(pair->bob, "NICK robert");
    (void)client_expect(pair->alice, ":bob!* NICK *robert");
    client_say(pair->bob, "PRIVMSG alice :between us");
    (void)client_expect(pair->alice, ":robert!* PRIVMSG alice :between us");
    client_say(pair->bob, "PART #tea :enough");
    (void)client_expect(pair->alice, ":robert!* PART #tea :enough");
    client_say(pair->bob, "JOIN #tea");
    (void)client_expect(pair->alice, ":robert!* JOIN *#tea");
    client_say(pair->bob, "QUIT :bye");
    (void)client_expect(pair->alice, ":robert!* QUIT :*bye*");
}

static void a_vanished_member_quits(void **state)
{
    struct pair *pair = *state;
    both_join(pair);
    client_send(pair->bob, "PRIVMSG #tea :half a li", 23);
    client_vanish(pair->bob);
    (void)client_expect(pair->alice, ":bob!* QUIT *");
    pair->bob = client_join_server(pair->server, "bob"); /* the nick is free */
}

static void messages_cross_reactors(void **state)
{
    struct pair *pair = *state;
    both_join(pair);
    server_read_stats(pair->server, &stats);
    uint64_t before = server_stat_sum(&stats, "received");
    for (int i = 0; i < 100; i++) {
        client_say(pair->alice, "PRIVMSG #tea :cup %d", i);
        (void)client_expect(pair->bob, ":alice!* PRIVMSG #tea :cup *");
    }
    server_read_stats(pair->server, &stats);
    uint64_t crossed = server_stat_sum(&stats, "received") - before;
    if (pair->server->reactors_count == 1)
        assert_int_equal(crossed, 0);
    else
        /* Alice and bob live apart: each cup came to him from elsewhere. */
        assert_true(crossed >= 100);
}

static void a_broadcast_crosses_once_per_reactor(void **state)
{
    enum { GUESTS = 40, MESSAGES = 50 };
    struct pair *pair = *state;
    struct client *guests[GUESTS];
    both_join(pair);
    for (int i = 0; i < GUESTS; i++) {
        char nick[32];
        (void)snprintf(nick, sizeof nick, "guest%d", i);
        guests[i] = client_join_server(pair->server, nick);
        client_say(guests[i], "JOIN #tea");
        (void)client_expect(guests[i], ":* 366 *");
    }
    server_read_stats(pair->server, &stats);
    uint64_t posts = server_stat_sum(&stats, "posts");
    uint64_t deliveries = server_stat_sum(&stats, "deliveries");
    for (int i = 0; i < MESSAGES; i++)
        client_say(pair->alice, "PRIVMSG #tea :to all %d", i);
    for (int i = 0; i < GUESTS; i++)
        (void)client_expect(guests[i], ":alice!* PRIVMSG #tea :to all 49");
    server_read_stats(pair->server, &stats);
    posts = server_stat_sum(&stats, "posts") - posts;
    deliveries = server_stat_sum(&stats, "deliveries") - deliveries;
    assert_int_equal(deliveries, MESSAGES * (GUESTS + 1));
    assert_true(posts >= MESSAGES);
    assert_true(posts <= (uint64_t)MESSAGES * pair->server->reactors_count);
    for (int i = 0; i < GUESTS; i++)
        client_close(guests[i]);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(int argc, char **argv)
{
    server_set_command(argc, argv);
    const struct CMUnitTest tests[] = {
        TEST(members_see_each_others_doings),
        TEST(a_vanished_member_quits),
        TEST(messages_cross_reactors),
        TEST(a_broadcast_crosses_once_per_reactor),
    };
    return cmocka_run_group_tests_name("chat/conversation", tests, NULL, NULL);
}
