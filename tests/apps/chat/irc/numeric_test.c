/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/numeric_test.c - the numbered replies. */
#include "apps/chat/irc/numeric.h"

#include "tests/apps/chat/irc/check.h"

static char buffer[IRC_LINE_MAX];
static struct irc_writer writer;

static struct irc_span written(void)
{
    return irc_span(buffer, writer.size);
}

static void put(enum irc_numeric numeric, const struct irc_span *args,
                size_t args_count)
{
    irc_writer_init(&writer, buffer, sizeof(buffer));
    irc_numeric_put(&writer, S("srv.example"), S("ann"), numeric, args,
                    args_count);
}

static void a_reply_has_server_number_client_and_text(void **state)
{
    (void)state;
    put(IRC_RPL_TOPIC, IRC_ARGS(S("#c"), S("all  about: it")));
    assert_span(written(), ":srv.example 332 ann #c :all  about: it");
    put(IRC_RPL_ENDOFMOTD, IRC_NO_ARGS);
    assert_span(written(), ":srv.example 376 ann :End of /MOTD command.");
    put(IRC_RPL_WELCOME, IRC_ARGS(S("Net"), S("ann"), S("~a"), S("h")));
    assert_span(written(),
                ":srv.example 001 ann :Welcome to the Net Network, ann!~a@h");
}

static void a_word_stays_one_word_whatever_the_client_sent(void **state)
{
    (void)state;
    put(IRC_ERR_NOSUCHNICK, IRC_ARGS(S("")));
    assert_span(written(), ":srv.example 401 ann * :No such nick/channel");
    put(IRC_ERR_NOSUCHNICK, IRC_ARGS(S("::a b")));
    assert_span(written(), ":srv.example 401 ann a :No such nick/channel");
    put(IRC_RPL_CHANNELMODEIS, IRC_ARGS(S("#c"), S("+kl key 20")));
    assert_span(written(), ":srv.example 324 ann #c +kl key 20");
}

static void a_client_without_a_nick_is_a_star(void **state)
{
    (void)state;
    irc_writer_init(&writer, buffer, sizeof(buffer));
    irc_numeric_put(&writer, S("srv"), S(""), IRC_ERR_NOTREGISTERED,
                    IRC_NO_ARGS);
    assert_span(written(), ":srv 451 * :You have not registered");
}

/* Each argument of each format is put, and words come before the text. */
static void every_format_takes_its_arguments(void **state)
{
#define X(name, number, format) {number, format},
    static const struct {
        unsigned number;
        const char *format;
    } all[] = {IRC_NUMERICS(X)};
#undef X
    struct irc_span args[10];

    (void)state;
    for (size_t i = 0; i < 10; i++)
        args[i] = S("zqz");
    for (size_t i = 0; i < COUNT(all); i++) {
        size_t count = 0, found = 0;
        for (const char *at = all[i].format; *at != '\0'; at++)
            count += *at == '%' || *at == '$';
        put((enum irc_numeric)all[i].number, args, count);
        assert_string_equal(irc_numeric_format(all[i].number), all[i].format);
        for (size_t at = 0; at + 3 <= writer.size; at++)
            found += memcmp(buffer + at, "zqz", 3) == 0;
        assert_int_equal(found, count);
        assert_true(i == 0 || all[i].number > all[i - 1].number);
    }
    assert_null(irc_numeric_format(0));
    assert_null(irc_numeric_format(999));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_has_server_number_client_and_text),
        cmocka_unit_test(a_word_stays_one_word_whatever_the_client_sent),
        cmocka_unit_test(a_client_without_a_nick_is_a_star),
        cmocka_unit_test(every_format_takes_its_arguments),
    };
    return cmocka_run_group_tests_name("chat/irc/numeric", tests, NULL, NULL);
}
