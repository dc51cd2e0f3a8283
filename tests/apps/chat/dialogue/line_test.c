/* SPDX-License-Identifier: MIT
 *
 * dialogue/line_test.c - people with nothing but nc, and the others in their
 * room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sys/socket.h>

#include <cmocka.h>

#include "tests/apps/chat/live/harness/client.h"
#include "tests/apps/chat/live/harness/deadline.h"
#include "tests/apps/chat/live/harness/server.h"

#define LINE "--line", "127.0.0.1:0"

/* What client_connect needs of the server whose line port it is. */
static struct server line_port;

static struct client *line_connect(struct server *server)
{
    static const char text[] = "line listening on 127.0.0.1:";
    unsigned port = 0;
    size_t at = server_await(server, 0, text);

    assert_int_equal(
        sscanf(server->output + at + sizeof(text) - 1, "%u", &port), 1);
    line_port.port = (uint16_t)port;
    return client_connect(&line_port);
}

/* In the room, everything read. */
static struct client *line_enter(struct server *server, const char *name)
{
    struct client *client = line_connect(server);

    (void)snprintf(client->nick, sizeof(client->nick), "%s", name);
    (void)client_expect_next(client, "[*] This is * What is your name[?]");
    client_say(client, "%s", name);
    (void)client_expect_next(client, "[*] Hello, *");
    (void)client_expect_next(client, "[*] You are in #*");
    (void)client_expect_next(client, "[*] Here: *");
    return client;
}

static struct client *irc_enter(struct server *server, const char *nick)
{
    struct client *client = client_join_server(server, nick);

    client_say(client, "JOIN #lobby");
    (void)client_expect(client, "* 366 *");
    return client;
}

static void both_front_ends_talk_in_one_room(void **state)
{
    struct server *server = server_start(LINE, NULL);
    struct client *bob = irc_enter(server, "bob");
    struct client *ann = line_enter(server, "ann");
    struct client *eve = line_enter(server, "eve");

    (void)state;
    (void)client_expect_next(bob, ":ann!~nc@127.0.0.1 JOIN #lobby");
    (void)client_expect_next(bob, ":eve!~nc@127.0.0.1 JOIN #lobby");
    (void)client_expect_next(ann, "[*] eve has joined");

    client_say(ann, "hello, you two");
    (void)client_expect_next(bob, ":ann!* PRIVMSG #lobby :hello, you two");
    (void)client_expect_next(eve, "<ann> hello, you two");
    client_say(bob, "PRIVMSG #lobby :hello, ann");
    (void)client_expect_next(ann, "<bob> hello, ann");
    (void)client_expect_next(eve, "<bob> hello, ann");

    client_say(bob, "TOPIC #lobby :tea");
    (void)client_expect_next(ann, "[*] bob changed the topic to: tea");
    client_say(bob, "MODE #lobby +v ann");
    (void)client_expect_next(ann, "[*] bob sets mode +v ann");
    client_say(bob, "NICK rob");
    (void)client_expect_next(ann, "[*] bob is now known as rob");
    client_say(bob, "PRIVMSG ann :only you");
    (void)client_expect_next(ann, "(to you) <rob> only you");
    client_say(bob, "PART #lobby :later");
    (void)client_expect_next(ann, "[*] rob has left (later)");
    client_say(bob, "QUIT");
    client_close(eve);
    (void)client_expect_next(ann, "[*] eve has quit (*)");
    client_close(ann);
    client_close(bob);
    server_stop_in_order(server);
}

static void names_are_asked_for_until_one_is_good(void **state)
{
    struct server *server = server_start(LINE, "--nick-length", "8", NULL);
    struct client *bob = client_join_server(server, "bob");
    struct client *ann = line_connect(server);

    (void)state;
    (void)client_expect_next(ann, "[*] This is *");
    client_say(ann, "Bob");
    (void)client_expect_next(ann, "[*] Somebody is called Bob already: *");
    client_say(ann, "1st");
    (void)client_expect_next(ann, "[*] No name can be 1st: *");
    client_say(ann, "ann smith");
    (void)client_expect_next(ann, "[*] No name can be ann: *");
    client_say(ann, "annabella");
    (void)client_expect_next(ann, "[*] No name can be annabella: *");
    client_say(ann, " ");
    (void)client_expect_next(ann, "[*] No nickname given");
    client_say(ann, "ann ");
    (void)client_expect_next(ann, "[*] Hello, ann");
    (void)client_expect_next(ann, "[*] You are in #lobby. *");
    client_sync(bob, "* PRIVMSG *");
    client_close(ann);
    client_close(bob);
    server_stop_in_order(server);
}

static void who_finds_no_name_is_sent_away_in_the_end(void **state)
{
    struct server *server =
        server_start(LINE, "--registration-lines", "4", NULL);
    struct client *ann = line_connect(server);

    (void)state;
    for (int i = 0; i < 5; i++)
        client_say(ann, "%d", i);
    (void)client_expect(ann, "[*] No name can be 3: *");
    (void)client_expect_next(ann, "[*] *(Too much before registration)");
    client_expect_end(ann);
    client_close(ann);
    server_stop_in_order(server);
}

