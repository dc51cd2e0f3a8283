/* SPDX-License-Identifier: MIT
 *
 * dialogue/commands_test.c - each command of a registered client: its answer
 * and its errors, line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <unistd.h>

#include <cmocka.h>

#include "tests/apps/chat/dialogue/script.h"
#include "tests/apps/chat/live/harness/client.h"
#include "tests/apps/chat/live/harness/server.h"

static int setup(void **state)
{
    *state = server_start("--name", "irc.test", "--network", "Net", "--oper",
                          "root:toor", "--no-flood-control", NULL);
    return 0;
}

static int teardown(void **state)
{
    server_stop_in_order(*state);
    return 0;
}

static void talk_reaches_channels_and_people(void **state)
{
    PLAY(*state, "a+ann", "b+bob", "a>JOIN #x", "a~* 366 *", "b>JOIN #x",
         "b~* 366 *", "a<:bob!~bob@127.0.0.1 JOIN #x", "b>PRIVMSG #x :hi all",
         "b=", "a<:bob!~bob@127.0.0.1 PRIVMSG #x :hi all",
         "a=", "b>NOTICE ann :psst",
         "b=", "a<:bob!~bob@127.0.0.1 NOTICE ann :psst",
         "a=", "b>PRIVMSG ann,#x,ann :thrice", "b=", "a<* PRIVMSG ann :thrice",
         "a<* PRIVMSG #x :thrice", "a<* PRIVMSG ann :thrice",
         "a=", "b>PRIVMSG @#x :for operators",
         "b=", "a<* PRIVMSG @#x :for operators", "a>PRIVMSG @#x :alone",
         "a=", "b=", "b>PRIVMSG bob :myself", "b<:bob!* PRIVMSG bob :myself",
         "b=");
}

static void talk_that_reaches_nobody_is_told_but_for_notices(void **state)
{
    PLAY(*state, "a+ann", "a>PRIVMSG", "a<* 411 ann :*(PRIVMSG)",
         "a>PRIVMSG bob", "a<* 412 ann *", "a>PRIVMSG bob :", "a<* 412 ann *",
         "a>PRIVMSG bob :x", "a<* 401 ann bob *", "a>PRIVMSG #no :x",
         "a<* 403 ann #no *", "a>PRIVMSG 9x :x", "a<* 401 ann 9x *",
         "a>PRIVMSG a,b,c,d,e,f,g,h,i :x", "a<* 407 ann i *", "a>NOTICE",
         "a>NOTICE bob", "a>NOTICE bob :x", "a>NOTICE #no :x",
         "a=", "a>TAGMSG #no", "a<* 421 ann TAGMSG *", "a=");
}

static void joining_and_parting_take_lists(void **state)
{
    PLAY(*state, "a+ann", "a>JOIN #a,#b", "a<:ann!* JOIN #a",
         "a<* 353 ann = #a :@ann", "a<* 366 ann #a *", "a<:ann!* JOIN #b",
         "a<* 353 *", "a<* 366 *", "a>JOIN #a", "a=", "a>JOIN foo,#,,#c",
         "a<* 403 ann foo *", "a<* 476 ann # *", "a<:ann!* JOIN #c",
         "a~* 366 *", "a>PART #a,#no,#b :bye", "a<:ann!* PART #a :bye",
         "a<* 403 ann #no *", "a<:ann!* PART #b :bye", "a>PART #c",
         "a<:ann!* PART #c", "a>PART #c", "a<* 403 ann #c *", "a>JOIN",
         "a<* 461 ann JOIN *", "a>PART", "a<* 461 ann PART *",
         "a>JOIN #a,#b,#c", "a~* 366 ann #c *", "a>JOIN 0", "a<* PART *",
         "a<* PART *", "a<* PART *", "a=");
}

static void a_client_is_in_a_hundred_channels_at_most(void **state)
{
    struct client *client = client_join_server(*state, "ann");

    for (int i = 0; i < 100; i++)
        client_say(client, "JOIN #%d", i);
    (void)client_expect(client, ":* 366 ann #99 *");
    client_say(client, "JOIN #one-more");
    (void)client_expect_next(client, ":* 405 ann #one-more *");
    client_say(client, "PART #0");
    (void)client_expect_next(client, ":ann!* PART #0");
    client_say(client, "JOIN #one-more");
    (void)client_expect_next(client, ":ann!* JOIN #one-more");
    client_close(client);
}

static void a_long_list_has_every_channel_once(void **state)
{
    /* 40 KB: several pieces from each directory. */
    struct client *client = client_join_server(*state, "ann");
    char topic[301];
    bool seen[100] = {false};

    for (size_t i = 0; i < sizeof(topic); i++)
        topic[i] = i + 1 < sizeof(topic) ? 't' : 0;
    for (int i = 0; i < 100; i++) {
        client_say(client, "JOIN #%d", i);
        client_say(client, "TOPIC #%d :%s", i, topic);
    }
    client_sync(client, NULL);
    client_say(client, "LIST");
    (void)client_expect_next(client, "* 321 *");
    for (int i = 0; i < 100; i++) {
        int number = -1;
        const char *line = client_expect_next(client, "* 322 ann #* 1 :ttt*");
        assert_int_equal(sscanf(line, ":irc.test 322 ann #%d", &number), 1);
        assert_in_range(number, 0, 99);
        assert_false(seen[number]);
        seen[number] = true;
    }
    (void)client_expect_next(client, "* 323 *");
    client_close(client);
}

