/* SPDX-License-Identifier: MIT
 *
 * live/causality_test.c - a PONG means that all that was said before is seen.
 *
 * Two clients take turns; the only clock is the PONG of the one and the
 * question of the other. No sleeps: if the promise did not hold, a stale
 * answer would be right in time to be seen. */
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

enum { PEERS = 6, ROUNDS = 1500 };

struct room {
    struct server *server;
    struct client *peers[PEERS]; /* some on every reactor, likely */
};

static int setup(void **state)
{
    struct room *room = calloc(1, sizeof *room);
    room->server = server_start("--no-flood-control", NULL);
    for (int i = 0; i < PEERS; i++) {
        char nick[32];
        (void)snprintf(nick, sizeof nick, "peer%d", i);
        room->peers[i] = client_join_server(room->server, nick);
        client_say(room->peers[i], "JOIN #room%d", i);
        (void)client_expect(room->peers[i], ":* 366 *");
    }
    *state = room;
    return 0;
}

static int teardown(void **state)
{
    struct room *room = *state;
    for (int i = 0; i < PEERS; i++)
        client_close(room->peers[i]);
    server_stop_in_order(room->server);
    free(room);
    return 0;
}

static void a_topic_is_seen_after_the_pong(void **state)
{
    struct room *room = *state;
    for (int round = 0; round < ROUNDS; round++) {
        int who = round % PEERS;
        struct client *one = room->peers[who];
        struct client *other = room->peers[(round * 7 + 1) % PEERS];
        char pattern[64];
        client_say(one, "TOPIC #room%d :turn %d", who, round);
        client_sync(one, NULL);
        client_say(other, "TOPIC #room%d", who);
        (void)client_expect(other, ":* 33[12] *");
        (void)snprintf(pattern, sizeof pattern, " #room%d :turn %d", who,
                       round);
        if (strstr(other->line, pattern) == NULL)
            fail_msg("round %d: stale answer: %s", round, other->line);
    }
}

static void a_nick_is_known_after_the_pong(void **state)
{
    struct room *room = *state;
    for (int round = 0; round < ROUNDS; round++) {
        struct client *one = room->peers[round % PEERS];
        struct client *other = room->peers[(round * 5 + 1) % PEERS];
        client_say(one, "NICK p%d_%d", round % PEERS, round);
        client_sync(one, NULL);
        client_say(other, "ISON p%d_%d", round % PEERS, round);
        char pattern[64];
        (void)snprintf(pattern, sizeof pattern, ":p%d_%d", round % PEERS,
                       round);
        (void)client_expect(other, ":* 303 *");
        if (strstr(other->line, pattern) == NULL)
            fail_msg("round %d: unknown nick: %s", round, other->line);
    }
}

static void a_message_is_there_after_the_pong(void **state)
{
    struct room *room = *state;
    for (int i = 1; i < PEERS; i++) {
        client_say(room->peers[i], "JOIN #room0");
        (void)client_expect(room->peers[i], ":* 366 *");
    }
    for (int round = 0; round < ROUNDS; round++) {
        struct client *one = room->peers[round % PEERS];
        struct client *other = room->peers[(round * 3 + 2) % PEERS];
        char pattern[64];
        if (one == other)
            continue;
        client_say(one, "PRIVMSG #room0 :word %d", round);
        client_sync(one, NULL);
        (void)snprintf(pattern, sizeof pattern, "* PRIVMSG #room0 :word %d",
                       round);
        if (!client_hears(other, pattern))
            fail_msg("round %d: the PONG overtook the message", round);
    }
}

static void a_part_is_seen_after_the_pong(void **state)
{
    struct room *room = *state;
    struct client *guest = room->peers[1];
    for (int round = 0; round < ROUNDS / 5; round++) {
        struct client *other = room->peers[2 + round % (PEERS - 2)];
        client_say(guest, "JOIN #room0");
        client_sync(guest, NULL);
        client_say(other, "NAMES #room0");
        (void)client_expect(other, ":* 353 *");
        assert_non_null(strstr(other->line, guest->nick));
        (void)client_expect(other, ":* 366 *");
        client_say(guest, "PART #room0");
        client_sync(guest, NULL);
        client_say(other, "NAMES #room0");
        (void)client_expect(other, ":* 353 *");
        assert_null(strstr(other->line, guest->nick));
        (void)client_expect(other, ":* 366 *");
    }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(int argc, char **argv)
{
    server_set_command(argc, argv);
    const struct CMUnitTest tests[] = {
        TEST(a_topic_is_seen_after_the_pong),
        TEST(a_nick_is_known_after_the_pong),
        TEST(a_message_is_there_after_the_pong),
        TEST(a_part_is_seen_after_the_pong),
    };
    return cmocka_run_group_tests_name("chat/causality", tests, NULL, NULL);
}
