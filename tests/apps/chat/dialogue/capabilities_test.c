/* SPDX-License-Identifier: MIT
 *
 * dialogue/capabilities_test.c - what each capability changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/apps/chat/dialogue/script.h"
#include "tests/apps/chat/live/harness/server.h"

static int setup(void **state)
{
    *state = server_start("--name", "irc.test", "--no-flood-control", NULL);
    return 0;
}

static int teardown(void **state)
{
    server_stop_in_order(*state);
    return 0;
}

static void labels_come_back_with_the_answer(void **state)
{
    PLAY(*state, "a*", "a/labeled-response batch", "a+ann", "b+bob",
         "a>@label=1 PING x", "a<@label=1 :irc.test PONG irc.test :x",
         "a>@label=2 PONG x", "a<@label=2 :irc.test ACK",
         "a>@label=3 PRIVMSG bob :x", "a<@label=3 :irc.test ACK",
         "b<* PRIVMSG bob :x", "a>@label=4 PRIVMSG zed :x",
         "a<@label=4 :irc.test 401 ann zed *", "a>@label=5 FOO",
         "a<@label=5 :irc.test 421 *", "a>@label=6 JOIN #x",
         "a<@label=6 :irc.test BATCH +1 labeled-response",
         "a<@batch=1 :ann!* JOIN #x", "a<@batch=1 :irc.test 353 *",
         "a<@batch=1 :irc.test 366 *", "a<:irc.test BATCH -1",
         "a>@label=7 NICK eve", "a<@label=7 :ann!* NICK *eve",
         "a>@label=8 LIST", "a<@label=8 :irc.test BATCH +2 *",
         "a<@batch=2 * 321 *", "a<@batch=2 * 322 *", "a<@batch=2 * 323 *",
         "a<:irc.test BATCH -2", "a>@label=9 QUIT", "a<@label=9 * ACK",
         "a<ERROR *", "a!");
}

static void labels_wait_for_earlier_answers(void **state)
{
    /* In one write: each line is there before the answer to the last. */
    PLAY(*state, "a*", "a/labeled-response batch echo-message", "a+ann",
         "a>JOIN #x", "a~* 366 *",
         "a>PRIVMSG #x :1\r\n@label=2 PRIVMSG #x :2\r\n"
         "PRIVMSG #x :3\r\nPRIVMSG #x :4\r\n@label=5 PRIVMSG #x :5\r\n"
         "@label=6 PRIVMSG #x :6\r\nPRIVMSG #x :7",
         "a<:ann!* PRIVMSG #x :1", "a<@label=2 :ann!* PRIVMSG #x :2",
         "a<:ann!* PRIVMSG #x :3", "a<:ann!* PRIVMSG #x :4",
         "a<@label=5 :ann!* PRIVMSG #x :5", "a<@label=6 :ann!* PRIVMSG #x :6",
         "a<:ann!* PRIVMSG #x :7", "a=", "a>@label=8 PRIVMSG #x,#x :8",
         "a<@label=8 * BATCH +1 *", "a<@batch=1 :ann!* PRIVMSG #x :8",
         "a<@batch=1 :ann!* PRIVMSG #x :8", "a<* BATCH -1", "a=");
}

static void without_the_capability_labels_are_nothing(void **state)
{
    PLAY(*state, "a+ann", "a>@label=1 PING x", "a<:irc.test PONG irc.test :x",
         "a>@label=1 PONG", "a=");
}

static void the_time_stands_in_front_of_every_line(void **state)
{
    PLAY(*state, "a*", "a/server-time", "a+ann", "b+bob", "a>JOIN #x",
         "a<@time=2*Z :ann!* JOIN #x", "a<@time=2*Z :irc.test 353 *",
         "a<@time=2*Z :irc.test 366 *", "b>PRIVMSG ann :x",
         "a<@time=2*Z :bob!* PRIVMSG ann :x", "b>JOIN #x", "b~* 366 *",
         "a<@time=2*Z :bob!* JOIN #x", "a>PING x", "a<@time=2*Z * PONG *");
}