static void keys_limits_bans_and_invitations_close_a_channel(void **state)
{
    PLAY(*state, "a+ann", "b+bob", "a>JOIN #x", "a~* 366 *", "a>MODE #x +k key",
         "a<:ann!* MODE #x +k key", "b>JOIN #x", "b<* 475 bob #x *",
         "b>JOIN #x wrong", "b<* 475 *", "a>MODE #x -k *", "a<* MODE #x -k *",
         "a>MODE #x +l 1", "a<* MODE #x +l 1", "b>JOIN #x", "b<* 471 bob #x *",
         "a>MODE #x -l+i", "a<* MODE #x -l+i", "b>JOIN #x", "b<* 473 bob #x *",
         "a>INVITE bob #x", "a<* 341 ann bob #x", "b<:ann!* INVITE bob *#x",
         "b>INVITE", "b<:* 336 bob #x", "b<* 337 bob :*", "a>INVITE",
         "a<* 337 ann :*", "b>JOIN #x", "b<:bob!* JOIN #x", "b~* 366 *",
         "a<:bob!* JOIN #x", "b>INVITE", "b<* 337 bob :*", "b>PART #x",
         "b<* PART *", "a<* PART *", "a>MODE #x -i+b bob",
         "a<* MODE #x -i+b bob!*@*", "b>JOIN #x", "b<* 474 bob #x *",
         "a>MODE #x b", "a<* 367 ann #x bob!*@* *", "a<* 368 ann #x *",
         "a>MODE #x -b bob", "a<* MODE #x -b bob!*@*", "b>JOIN #x",
         "b<* JOIN #x");
}

static void invitations_are_gathered_from_all_channels(void **state)
{
    struct client *ann = client_join_server(*state, "ann");
    struct client *bob = client_join_server(*state, "bob");
    bool is_told[20] = {false};

    for (int i = 0; i < 20; i++) {
        client_say(ann, "JOIN #i%d", i);
        client_say(ann, "INVITE bob #i%d", i);
    }
    client_sync(ann, NULL);
    client_sync(bob, NULL);
    client_say(bob, "INVITE");
    for (int i = 0; i < 20; i++) {
        unsigned number;
        (void)client_expect_next(bob, "* 336 bob #i*");
        assert_int_equal(sscanf(bob->line, "%*s 336 bob #i%u", &number), 1);
        assert_true(number < 20 && !is_told[number]);
        is_told[number] = true;
    }
    (void)client_expect_next(bob, "* 337 bob *");
    client_close(ann);
    client_close(bob);
}

