/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/irc/tags_test.c - what stands behind '@'. */
#include "apps/chat/irc/tags.h"

#include "tests/apps/chat/irc/check.h"

static void tags_come_in_order_and_malformed_ones_not_at_all(void **state)
{
    struct irc_span rest =
        S("a=1;;+b;=x;v.org/c=;bad.key=1;a/b/c=1;/x;+;d_e;z=\\:");
    struct irc_tag tag;

    (void)state;
    assert_true(irc_tags_next(&rest, &tag));
    assert_span(tag.key, "a");
    assert_span(tag.value, "1");
    assert_false(tag.is_client_only);
    assert_true(irc_tags_next(&rest, &tag));
    assert_span(tag.key, "+b");
    assert_span(tag.value, "");
    assert_true(tag.is_client_only);
    assert_true(irc_tags_next(&rest, &tag));
    assert_span(tag.key, "v.org/c");
    assert_true(irc_tags_next(&rest, &tag));
    assert_span(tag.key, "z");
    assert_span(tag.value, "\\:");
    assert_false(irc_tags_next(&rest, &tag));
}

static void the_last_of_two_equal_tags_counts(void **state)
{
    struct irc_tag tag;

    (void)state;
    assert_true(irc_tags_find(S("label=1;x;label=2"), "label", &tag));
    assert_span(tag.value, "2");
    assert_false(irc_tags_find(S("Label=1;label2=3"), "label", &tag));
}

static void values_are_unescaped_by_the_table(void **state)
{
    static const struct {
        const char *wire, *meant;
    } cases[] = {{"", ""},           {"a\\:b", "a;b"},  {"\\s\\\\", " \\"},
                 {"\\r\\n", "\r\n"}, {"\\b\\x", "bx"},  {"tail\\", "tail"},
                 {"\\\\\\", "\\"},   {"plain", "plain"}};
    char out[16];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t size = irc_tag_unescape(S(cases[i].wire), out, sizeof(out));
        assert_span(irc_span(out, size), cases[i].meant);
    }
    assert_int_equal(irc_tag_unescape(S("abcdef"), out, 3), 3);
}

static void escaping_and_unescaping_give_the_same_text(void **state)
{
    static const char text[] = "; \r\n\\ s:";
    char buffer[IRC_LINE_MAX], out[64];
    struct irc_writer writer;

    (void)state;
    irc_writer_init(&writer, buffer, sizeof(buffer));
    irc_tag_escape(&writer, S(text));
    assert_span(irc_span(buffer, writer.size), "\\:\\s\\r\\n\\\\\\ss:");
    assert_span(irc_span(out, irc_tag_unescape(irc_span(buffer, writer.size),
                                               out, sizeof(out))),
                text);
}

static void only_client_tags_are_relayed(void **state)
{
    struct irc_tag_set set = {.time = S("T"),
                              .label = S("7"),
                              .client_tags = S("x=1;+y=2;time=fake;+typing")};
    char buffer[IRC_OUTPUT_LINE_MAX];
    struct irc_writer writer;

    (void)state;
    irc_writer_init(&writer, buffer, sizeof(buffer));
    irc_tags_put(&writer, &set);
    irc_put_text(&writer, "PING");
    assert_span(irc_writer_end(&writer),
                "@time=T;label=7;+y=2;+typing PING\r\n");
}

static void nothing_to_say_is_no_tag_section(void **state)
{
    struct irc_tag_set set = {.client_tags = S("x=1;a.b=c")};
    char buffer[IRC_LINE_MAX];
    struct irc_writer writer;

    (void)state;
    irc_writer_init(&writer, buffer, sizeof(buffer));
    irc_tags_put(&writer, &set);
    assert_int_equal(writer.size, 0);
}

static void tags_without_room_are_left_out_whole(void **state)
{
    static char wide[600];
    struct irc_tag_set set = {.time = S("T")};
    char buffer[IRC_LINE_MAX];
    struct irc_writer writer;

    (void)state;
    memset(wide, 'y', sizeof(wide));
    wide[0] = '+';
    set.client_tags = irc_span(wide, sizeof(wide));
    irc_writer_init(&writer, buffer, sizeof(buffer));
    irc_tags_put(&writer, &set);
    irc_put_text(&writer, "PING");
    assert_span(irc_writer_end(&writer), "PING\r\n");
}

static void the_body_has_its_limit_behind_any_tags(void **state)
{
    static char wide[4000], body[600];
    struct irc_tag_set set;
    static char buffer[IRC_OUTPUT_LINE_MAX];
    struct irc_writer writer;

    (void)state;
    memset(wide, 'y', sizeof(wide));
    wide[0] = '+';
    memset(body, 'b', sizeof(body));
    set = (struct irc_tag_set){.client_tags = irc_span(wide, sizeof(wide))};
    irc_writer_init(&writer, buffer, sizeof(buffer));
    irc_tags_put(&writer, &set);
    irc_put(&writer, irc_span(body, sizeof(body)));
    assert_int_equal(irc_writer_end(&writer).size, 4000 + 2 + 510 + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_come_in_order_and_malformed_ones_not_at_all),
        cmocka_unit_test(the_last_of_two_equal_tags_counts),
        cmocka_unit_test(values_are_unescaped_by_the_table),
        cmocka_unit_test(escaping_and_unescaping_give_the_same_text),
        cmocka_unit_test(only_client_tags_are_relayed),
        cmocka_unit_test(nothing_to_say_is_no_tag_section),
        cmocka_unit_test(tags_without_room_are_left_out_whole),
        cmocka_unit_test(the_body_has_its_limit_behind_any_tags),
    };
    return cmocka_run_group_tests_name("chat/irc/tags", tests, NULL, NULL);
}
