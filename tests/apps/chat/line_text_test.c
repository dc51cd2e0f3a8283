/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/line_text_test.c - IRC for people. */
#include "apps/chat/session/line_text.h"

#include "apps/chat/irc/message.h"
#include "apps/chat/irc/utf8.h"
#include "tests/apps/chat/irc/check.h"

static char bytes[IRC_LINE_MAX];
static struct irc_writer out;

static struct irc_span written(void)
{
    return irc_span(bytes, out.size);
}

static void assert_typed(const char *typed, const char *meant)
{
    irc_writer_init(&out, bytes, sizeof(bytes));
    assert_true(chat_line_typed(&out, irc_span_of(typed), S("#lobby")));
    assert_span(written(), meant);
}

static bool show(const char *line)
{
    irc_writer_init(&out, bytes, sizeof(bytes));
    return chat_line_shown(&out, irc_span_of(line), S("ann"), S("#lobby"));
}

static void assert_shown(const char *line, const char *text)
{
    assert_true(show(line));
    assert_span(written(), text);
}

static void text_is_said_in_the_room(void **state)
{
    (void)state;
    assert_typed("hello, all", "PRIVMSG #lobby :hello, all");
    assert_typed(":)", "PRIVMSG #lobby ::)");
    assert_typed("  x ", "PRIVMSG #lobby :  x ");
    assert_typed("QUIT", "PRIVMSG #lobby :QUIT");
    assert_typed("//etc/passwd", "PRIVMSG #lobby :/etc/passwd");
    irc_writer_init(&out, bytes, sizeof(bytes));
    assert_false(chat_line_typed(&out, S(""), S("#lobby")));
    assert_false(chat_line_typed(&out, S("  "), S("#lobby")));
}

static void words_with_a_slash_are_commands(void **state)
{
    (void)state;
    assert_typed("/nick bob", "NICK :bob");
    assert_typed("/NICK  bob ", "NICK :bob");
    assert_typed("/who", "NAMES :#lobby");
    assert_typed("/who #other", "NAMES :#lobby");
    assert_typed("/me waves", "PRIVMSG #lobby :\001ACTION waves\001");
    assert_typed("/msg bob how are you", "PRIVMSG bob :how are you");
    assert_typed("/msg bob", "PRIVMSG bob :");
    assert_typed("/msg", "PRIVMSG :");
    assert_typed("/topic", "TOPIC :#lobby");
    assert_typed("/topic a b", "TOPIC #lobby :a b");
    assert_typed("/join", "JOIN :#lobby");
    assert_typed("/quit good bye", "QUIT :good bye");
    assert_typed("/help", "HELP :LINE");
    assert_typed("/privmsg #x :y", "/privmsg");
    assert_typed("/", "/");
}

static void a_long_action_keeps_its_end(void **state)
{
    static char typed[600] = "/me ";

    (void)state;
    memset(typed + 4, 'x', sizeof(typed) - 5);
    irc_writer_init(&out, bytes, sizeof(bytes));
    assert_true(chat_line_typed(&out, irc_span_of(typed), S("#lobby")));
    assert_int_equal(out.size, IRC_BODY_MAX);
    assert_int_equal(bytes[out.size - 1], '\001');
}

static void what_happens_in_the_room_is_told_in_words(void **state)
{
    (void)state;
    assert_shown(":bob!b@h PRIVMSG #lobby :hello", "<bob> hello");
    assert_shown(":bob!b@h PRIVMSG #LOBBY :hello", "<bob> hello");
    assert_shown(":bob!b@h PRIVMSG @#lobby :hello", "<bob> hello");
    assert_shown(":bob!b@h PRIVMSG #lobby :\001ACTION waves\001",
                 "* bob waves");
    assert_shown(":bob!b@h PRIVMSG ann :psst", "(to you) <bob> psst");
    assert_shown(":bob!b@h PRIVMSG ann :\001ACTION nods\001",
                 "(to you) * bob nods");
    assert_shown(":bob!b@h NOTICE ann :beep", "-bob- beep");
    assert_shown(":bob!b@h JOIN #lobby", "* bob has joined");
    assert_shown(":bob!b@h PART #lobby :tired", "* bob has left (tired)");
    assert_shown(":bob!b@h PART #lobby", "* bob has left");
    assert_shown(":bob!b@h QUIT :gone", "* bob has quit (gone)");
    assert_shown(":bob!b@h NICK :rob", "* bob is now known as rob");
    assert_shown(":bob!b@h TOPIC #lobby :tea",
                 "* bob changed the topic to: tea");
    assert_shown(":bob!b@h TOPIC #lobby :", "* bob took the topic away");
    assert_shown(":bob!b@h KICK #lobby eve :why", "* bob kicked eve (why)");
    assert_shown(":bob!b@h MODE #lobby +ov eve :kim",
                 "* bob sets mode +ov eve kim");
    assert_shown(":bob!b@h INVITE ann :#x", "* bob invites you to #x");
    assert_shown(":bob!b@h WALLOPS :hear", "! bob: hear");
}