static void wrong_modes_are_told_apart(void **state)
{
    PLAY(*state, "a+ann", "a>JOIN #x", "a~* 366 *", "a>MODE #x",
         "a<* 324 ann #x +nt", "a<* 329 ann #x *", "a>MODE #x +z",
         "a<* 472 ann z *", "a>MODE #x +o", "a<* 696 ann #x o * :*",
         "a>MODE #x +o bob", "a<* 441 ann bob #x *", "a>MODE #x +l many",
         "a<* 696 ann #x l many :*", "a>MODE #x +k a,b", "a<* 525 ann #x *",
         "a>MODE #no", "a<* 403 ann #no *", "a>MODE", "a<* 461 ann MODE *",
         "a>MODE #x +v ann", "a<:ann!* MODE #x +v ann", "a=");
}

static void topics_and_kicks(void **state)
{
    PLAY(*state, "a+ann", "b+bob", "a>JOIN #x", "a~* 366 *", "a>TOPIC #x",
         "a<* 331 ann #x *", "a>TOPIC #x :about tea",
         "a<:ann!* TOPIC #x :about tea", "b>JOIN #x", "b<:bob!* JOIN #x",
         "b<* 332 bob #x :about tea", "b<* 333 bob #x ann* *", "b~* 366 *",
         "a<* JOIN #x", "b>TOPIC #x :mine", "b<* 482 bob #x *", "b>KICK #x ann",
         "b<* 482 bob #x *", "a>KICK #x bob :enough",
         "a<:ann!* KICK #x bob :enough", "b<:ann!* KICK #x bob :enough",
         "b>KICK #x ann", "b<* 442 bob #x *", "a>KICK #x bob",
         "a<* 441 ann bob #x *", "a>KICK #x", "a<* 461 ann KICK *",
         "a>TOPIC #x :", "a<* TOPIC #x :", "a>TOPIC #x", "a<* 331 *",
         "a=", "b=");
}

static void who_is_who(void **state)
{
    PLAY(*state, "a+ann", "b+bob", "b>JOIN #x", "b~* 366 *", "a>WHOIS bob",
         "a<* 311 ann bob ~bob 127.0.0.1 * :Real bob", "a<* 319 ann bob :@#x",
         "a<* 312 ann bob irc.test :Net", "a<* 317 ann bob * * :*",
         "a<* 318 ann bob *", "a>WHOIS irc.test zed", "a<* 401 ann zed *",
         "a<* 318 ann zed *", "a>WHOIS", "a<* 431 ann *", "a>WHO #x",
         "a<* 352 ann #x ~bob 127.0.0.1 irc.test bob H@ :0 Real bob",
         "a<* 315 ann #x *", "a>WHO #x %tcuhnfdar,743",
         "a<* 354 ann 743 #x ~bob 127.0.0.1 bob H@ 0 0 :Real bob", "a<* 315 *",
         "a>WHO bob", "a<* 352 * bob H :0 Real bob", "a<* 315 ann bob *",
         "a>WHO bo*", "a<* 352 * bob H*", "a<* 315 ann bo* *", "a>WHO",
         "a<* 461 ann WHO *", "a>ISON bob zed ann", "a<* 303 ann :bob ann",
         "a>ISON :zed bob", "a<* 303 ann :bob", "a>USERHOST bob",
         "a<* 302 ann :bob=+~bob@127.0.0.1", "a>NAMES #x",
         "a<* 353 ann = #x :@bob", "a<* 366 ann #x *", "a>NAMES",
         "a<* 366 ann * *", "a>LIST", "a<* 321 ann *", "a<* 322 ann #x 1 :*",
         "a<* 323 ann *", "a>LIST >1", "a<* 321 *", "a<* 323 *",
         "a>LIST #y*,#x", "a<* 321 *", "a<* 322 ann #x *", "a<* 323 *", "a=");
}

