/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/reply_test.c - replies that have a name. */
#include "apps/chat/irc/reply.h"

#include "tests/apps/chat/irc/check.h"

static char buffer[IRC_LINE_MAX];
static struct irc_writer writer;

static int start(void **state)
{
    (void)state;
    irc_writer_init(&writer, buffer, sizeof(buffer));
    return 0;
}

static void standard_replies_name_command_code_and_context(void **state)
{
    (void)state;
    irc_standard_put(&writer, S("srv"), "FAIL", S("PRIVMSG"), "INVALID_UTF8",
                     S(""), "Not UTF-8");
    assert_span(irc_span(buffer, writer.size),
                ":srv FAIL PRIVMSG INVALID_UTF8 :Not UTF-8");
    start(state);
    irc_standard_put(&writer, S("srv"), "NOTE", S(""), "CODE", S("a b"), "x");
    assert_span(irc_span(buffer, writer.size), ":srv NOTE * CODE a :x");
}

static void errors_and_acks(void **state)
{
    (void)state;
    irc_error_put(&writer, S("Closing Link: h (Quit)"));
    assert_span(irc_span(buffer, writer.size), "ERROR :Closing Link: h (Quit)");
    start(state);
    irc_ack_put(&writer, S("srv"));
    assert_span(irc_span(buffer, writer.size), ":srv ACK");
}

static void batches_open_and_close_by_one_id(void **state)
{
    char id[IRC_BATCH_ID_SIZE];

    (void)state;
    irc_batch_open_put(&writer, S("srv"), irc_batch_id(id, 36 * 36 + 35),
                       "labeled-response");
    assert_span(irc_span(buffer, writer.size),
                ":srv BATCH +10z labeled-response");
    start(state);
    irc_batch_close_put(&writer, S("srv"), irc_batch_id(id, 0));
    assert_span(irc_span(buffer, writer.size), ":srv BATCH -0");
    assert_span(irc_batch_id(id, UINT64_MAX), "3w5e11264sgsf");
}

#define TEST(fn) cmocka_unit_test_setup(fn, start)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(standard_replies_name_command_code_and_context),
        TEST(errors_and_acks),
        TEST(batches_open_and_close_by_one_id),
    };
    return cmocka_run_group_tests_name("chat/irc/reply", tests, NULL, NULL);
}