static void what_concerns_the_reader_says_you(void **state)
{
    (void)state;
    assert_true(show(":ann!a@h JOIN #lobby"));
    assert_true(irc_span_find(written(), 'Y') == 2); /* "* You are in" */
    assert_shown(":old!a@h NICK :ann", "* You are now known as ann");
    assert_shown(":bob!b@h KICK #lobby ann :why",
                 "* You were kicked by bob (why); /join brings you back");
}

static void answers_that_people_want_are_shown(void **state)
{
    (void)state;
    assert_shown(":s 001 ann :Welcome", "* Hello, ann");
    assert_shown(":s 332 ann #lobby :tea", "* Topic: tea");
    assert_shown(":s 331 ann #lobby :No topic is set",
                 "* Topic: No topic is set");
    assert_shown(":s 353 ann = #lobby :@bob ann", "* Here: @bob ann");
    assert_shown(":s 372 ann :- be nice", "* - be nice");
    assert_shown(":s 301 ann bob :at lunch", "* bob is away: at lunch");
    assert_shown(":s 705 ann LINE :/who", "* /who");
    assert_shown(":s 401 ann eve :No such nick/channel",
                 "* eve: No such nick/channel");
    assert_shown(":s 412 ann :No text to send", "* No text to send");
    assert_shown(":s 433 * bob :x",
                 "* Somebody is called bob already: try another name");
    assert_shown("ERROR :Closing Link", "* Closing Link");
    assert_shown(":s FAIL * INVALID_UTF8 :use UTF-8", "* use UTF-8");
}

static void the_rest_is_not_shown(void **state)
{
    static const char *const lines[] = {
        "",
        ":s 002 ann :Your host",
        ":s 005 ann X :are supported",
        ":s 251 ann :There are",
        ":s 333 ann #lobby bob 12",
        ":s 366 ann #lobby :End",
        ":s 375 ann :- Message",
        ":s 376 ann :End",
        ":s 422 ann :MOTD",
        ":s 704 ann LINE :LINE",
        ":s 706 ann LINE :End",
        ":s 404",
        ":s PONG s :x",
        "PING :s",
        ":bob!b@h PRIVMSG ann :\001VERSION\001",
        ":bob!b@h NOTICE ann :\001VERSION x\001",
        ":bob!b@h WHATEVER x",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++)
        if (show(lines[i]))
            fail_msg("%s was shown", lines[i]);
}

static void nothing_reaches_the_terminal_but_text(void **state)
{
    (void)state;
    assert_shown(":bob!b@h PRIVMSG #lobby :a\033[31mb\007c\177d\te",
                 "<bob> a[31mbcd e");
    assert_shown(":bob!b@h PRIVMSG #lobby :\00304,12red\003 \0031one\0037,x",
                 "<bob> red one,x");
    assert_shown(":bob!b@h PRIVMSG #lobby :\002bold\017 \xC2\x9B"
                 "1m \xC3\xA9",
                 "<bob> bold 1m \xC3\xA9");
    assert_shown(":bob!b@h QUIT :\033]0;x\007", "* bob has quit (]0;x)");
}

/* Whatever comes, what is shown is one line of text without controls. */
static void any_line_is_shown_as_one_line_of_text(void **state)
{
    static const char *const heads[] = {":b!b@h PRIVMSG #lobby :", ":s 372 ann",
                                        ":s 404 ann ", "ERROR ", ":b KICK "};
    uint64_t seed = 7;
    char line[200];

    (void)state;
    for (int round = 0; round < 50000; round++) {
        const char *head = heads[next_random(&seed) % COUNT(heads)];
        size_t size = strlen(head);
        memcpy(line, head, size);
        while (size < sizeof(line))
            line[size++] = (char)(next_random(&seed) >> 20);
        irc_writer_init(&out, bytes, sizeof(bytes));
        (void)chat_line_shown(&out, irc_span(line, sizeof(line)), S("ann"),
                              S("#lobby"));
        assert_true(out.size <= IRC_BODY_MAX);
        for (size_t i = 0; i < out.size; i++)
            assert_true((unsigned char)bytes[i] >= 0x20 && bytes[i] != 0x7F);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_said_in_the_room),
        cmocka_unit_test(words_with_a_slash_are_commands),
        cmocka_unit_test(a_long_action_keeps_its_end),
        cmocka_unit_test(what_happens_in_the_room_is_told_in_words),
        cmocka_unit_test(what_concerns_the_reader_says_you),
        cmocka_unit_test(answers_that_people_want_are_shown),
        cmocka_unit_test(the_rest_is_not_shown),
        cmocka_unit_test(nothing_reaches_the_terminal_but_text),
        cmocka_unit_test(any_line_is_shown_as_one_line_of_text),
    };
    return cmocka_run_group_tests_name("chat/line_text", tests, NULL, NULL);
}