static void who_was_who(void **state)
{
    PLAY(*state, "a+ann", "b+bob", "a>WHOWAS bob", "a<* 406 ann bob *",
         "a<* 369 ann bob *", "b>NICK rob", "b<* NICK *rob",
         "b=", "a>WHOWAS bob", "a<* 314 ann bob ~bob 127.0.0.1 * :Real bob",
         "a<* 312 ann bob *", "a<* 369 ann bob *", "a>WHOWAS", "a<* 431 ann *",
         "a=");
}

static void being_away_is_seen_where_it_matters(void **state)
{
    PLAY(*state, "a+ann", "b*", "b/away-notify", "b+bob", "a>JOIN #x",
         "a~* 366 *", "b>JOIN #x", "b~* 366 *", "a<* JOIN *",
         "a>AWAY :at lunch", "a<* 306 ann *", "b<:ann!* AWAY :at lunch",
         "b>PRIVMSG ann :hungry?", "b<* 301 bob ann :at lunch",
         "a<* PRIVMSG ann :hungry*", "b>WHOIS ann", "b~* 301 *", "b~* 318 *",
         "b>NOTICE ann :x", "b=", "a<* NOTICE *", "a>AWAY", "a<* 305 ann *",
         "b<:ann!* AWAY", "b>PRIVMSG ann :back", "b=", "a<* PRIVMSG *", "a=");
}

static void modes_of_a_user_are_his_own(void **state)
{
    PLAY(*state, "a+ann", "b+bob", "a>MODE ann", "a<* 221 ann +",
         "a>MODE ann +i", "a<:ann!* MODE ann :+i", "a>MODE ann +i",
         "a=", "a>MODE ann +o", "a=", "a>MODE ann", "a<* 221 ann +i",
         "a>MODE ann -i+wz", "a<* 501 ann *", "a<* MODE ann :+w-i",
         "a>MODE bob +i", "a<* 502 ann *", "a=", "b>WHO *", "b<* 352 * H*",
         "b<* 352 * H*", "b<* 315 *", "b=");
}

static void operators_have_powers(void **state)
{
    PLAY(*state, "a+ann", "b+bob", "a>KILL bob :x", "a<* 481 ann *",
         "a>WALLOPS :x", "a<* 481 *", "a>OPER root wrong", "a<* 464 ann *",
         "a>OPER root", "a<* 461 *", "a>OPER root toor", "a<* 381 ann *",
         "a<:ann!* MODE ann :+o", "b>MODE bob +w", "b<* MODE bob :+w",
         "a>WALLOPS :attention", "a=", "b<:ann!* WALLOPS :attention",
         "a>JOIN #x", "a~* 366 *", "b>JOIN #x", "b~* 366 *", "a<* JOIN *",
         "a>KILL bob :goodbye", "b<ERROR :*Killed (ann (goodbye))*", "b!",
         "a<:bob!* QUIT :Killed (ann (goodbye))", "a>KILL bob :x",
         "a<* 401 ann bob *", "a>KILL irc.test :x", "a<* 483 ann *",
         "a>MODE ann -o", "a<* MODE ann :-o", "a>KILL bob :x", "a<* 481 *",
         "a=");
}

static void the_server_tells_about_itself(void **state)
{
    PLAY(*state, "a+ann", "a>VERSION", "a<* 351 ann * irc.test *", "a<* 005 *",
         "a<* 005 *", "a>TIME", "a<* 391 ann irc.test :* UTC",
         "a>TIME other.test", "a<* 402 ann other.test *", "a>INFO", "a<* 371 *",
         "a<* 371 *", "a<* 371 *", "a<* 371 *", "a<* 374 ann *", "a>LINKS",
         "a<* 364 ann irc.test irc.test :0 Net", "a<* 365 *", "a>ADMIN",
         "a<* 423 ann *", "a>MOTD", "a<* 422 ann *", "a>LUSERS", "a<* 251 *",
         "a~* 266 *", "a>HELP", "a<* 704 ann *", "a<* 705 *", "a<* 706 ann *",
         "a>HELP nonsense", "a<* 524 ann nonsense *", "a>STATS u",
         "a<* 242 ann :Server Up *", "a<* 219 ann u *", "a>PING",
         "a<* 409 ann *", "a>PING :a b", "a<* PONG irc.test :a b", "a>FOO",
         "a<* 421 ann FOO *", "a>INVITE", "a<* 337 ann *",
         "a>SETNAME :", "a<* FAIL SETNAME INVALID_REALNAME *", "a=");
}

