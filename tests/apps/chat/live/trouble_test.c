/* SPDX-License-Identifier: MIT
 *
 * live/trouble_test.c - crowds, silence, exhaustion and races. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/apps/chat/live/harness/client.h"
#include "tests/apps/chat/live/harness/server.h"

static struct server_stats stats;

static void a_client_that_never_reads_is_closed_and_nobody_else(void **state)
{
    (void)state;
    struct server *server = server_start("--no-flood-control", NULL);
    struct client *talker = client_join_server(server, "talker");
    struct client *reader = client_join_server(server, "reader");
    struct client *sleeper = client_join_server(server, "sleeper");
    int small = 4096;
    (void)setsockopt(sleeper->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    struct client *all[] = {talker, reader, sleeper};
    for (int i = 0; i < 3; i++) {
        client_say(all[i], "JOIN #loud");
        (void)client_expect(all[i], ":* 366 *");
    }
    char text[400];
    memset(text, 'z', sizeof text - 1);
    text[sizeof text - 1] = 0;
    /* Until the server has had enough of him: its own limit and what two
     * sockets' buffers hold, far below this many. */
    bool is_gone = false;
    for (int i = 0; i < 400 && !is_gone; i++) {
        for (int j = 0; j < 100; j++)
            client_say(talker, "PRIVMSG #loud :%d %s", i * 100 + j, text);
        if (client_hears(talker, ":sleeper!* QUIT *"))
            is_gone = true;
        char last[64];
        (void)snprintf(last, sizeof last, ":talker!* PRIVMSG #loud :%d *",
                       i * 100 + 99);
        (void)client_expect(reader, last);
    }
    assert_true(is_gone);
    client_close(talker);
    client_close(reader);
    client_close(sleeper);
    server_stop_in_order(server);
}

/* Whether the server let a new client in; if not, it closed the connection. */
static bool is_let_in(struct client *client, const char *nick)
{
    char lines[64];
    int size =
        snprintf(lines, sizeof lines, "NICK %s\r\nUSER a 0 * :a\r\n", nick);
    if (!client_try_send(client, lines, (size_t)size))
        return false;
    const char *line;
    while ((line = client_read(client)) != NULL)
        if (strstr(line, " 001 ") != NULL)
            return true;
    return false;
}

/* There is a place, or will be as soon as the server has noticed it. */
static struct client *get_in(struct server *server, const char *nick)
{
    for (int i = 0; i < 10000; i++) {
        struct client *client = client_connect(server);
        if (is_let_in(client, nick))
            return client;
        client_close(client);
    }
    fail_msg("no place for %s in 10,000 attempts", nick);
    return NULL;
}

static void ten_thousand_connections_meet_a_limit_of_fifty(void **state)
{
    (void)state;
    struct server *server = server_start("--max-connections", "50", NULL);
    struct client *inside[50];
    for (int i = 0; i < 50; i++) {
        char nick[32];
        (void)snprintf(nick, sizeof nick, "in%d", i);
        inside[i] = client_join_server(server, nick);
    }
    for (int i = 0; i < 10000; i++) {
        struct client *late = client_connect(server);
        (void)client_expect(late, "ERROR *");
        client_expect_end(late);
        client_close(late);
    }
    for (int i = 0; i < 50; i++)
        client_sync(inside[i], NULL);
    /* A place that is given up is given away. */
    client_say(inside[0], "QUIT");
    client_expect_end(inside[0]);
    client_close(inside[0]);
    struct client *next = get_in(server, "next");
    client_close(next);
    for (int i = 1; i < 50; i++)
        client_close(inside[i]);
    server_stop_in_order(server);
}

static void a_server_without_descriptors_goes_on(void **state)
{
    enum { FILES = 64, CROWD = 120 };
    (void)state;
    struct server *server = server_start_with_files(FILES, NULL);
    struct client *first = client_join_server(server, "first");
    struct client *crowd[CROWD];
    for (int i = 0; i < CROWD; i++)
        crowd[i] = client_connect(server);
    client_sync(first, NULL);
    /* It does not spin on what it cannot accept: while nothing happens, turns
     * stay few. Twenty round trips are the clock. */
    server_read_stats(server, &stats);
    uint64_t turns = server_stat_sum(&stats, "turns");
    for (int i = 0; i < 20; i++)
        client_sync(first, NULL);
    server_read_stats(server, &stats);
    turns = server_stat_sum(&stats, "turns") - turns;
    assert_true(turns < 2000);
    for (int i = 0; i < CROWD; i++)
        client_close(crowd[i]);
    struct client *later = get_in(server, "later");
    client_close(later);
    client_close(first);
    server_stop_in_order(server);
}