static void slash_commands_do_what_help_says(void **state)
{
    struct server *server = server_start(LINE, "--no-flood-control", NULL);
    struct client *ann = line_enter(server, "ann");
    struct client *bob = irc_enter(server, "bob");

    (void)state;
    (void)client_expect_next(ann, "[*] bob has joined");
    client_say(ann, "/help");
    (void)client_expect_next(ann, "[*] What is typed *");
    (void)client_expect(ann, "[*] /quit *");
    client_say(ann, "/who");
    (void)client_expect_next(ann, "[*] Here: @ann bob");
    client_say(ann, "/me waves");
    (void)client_expect_next(bob,
                             ":ann!* PRIVMSG #lobby :\001ACTION waves\001");
    client_say(ann, "/msg bob psst, you");
    (void)client_expect_next(bob, ":ann!* PRIVMSG bob :psst, you");
    client_say(ann, "/msg nobody hello");
    (void)client_expect_next(ann, "[*] nobody: No such nick/channel");
    client_say(ann, "/topic tea");
    (void)client_expect_next(ann, "[*] ann changed the topic to: tea");
    (void)client_expect_next(bob, ":ann!* TOPIC #lobby :tea");
    client_say(ann, "/nick anna");
    (void)client_expect_next(ann, "[*] You are now known as anna");
    (void)client_expect_next(bob, ":ann!* NICK *anna");
    client_say(ann, "/nick bob");
    (void)client_expect_next(ann, "[*] Somebody is called bob already: *");
    client_say(ann, "/privmsg bob :x");
    (void)client_expect_next(ann, "[*] There is no /privmsg; *");
    client_say(ann, "//nick");
    (void)client_expect_next(bob, ":anna!* PRIVMSG #lobby :/nick");
    client_say(ann, "/quit so long");
    (void)client_expect_next(ann, "[*] *(Quit: so long)");
    client_expect_end(ann);
    (void)client_expect_next(bob, ":anna!* QUIT :Quit: so long");
    client_close(ann);
    client_close(bob);
    server_stop_in_order(server);
}

static void who_was_kicked_comes_back(void **state)
{
    struct server *server = server_start(LINE, NULL);
    struct client *bob = irc_enter(server, "bob");
    struct client *ann = line_enter(server, "ann");

    (void)state;
    client_say(bob, "KICK #lobby ann :enough");
    (void)client_expect_next(ann, "[*] You were kicked by bob (enough); *");
    client_say(ann, "what?");
    (void)client_expect_next(ann, "[*] #lobby: Cannot send to channel");
    client_say(ann, "/join");
    (void)client_expect_next(ann, "[*] You are in #lobby. *");
    (void)client_expect_next(ann, "[*] Here: *");
    client_say(bob, "MODE #lobby +b ann!*@*");
    (void)client_expect_next(ann, "[*] bob sets mode +b ann!?@?");
    client_close(ann);
    client_close(bob);
    server_stop_in_order(server);
}

static void a_closed_room_is_said_and_the_rest_works(void **state)
{
    struct server *server = server_start(LINE, NULL);
    struct client *bob = irc_enter(server, "bob");
    struct client *ann = line_connect(server);

    (void)state;
    client_say(bob, "MODE #lobby +i");
    (void)client_expect(bob, "* MODE #lobby +i");
    client_say(ann, "ann");
    (void)client_expect(ann, "[*] #lobby: Cannot join channel (+i)");
    client_say(ann, "/msg bob let me in");
    (void)client_expect_next(bob, ":ann!* PRIVMSG bob :let me in");
    client_say(bob, "INVITE ann #lobby");
    (void)client_expect_next(ann, "[*] bob invites you to #lobby");
    client_say(ann, "/join");
    (void)client_expect_next(ann, "[*] You are in #lobby. *");
    client_close(ann);
    client_close(bob);
    server_stop_in_order(server);
}

/* As `printf 'ann\nhello\n' | nc` does. */
static void all_that_was_typed_at_once_is_done_in_order(void **state)
{
    static const char typed[] = "bob\nann\nhello\n/me goes\n";
    struct server *server = server_start(LINE, NULL);
    struct client *bob = irc_enter(server, "bob");
    struct client *ann = line_connect(server);

    (void)state;
    client_send(ann, typed, sizeof(typed) - 1);
    assert_int_equal(shutdown(ann->fd, SHUT_WR), 0);
    (void)client_expect_next(bob, ":ann!* JOIN #lobby");
    (void)client_expect_next(bob, ":ann!* PRIVMSG #lobby :hello");
    (void)client_expect_next(bob, ":ann!* PRIVMSG #lobby :?ACTION goes?");
    (void)client_expect_next(bob, ":ann!* QUIT :*");
    (void)client_expect(ann, "[*] You are in #lobby. *");
    client_expect_end(ann);
    client_close(ann);
    client_close(bob);
    server_stop_in_order(server);
}

