/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/who_test.c - WHO and WHOX. */
#include "apps/chat/irc/who.h"

#include "apps/chat/irc/mode.h"
#include "tests/apps/chat/irc/check.h"

static char buffer[IRC_LINE_MAX];

static struct irc_span row_for(const char *request_text,
                               const struct irc_who_row *row)
{
    struct irc_who_request request = irc_who_parse(S(request_text));
    struct irc_writer writer;

    irc_writer_init(&writer, buffer, sizeof(buffer));
    irc_who_put(&writer, S("srv"), S("me"), &request, row);
    return irc_span(buffer, writer.size);
}

static struct irc_who_row ann(void)
{
    return (struct irc_who_row){.channel = S("#c"),
                                .user = S("~ann"),
                                .address = S("::1"),
                                .host = S("host"),
                                .server = S("srv"),
                                .nick = S("ann"),
                                .real = S("Ann A."),
                                .prefix = irc_member_prefix(3, true),
                                .is_operator = true,
                                .idle_s = 7};
}

static void a_plain_who_is_a_352(void **state)
{
    struct irc_who_row row = ann();

    (void)state;
    assert_span(row_for("", &row),
                ":srv 352 me #c ~ann host srv ann H*@+ :0 Ann A.");
    row.channel = S("");
    row.prefix = S("");
    row.is_operator = false;
    row.is_away = true;
    assert_span(row_for("o", &row),
                ":srv 352 me * ~ann host srv ann G :0 Ann A.");
}

static void fields_come_in_their_own_order(void **state)
{
    struct irc_who_row row = ann();

    (void)state;
    /* irssi's and WeeChat's requests */
    assert_span(row_for("%tcuhnfdar,743", &row),
                ":srv 354 me 743 #c ~ann host ann H*@+ 0 0 :Ann A.");
    assert_span(row_for("%cuhsnfdar", &row),
                ":srv 354 me #c ~ann host srv ann H*@+ 0 0 :Ann A.");
    assert_span(row_for("%rt,1", &row), ":srv 354 me 1 :Ann A.");
    assert_span(row_for("%tcuihsnfdlaor,9", &row),
                ":srv 354 me 9 #c ~ann 1 host srv ann H*@+ 0 7 0 n/a :Ann A.");
    row.account = S("annie");
    assert_span(row_for("%na", &row), ":srv 354 me ann annie");
}

static void tokens_have_up_to_three_digits(void **state)
{
    (void)state;
    assert_span(irc_who_parse(S("%t,999")).token, "999");
    assert_span(irc_who_parse(S("%t,007")).token, "007");
    assert_span(irc_who_parse(S("%t,1000")).token, "0");
    assert_span(irc_who_parse(S("%t,0001")).token, "0");
    assert_span(irc_who_parse(S("%t,a")).token, "0");
    assert_span(irc_who_parse(S("%t")).token, "0");
}

static void flags_stand_before_the_percent(void **state)
{
    (void)state;
    assert_true(irc_who_parse(S("o")).wants_operators);
    assert_false(irc_who_parse(S("o")).is_extended);
    assert_true(irc_who_parse(S("o%n")).wants_operators);
    assert_false(irc_who_parse(S("%o")).wants_operators);
    assert_int_equal(irc_who_parse(S("%o")).fields, IRC_WHO_LEVEL);
    assert_int_equal(irc_who_parse(S("%nn?X")).fields, IRC_WHO_NICK);
    assert_int_equal(irc_who_parse(S("")).fields, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_who_is_a_352),
        cmocka_unit_test(fields_come_in_their_own_order),
        cmocka_unit_test(tokens_have_up_to_three_digits),
        cmocka_unit_test(flags_stand_before_the_percent),
    };
    return cmocka_run_group_tests_name("chat/irc/who", tests, NULL, NULL);
}