static void of_racing_claims_of_a_nick_exactly_one_wins(void **state)
{
    enum { RACERS = 8, RACES = 200 };
    (void)state;
    struct server *server = server_start("--no-flood-control", NULL);
    struct client *racers[RACERS];
    for (int i = 0; i < RACERS; i++) {
        char nick[32];
        (void)snprintf(nick, sizeof nick, "racer%d", i);
        racers[i] = client_join_server(server, nick);
    }
    for (int race = 0; race < RACES; race++) {
        for (int i = 0; i < RACERS; i++)
            client_say(racers[i], "NICK prize%d", race);
        int winners = 0;
        int losers = 0;
        for (int i = 0; i < RACERS; i++) {
            client_say(racers[i], "PING end");
            for (;;) {
                const char *line = client_read(racers[i]);
                assert_non_null(line);
                if (strstr(line, "PONG") != NULL)
                    break;
                winners += strstr(line, " NICK ") != NULL;
                losers += strstr(line, " 433 ") != NULL;
            }
        }
        assert_int_equal(winners, 1);
        assert_int_equal(losers, RACERS - 1);
    }
    for (int i = 0; i < RACERS; i++)
        client_close(racers[i]);
    server_stop_in_order(server);
}

static void all_members_see_one_order(void **state)
{
    enum { SENDERS = 4, WATCHERS = 6, MESSAGES = 300 };
    (void)state;
    struct server *server = server_start("--no-flood-control", NULL);
    struct client *senders[SENDERS];
    struct client *watchers[WATCHERS];
    static char first[SENDERS * MESSAGES][32];
    for (int i = 0; i < WATCHERS + SENDERS; i++) {
        char nick[32];
        (void)snprintf(nick, sizeof nick, "%c%d", i < WATCHERS ? 'w' : 's', i);
        struct client *client = client_join_server(server, nick);
        client_say(client, "JOIN #order");
        (void)client_expect(client, ":* 366 *");
        if (i < WATCHERS)
            watchers[i] = client;
        else
            senders[i - WATCHERS] = client;
    }
    for (int m = 0; m < MESSAGES; m++)
        for (int s = 0; s < SENDERS; s++)
            client_say(senders[s], "PRIVMSG #order :%d from %d", m, s);
    for (int w = 0; w < WATCHERS; w++) {
        int next[SENDERS] = {0};
        for (int n = 0; n < SENDERS * MESSAGES; n++) {
            const char *line = client_expect(watchers[w], "* PRIVMSG #order *");
            const char *text = strchr(line + 1, ':') + 1;
            int m = 0;
            int s = 0;
            assert_int_equal(sscanf(text, "%d from %d", &m, &s), 2);
            assert_int_equal(m, next[s]); /* none lost, none twice, in order */
            next[s]++;
            if (w == 0)
                (void)snprintf(first[n], sizeof first[n], "%s", text);
            else
                assert_string_equal(text, first[n]);
        }
    }
    for (int i = 0; i < WATCHERS; i++)
        client_close(watchers[i]);
    for (int i = 0; i < SENDERS; i++)
        client_close(senders[i]);
    server_stop_in_order(server);
}

static void peers_that_come_and_go_leave_nothing_behind(void **state)
{
    (void)state;
    struct server *server = server_start("--no-flood-control", NULL);
    for (int i = 0; i < 300; i++) {
        struct client *client = client_connect(server);
        client_register(client, "again");
        client_say(client, "JOIN #a,#b,#c");
        if (i % 3 == 0)
            client_vanish(client);
        else if (i % 3 == 1)
            client_close(client);
        else {
            client_say(client, "QUIT");
            client_expect_end(client);
            client_close(client);
        }
        /* Until the nick is free again, the old one is not gone. */
        struct client *watch = client_join_server(server, "watch");
        do {
            client_say(watch, "ISON again");
            (void)client_expect(watch, ":* 303 *");
        } while (strstr(watch->line, "again") != NULL);
        client_say(watch, "NAMES #a");
        client_sync(watch, "* 353 *again*");
        client_say(watch, "QUIT");
        client_expect_end(watch);
        client_close(watch);
        do {
            server_read_stats(server, &stats);
        } while (server_stat_sum(&stats, "connections") != 0);
    }
    server_stop_in_order(server);
}

int main(int argc, char **argv)
{
    server_set_command(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_that_never_reads_is_closed_and_nobody_else),
        cmocka_unit_test(ten_thousand_connections_meet_a_limit_of_fifty),
        cmocka_unit_test(a_server_without_descriptors_goes_on),
        cmocka_unit_test(of_racing_claims_of_a_nick_exactly_one_wins),
        cmocka_unit_test(all_members_see_one_order),
        cmocka_unit_test(peers_that_come_and_go_leave_nothing_behind),
    };
    return cmocka_run_group_tests_name("chat/trouble", tests, NULL, NULL);
}