static void long_and_broken_lines_are_told(void **state)
{
    struct server *server = server_start(LINE, NULL);
    struct client *ann = line_enter(server, "ann");
    char text[600];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    client_say(ann, "%s", text);
    (void)client_expect_next(ann, "[*] Input line was too long");
    client_say(ann, "caf\xE9");
    (void)client_expect_next(ann, "[*] Message rejected, *UTF-8");
    client_say(ann, "/who");
    (void)client_expect_next(ann, "[*] Here: @ann");
    client_close(ann);
    server_stop_in_order(server);
}

static void the_password_comes_behind_the_name(void **state)
{
    struct server *server = server_start(LINE, "--password", "let me", NULL);
    struct client *ann = line_connect(server);
    struct client *eve = line_connect(server);

    (void)state;
    (void)client_expect_next(ann, "[*] * Your name and the password, please.");
    client_say(ann, "ann let me");
    (void)client_expect_next(ann, "[*] Hello, ann");
    (void)client_expect(ann, "[*] You are in #lobby. *");
    client_say(eve, "eve letme");
    (void)client_expect(eve, "[*] Password incorrect");
    client_expect_end(eve);
    client_close(ann);
    client_close(eve);
    server_stop_in_order(server);
}

static void another_room_may_be_chosen(void **state)
{
    struct server *server =
        server_start(LINE, "--line-room", "#tea", "--network", "Pot", NULL);
    struct client *ann = line_connect(server);

    (void)state;
    (void)client_expect_next(ann, "[*] This is Pot. *");
    client_say(ann, "ann");
    (void)client_expect(ann, "[*] You are in #tea. *");
    client_close(ann);
    server_stop_in_order(server);
}

/* Is there a socket of that port which the system asks for its peer? The
 * second of the numbers with a ':' is which timer runs: 2 is keepalive. */
static bool has_keepalive(unsigned wanted)
{
    FILE *file = fopen("/proc/net/tcp", "r");
    char line[512];
    bool found = false;

    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        unsigned port, state, timer;
        if (sscanf(line, " %*u: %*8X:%4X %*8X:%*4X %2X %*8X:%*8X %2X", &port,
                   &state, &timer) == 3 &&
            port == wanted && state == 1 && timer == 2)
            found = true;
    }
    (void)fclose(file);
    return found;
}

static void silence_is_the_business_of_the_system(void **state)
{
    struct server *server =
        server_start(LINE, "--ping-seconds", "1", "--answer-seconds", "1",
                     "--registration-seconds", "3", NULL);
    struct client *ann = line_enter(server, "ann");
    struct client *bob;

    (void)state;
    int64_t deadline = deadline_in_ms(DEADLINE_MS);
    while (!has_keepalive(line_port.port))
        assert_true(deadline_left_ms(deadline) > 0);
    /* Longer than registration may take, and than anybody may be silent then
     * who is asked by PING. */
    for (int i = 0; i < 3; i++) {
        bob = client_join_server(server, "bob");
        (void)client_expect(bob, "ERROR *(Ping timeout: 2 seconds)");
        client_expect_end(bob);
        client_close(bob);
    }
    client_say(ann, "/who");
    (void)client_expect_next(ann, "[*] Here: @ann");
    client_close(ann);
    server_stop_in_order(server);
}

static void who_says_no_name_in_time_is_sent_away(void **state)
{
    struct server *server =
        server_start(LINE, "--registration-seconds", "1", NULL);
    struct client *ann = line_connect(server);

    (void)state;
    (void)client_expect(ann, "[*] *(Registration timed out)");
    client_expect_end(ann);
    client_close(ann);
    server_stop_in_order(server);
}

static void the_full_server_says_so_in_words(void **state)
{
    struct server *server = server_start(LINE, "--max-connections", "1", NULL);
    struct client *ann = line_enter(server, "ann");
    struct client *eve = line_connect(server);

    (void)state;
    (void)client_expect_next(eve, "The server is full.");
    client_expect_end(eve);
    client_close(eve);
    client_close(ann);
    server_stop_in_order(server);
}

int main(int argc, char **argv)
{
    server_set_command(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_front_ends_talk_in_one_room),
        cmocka_unit_test(names_are_asked_for_until_one_is_good),
        cmocka_unit_test(who_finds_no_name_is_sent_away_in_the_end),
        cmocka_unit_test(slash_commands_do_what_help_says),
        cmocka_unit_test(who_was_kicked_comes_back),
        cmocka_unit_test(a_closed_room_is_said_and_the_rest_works),
        cmocka_unit_test(all_that_was_typed_at_once_is_done_in_order),
        cmocka_unit_test(long_and_broken_lines_are_told),
        cmocka_unit_test(the_password_comes_behind_the_name),
        cmocka_unit_test(another_room_may_be_chosen),
        cmocka_unit_test(silence_is_the_business_of_the_system),
        cmocka_unit_test(who_says_no_name_in_time_is_sent_away),
        cmocka_unit_test(the_full_server_says_so_in_words),
    };
    return cmocka_run_group_tests_name("chat/line", tests, NULL, NULL);
}
