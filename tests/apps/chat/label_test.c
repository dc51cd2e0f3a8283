/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/label_test.c - labeled-response. */
#include "apps/chat/session/label.h"

#include "tests/apps/chat/irc/check.h"

static char sent[4096];
static size_t sent_size;

static void write_down(void *ctx, struct irc_span line)
{
    (void)ctx;
    assert_true(sent_size + line.size <= sizeof(sent));
    memcpy(sent + sent_size, line.at, line.size);
    sent_size += line.size;
}

static struct chat_label label;
static struct chat_label_sink sink;

static int setup(void **state)
{
    (void)state;
    sent_size = 0;
    memset(&label, 0, sizeof(label));
    sink = (struct chat_label_sink){
        .server = S("srv"), .time = S(""), .put = write_down};
    chat_label_begin(&label, S("7"));
    return 0;
}

static void an_answer_without_lines_is_an_ack(void **state)
{
    (void)state;
    chat_label_end(&label, &sink);
    assert_span(irc_span(sent, sent_size), "@label=7 :srv ACK\r\n");
    assert_false(label.is_open);
}

static void a_single_line_gets_the_label_itself(void **state)
{
    (void)state;
    chat_label_line(&label, S(":srv 303 ann :bob\r\n"), &sink);
    assert_int_equal(sent_size, 0); /* a second one may follow */
    chat_label_end(&label, &sink);
    assert_span(irc_span(sent, sent_size), "@label=7 :srv 303 ann :bob\r\n");
}

static void several_lines_are_a_batch(void **state)
{
    (void)state;
    chat_label_line(&label, S("one\r\n"), &sink);
    chat_label_line(&label, S("@+x=y two\r\n"), &sink);
    chat_label_line(&label, S("three\r\n"), &sink);
    chat_label_end(&label, &sink);
    assert_span(irc_span(sent, sent_size),
                "@label=7 :srv BATCH +1 labeled-response\r\n"
                "@batch=1 one\r\n"
                "@batch=1;+x=y two\r\n"
                "@batch=1 three\r\n"
                ":srv BATCH -1\r\n");
}

static void each_batch_has_an_id_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        if (i > 0)
            chat_label_begin(&label, S("8"));
        chat_label_line(&label, S("a\r\n"), &sink);
        chat_label_line(&label, S("b\r\n"), &sink);
        sent_size = 0;
        chat_label_end(&label, &sink);
    }
    assert_span(irc_span(sent, sent_size), ":srv BATCH -2\r\n");
}

static void a_line_gets_the_time_once(void **state)
{
    char out[CHAT_TAGGED_LINE_MAX];
    struct irc_span none = S("");

    (void)state;
    assert_span(
        irc_span(out, chat_tag_line(out, S("a\r\n"), S("T"), none, none)),
        "@time=T a\r\n");
    assert_span(irc_span(out, chat_tag_line(out, S("@time=U;+x a\r\n"), S("T"),
                                            S("7"), none)),
                "@label=7;time=U;+x a\r\n");
    assert_span(irc_span(out, chat_tag_line(out, S("a\r\n"), none, none, none)),
                "a\r\n");
}

static void the_longest_line_and_the_longest_label_fit(void **state)
{
    static char line[IRC_OUTPUT_LINE_MAX], text[IRC_LABEL_MAX];
    static char out[CHAT_TAGGED_LINE_MAX];

    (void)state;
    memset(line, 'x', sizeof(line));
    memset(text, 'l', sizeof(text));
    line[0] = '@';
    assert_in_range(chat_tag_line(out, irc_span(line, sizeof(line)),
                                  S("2026-11-20T11:39:34.730Z"),
                                  irc_span(text, sizeof(text)), S("")),
                    sizeof(line) + sizeof(text), sizeof(out));
}

#define TEST(fn) cmocka_unit_test_setup(fn, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_without_lines_is_an_ack),
        TEST(a_single_line_gets_the_label_itself),
        TEST(several_lines_are_a_batch),
        TEST(each_batch_has_an_id_of_its_own),
        TEST(a_line_gets_the_time_once),
        TEST(the_longest_line_and_the_longest_label_fit),
    };
    return cmocka_run_group_tests_name("chat/label", tests, NULL, NULL);
}
