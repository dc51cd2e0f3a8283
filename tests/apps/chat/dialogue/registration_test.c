/* SPDX-License-Identifier: MIT
 *
 * dialogue/registration_test.c - PASS, CAP, NICK, USER in any order, and what
 * comes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <sys/socket.h>

#include <cmocka.h>

#include "tests/apps/chat/dialogue/script.h"
#include "tests/apps/chat/live/harness/client.h"
#include "tests/apps/chat/live/harness/server.h"

static int setup(void **state)
{
    *state = server_start("--name", "irc.test", NULL);
    return 0;
}

static int teardown(void **state)
{
    server_stop_in_order(*state);
    return 0;
}

static void the_welcome_has_all_that_clients_wait_for(void **state)
{
    PLAY(*state, "a*", "a>USER u 0 * :Real", "a>NICK ann",
         "a<:irc.test 001 ann :Welcome * ann!~u@127.0.0.1",
         "a<:irc.test 002 ann *", "a<:irc.test 003 ann *",
         "a<:irc.test 004 ann irc.test * iow biklmnostv bklov",
         "a<:irc.test 005 ann NETWORK=* :are supported by this server",
         "a<:irc.test 005 ann *", "a<:irc.test 251 ann :There are 1 users *",
         "a<:irc.test 252 ann 0 *", "a<:irc.test 253 ann *",
         "a<:irc.test 254 ann 0 *", "a<:irc.test 255 ann *",
         "a<:irc.test 265 ann 1 *", "a<:irc.test 266 ann 1 *",
         "a<:irc.test 422 ann *", "a=");
}

static void the_first_words_of_irssi_lead_to_a_welcome(void **state)
{
    PLAY(*state, "a*", "a>CAP LS 302", "a<:irc.test CAP * LS :*multi-prefix*",
         "a>JOIN :",
         "a>CAP REQ :multi-prefix extended-join setname invite-notify "
         "away-notify chghost account-notify znc.in/self-message server-time",
         "a<:irc.test CAP * NAK :multi-prefix * server-time",
         "a>CAP REQ :multi-prefix server-time",
         "a<:irc.test CAP * ACK :multi-prefix server-time", "a>CAP END",
         "a>NICK ann", "a>USER root root 127.0.0.1 :root",
         "a<@time=* :irc.test 001 ann *");
}

static void registration_waits_for_the_end_of_cap(void **state)
{
    PLAY(*state, "a*", "a>CAP LS", "a~* LS :*", "a>NICK ann", "a>USER u 0 * :r",
         "a=", "a>CAP LIST", "a<:irc.test CAP ann LIST :", "a>CAP END",
         "a<* 001 ann *");
}

static void capabilities_come_and_go(void **state)
{
    PLAY(*state, "a+ann", "a>CAP REQ :batch echo-message",
         "a<* CAP ann ACK :batch echo-message", "a>CAP REQ :-batch",
         "a<* ACK :-batch", "a>CAP LIST", "a<* LIST :echo-message",
         "a>CAP REQ :batch nonsense", "a<* NAK :batch nonsense", "a>CAP LIST",
         "a<* LIST :echo-message", "a>CAP FOO", "a<:irc.test 410 ann FOO *",
         "a>CAP", "a<* 461 ann CAP *", "a=");
}

static void wrong_words_before_registration_are_told(void **state)
{
    PLAY(*state, "a*", "a>NICK", "a<:irc.test 431 * *", "a>NICK 1x",
         "a<:irc.test 432 * 1x *", "a>NICK a.b", "a<* 432 *", "a>USER x",
         "a<* 461 * USER *", "a>USER @! 0 * :r", "a<* 468 *",
         "a>USER u 0 * :", "a<* 461 *", "a>PRIVMSG b :x", "a<* 451 *", "a>FOO",
         "a<* 421 *", "a>PING x", "a<* PONG irc.test :x");
}

static void a_nick_is_taken_from_its_claim_to_the_last_change(void **state)
{
    PLAY(*state, "a*", "a>NICK ann", "a=", "b*", "b>NICK ANN",
         "b<* 433 * ANN *", "a>NICK eve", "a=", "b>NICK ann", "b>USER b 0 * :b",
         "b~* 422 ann *", "a>QUIT", "a<ERROR *", "a!", "c+eve", "b>NICK eve",
         "b<* 433 ann eve *", "c>NICK Eve", "c<:eve!~eve@127.0.0.1 NICK *Eve",
         "b>NICK ann2", "b<:ann!* NICK *ann2", "c>NICK ann",
         "c<:Eve!* NICK *ann", "b>NICK eve", "b<* NICK *eve", "b=");
}

static void who_says_too_much_too_early_is_sent_away(void **state)
{
    struct client *client = client_connect(*state);

    for (int i = 0; i < 33; i++)
        client_say(client, "PONG %d", i);
    (void)client_expect_next(client, "ERROR :*(Too much before registration)");
    client_expect_end(client);
    client_close(client);
}

static void after_registration_it_cannot_be_repeated(void **state)
{
    PLAY(*state, "a+ann", "a>USER a 0 * :b", "a<* 462 ann *", "a>PASS x",
         "a<* 462 ann *", "a=");
}

static void who_only_stops_talking_still_hears_the_answers(void **state)
{
    struct client *client = client_connect(*state);

    client_say(client, "NICK ann");
    client_say(client, "USER a 0 * :a");
    client_say(client, "JOIN #x,#y");
    client_say(client, "VERSION");
    assert_int_equal(shutdown(client->fd, SHUT_WR), 0);
    (void)client_expect(client, "* 366 ann #y *");
    (void)client_expect(client, "* 351 ann *");
    client_expect_end(client);
    client_close(client);
}

static void a_password_is_asked_for(void **state)
{
    struct server *server = server_start("--password", "open", NULL);

    (void)state;
    PLAY(server, "a*", "a>NICK ann", "a>USER a 0 * :a", "a<* 464 ann *",
         "a<ERROR *", "a!", "b*", "b>PASS wrong", "b>NICK ann",
         "b>USER a 0 * :a", "b<* 464 ann *", "b!", "c*", "c>PASS open",
         "c>NICK ann", "c>USER a 0 * :a", "c<* 001 ann *");
    server_stop_in_order(server);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(int argc, char **argv)
{
    server_set_command(argc, argv);
    const struct CMUnitTest tests[] = {
        TEST(the_welcome_has_all_that_clients_wait_for),
        TEST(the_first_words_of_irssi_lead_to_a_welcome),
        TEST(registration_waits_for_the_end_of_cap),
        TEST(capabilities_come_and_go),
        TEST(wrong_words_before_registration_are_told),
        TEST(a_nick_is_taken_from_its_claim_to_the_last_change),
        TEST(who_says_too_much_too_early_is_sent_away),
        TEST(after_registration_it_cannot_be_repeated),
        TEST(who_only_stops_talking_still_hears_the_answers),
        cmocka_unit_test(a_password_is_asked_for),
    };
    return cmocka_run_group_tests_name("chat/registration", tests, NULL, NULL);
}