static void tags_of_clients_are_relayed_to_those_who_asked(void **state)
{
    PLAY(*state, "a*", "a/message-tags", "a+ann", "b*", "b/message-tags",
         "b+bob", "c+cat", "a>JOIN #x", "a~* 366 *", "b>JOIN #x", "b~* 366 *",
         "c>JOIN #x", "c~* 366 *", "a~:cat!* JOIN *", "b~:cat!* JOIN *",
         "a>@+typing=active;x=y TAGMSG #x",
         "a=", "b<@*+typing=active :ann!* TAGMSG #x",
         "c=", "a>@+a=b;time=fake PRIVMSG #x :hi",
         "a=", "b<@*+a=b :ann!* PRIVMSG #x :hi", "c<:ann!* PRIVMSG #x :hi",
         "a>@+a=b PRIVMSG bob :you", "a=", "b<@*+a=b :ann!* PRIVMSG bob :you",
         "c>@+a=b PRIVMSG #x :mine", "c=", "a<*:cat!* PRIVMSG #x :mine", "a=");
}

static void an_echo_comes_in_its_place(void **state)
{
    PLAY(*state, "a*", "a/echo-message", "a+ann", "b+bob", "a>JOIN #x",
         "a~* 366 *", "b>JOIN #x", "b~* 366 *", "a<* JOIN *",
         "a>PRIVMSG #x :hi", "a<:ann!* PRIVMSG #x :hi", "a>NOTICE bob :hi",
         "a<:ann!* NOTICE bob :hi", "a>PRIVMSG zed :x", "a<* 401 *", "a=");
}

static void names_and_joins_say_more_to_those_who_asked(void **state)
{
    PLAY(*state, "a*", "a/multi-prefix userhost-in-names extended-join",
         "a+ann", "b+bob", "a>JOIN #x", "a<:ann!* JOIN #x * :Real ann",
         "a<* 353 ann = #x :@ann!~ann@127.0.0.1", "a<* 366 *",
         "a>MODE #x +v ann", "a<* MODE *", "a>NAMES #x",
         "a<* 353 ann = #x :@+ann!~ann@127.0.0.1", "a<* 366 *", "a>WHO #x",
         "a<* ann H@+ :0 Real ann", "a<* 315 *", "b>JOIN #x",
         "a<:bob!* JOIN #x * :Real bob", "b<:bob!~bob@127.0.0.1 JOIN #x",
         "b<* 353 bob = #x :@ann bob", "b<* 366 *", "b=");
}

static void changes_are_told_to_those_who_asked(void **state)
{
    PLAY(*state, "a*", "a/setname away-notify invite-notify", "a+ann", "b*",
         "b/setname", "b+bob", "c+cat", "a>JOIN #x", "a~* 366 *", "b>JOIN #x",
         "b~* 366 *", "a<* JOIN *", "b>SETNAME :New Bob",
         "b<:bob!* SETNAME :New Bob", "a<:bob!* SETNAME :New Bob", "b>AWAY :x",
         "b<* 306 *", "a<:bob!* AWAY :x", "a>WHOIS bob",
         "a<* 311 ann bob ~bob 127.0.0.1 * :New Bob", "a~* 318 *",
         "a>MODE #x +o bob", "a<* MODE *", "b<* MODE *", "b>INVITE cat #x",
         "b<* 341 bob cat #x", "c<:bob!* INVITE cat *#x",
         "a<:bob!* INVITE cat *#x", "a=", "c=");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(int argc, char **argv)
{
    server_set_command(argc, argv);
    const struct CMUnitTest tests[] = {
        TEST(labels_come_back_with_the_answer),
        TEST(labels_wait_for_earlier_answers),
        TEST(without_the_capability_labels_are_nothing),
        TEST(the_time_stands_in_front_of_every_line),
        TEST(tags_of_clients_are_relayed_to_those_who_asked),
        TEST(an_echo_comes_in_its_place),
        TEST(names_and_joins_say_more_to_those_who_asked),
        TEST(changes_are_told_to_those_who_asked),
    };
    return cmocka_run_group_tests_name("chat/capabilities", tests, NULL, NULL);
}