static void who_quits_says_why(void **state)
{
    PLAY(*state, "a+ann", "b+bob", "a>JOIN #x,#y", "a~* 366 ann #y *",
         "b>JOIN #x,#y", "b~* 366 bob #y *", "a<* JOIN #x", "a<* JOIN #y",
         "b>QUIT :tea is ready",
         "b<ERROR :Closing Link: 127.0.0.1 (Quit: tea is ready)", "b!",
         "a<:bob!* QUIT :Quit: tea is ready", "a=");
}

static void an_endless_message_of_the_day_is_read_to_its_end(void **state)
{
    /* More than a queue may hold: it must be made as it is read. */
    enum { LINES = 50000 };
    char path[] = "/tmp/motd-XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");

    (void)state;
    assert_non_null(file);
    for (int i = 0; i < LINES; i++)
        assert_true(fprintf(file, "line %d\n", i) > 0);
    assert_int_equal(fclose(file), 0);
    struct server *server = server_start("--motd", path, NULL);
    struct client *client = client_connect(server);
    client_say(client, "NICK ann");
    client_say(client, "USER a 0 * :a");
    client_say(client, "PING after");
    (void)client_expect(client, "* 375 *");
    for (int i = 0; i < LINES; i++) {
        char pattern[64];
        (void)snprintf(pattern, sizeof(pattern), "* 372 ann :- line %d", i);
        (void)client_expect_next(client, pattern);
    }
    (void)client_expect_next(client, "* 376 *");
    (void)client_expect_next(client, "* PONG *after");
    client_close(client);
    server_stop_in_order(server);
    (void)unlink(path);
}

static void who_floods_is_sent_away_when_16_kib_wait(void **state)
{
    struct server *server = server_start(NULL);
    struct client *client = client_join_server(server, "ann");
    char line[400];

    (void)state;
    for (size_t i = 0; i < sizeof(line) - 1; i++)
        line[i] = 'x';
    line[sizeof(line) - 1] = '\n';
    for (int i = 0; i < 60; i++)
        if (!client_try_send(client, line, sizeof(line)))
            break;
    for (int i = 0; i < 10; i++) /* the bucket's worth is answered */
        (void)client_expect_next(client, "* 421 ann *");
    (void)client_expect(client, "ERROR :*Excess Flood*");
    client_expect_end(client);
    client_close(client);
    server_stop_in_order(server);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(int argc, char **argv)
{
    server_set_command(argc, argv);
    const struct CMUnitTest tests[] = {
        TEST(talk_reaches_channels_and_people),
        TEST(talk_that_reaches_nobody_is_told_but_for_notices),
        TEST(joining_and_parting_take_lists),
        TEST(a_client_is_in_a_hundred_channels_at_most),
        TEST(a_long_list_has_every_channel_once),
        TEST(keys_limits_bans_and_invitations_close_a_channel),
        TEST(invitations_are_gathered_from_all_channels),
        TEST(wrong_modes_are_told_apart),
        TEST(topics_and_kicks),
        TEST(who_is_who),
        TEST(who_was_who),
        TEST(being_away_is_seen_where_it_matters),
        TEST(modes_of_a_user_are_his_own),
        TEST(operators_have_powers),
        TEST(the_server_tells_about_itself),
        TEST(who_quits_says_why),
        cmocka_unit_test(an_endless_message_of_the_day_is_read_to_its_end),
        cmocka_unit_test(who_floods_is_sent_away_when_16_kib_wait),
    };
    return cmocka_run_group_tests_name("chat/commands", tests, NULL, NULL);
}
