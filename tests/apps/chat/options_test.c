/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/options_test.c - the command line. */
#include "apps/chat/options.h"

#include <stdio.h>

#include "tests/apps/chat/irc/check.h"

#define ARGS_MAX 16

static struct chat_options options;
static char reason[CHAT_REASON_MAX];

/* Words with spaces between them. */
static int parse(const char *line)
{
    static char words[512];
    char *argv[ARGS_MAX + 1] = {words};
    int argc = 1;

    strcpy(words, line);
    argv[0] = words + strlen(words); /* "" */
    for (char *word = strtok(words, " "); word != NULL;
         word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    reason[0] = '\0';
    return chat_options_parse(&options, argc, argv, reason);
}

static void without_options_there_are_defaults(void **state)
{
    (void)state;
    assert_int_equal(parse(""), 0);
    assert_int_equal(options.listens_count, 1);
    assert_string_equal(options.listens[0], "127.0.0.1:6667");
    assert_int_equal(options.reactors_count, 0);
    assert_span(options.name, "irc.localhost");
    assert_int_equal(options.lines_count, 0);
    assert_span(options.line_room, "#lobby");
    assert_false(options.stats);
}

static void every_option_is_read(void **state)
{
    (void)state;
    assert_int_equal(
        parse("--listen 127.0.0.1:0 --listen [::1]:7000 --reactors 3 --name "
              "a.b --network N --motd f --password p"),
        0);
    assert_int_equal(options.listens_count, 2);
    assert_string_equal(options.listens[1], "[::1]:7000");
    assert_int_equal(options.reactors_count, 3);
    assert_span(options.name, "a.b");
    assert_span(options.network, "N");
    assert_string_equal(options.motd, "f");
    assert_span(options.password, "p");

    assert_int_equal(parse("--line 127.0.0.1:0 --line [::1]:1 --line-room #t"),
                     0);
    assert_int_equal(options.lines_count, 2);
    assert_string_equal(options.lines[1], "[::1]:1");
    assert_int_equal(options.listens_count, 1);
    assert_span(options.line_room, "#t");

    assert_int_equal(
        parse("--oper a:b:c --oper d:e --no-flood-control --exit-with-parent "
              "--stats --help --version --max-connections 50"),
        0);
    assert_int_equal(options.operators_count, 2);
    assert_span(options.operators[0].name, "a");
    assert_span(options.operators[0].password, "b:c");
    assert_true(options.no_flood_control && options.exit_with_parent &&
                options.stats && options.help && options.version);
    assert_int_equal(options.connections_max, 50);
}

static uint32_t value_of(const struct chat_limit *limit)
{
    uint32_t value;

    memcpy(&value, (const char *)&options.limits + limit->offset,
           sizeof(value));
    return value;
}

static int parse_limit(const struct chat_limit *limit, uint64_t value)
{
    char line[80];

    (void)snprintf(line, sizeof(line), "%s %llu", limit->option,
                   (unsigned long long)value);
    return parse(line);
}

static void limits_have_the_defaults_of_the_design(void **state)
{
    (void)state;
    assert_int_equal(parse(""), 0);
    assert_int_equal(options.limits.input_max, 16384);
    assert_int_equal(options.limits.queue_soft, 65536);
    assert_int_equal(options.limits.queue_hard, 1048576);
    assert_int_equal(options.limits.flood_burst, 10);
    assert_int_equal(options.limits.flood_rate, 2);
    assert_int_equal(options.limits.registration_s, 30);
    assert_int_equal(options.limits.registration_lines, 32);
    assert_int_equal(options.limits.ping_s, 120);
    assert_int_equal(options.limits.answer_s, 60);
    assert_int_equal(options.limits.per_address, 10);
    assert_int_equal(options.limits.channels_max, 100);
    assert_int_equal(options.limits.bans_max, 100);
    assert_int_equal(options.limits.monitor_max, 100);
    assert_int_equal(options.limits.nick_max, 32);
    assert_int_equal(options.limits.topic_max, 390);
    assert_false(options.counts_loopback);
}

static void every_limit_is_an_option_with_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < chat_limits_count; i++) {
        const struct chat_limit *limit = &chat_limits_table[i];
        assert_int_equal(parse_limit(limit, (uint64_t)limit->most + 1),
                         MIO_EINVAL);
        assert_non_null(strstr(reason, limit->option));
        assert_int_equal(parse_limit(limit, limit->least - 1), MIO_EINVAL);
        assert_int_equal(parse_limit(limit, limit->usual), 0);
        assert_int_equal(value_of(limit), limit->usual);
        assert_non_null(strstr(chat_options_help(), limit->option));
    }
    assert_int_equal(parse("--max-bans 7 --nick-length 9 --count-loopback"), 0);
    assert_int_equal(options.limits.bans_max, 7);
    assert_int_equal(options.limits.nick_max, 9);
    assert_true(options.counts_loopback);
}

static void the_hard_limit_is_not_below_the_soft_one(void **state)
{
    (void)state;
    assert_int_equal(parse("--send-queue-hard 65535"), MIO_EINVAL);
    assert_non_null(strstr(reason, "--send-queue-soft"));
    assert_int_equal(parse("--send-queue-soft 65535 --send-queue-hard 65535"),
                     0);
}

static void nonsense_is_refused_with_a_reason(void **state)
{
    static const char *const lines[] = {"--frobnicate",
                                        "surplus",
                                        "--listen",
                                        "--listen nowhere",
                                        "--listen 127.0.0.1",
                                        "--listen 127.0.0.1:99999",
                                        "--listen unix:/x",
                                        "--reactors 0",
                                        "--reactors 1025",
                                        "--reactors x",
                                        "--name x",
                                        "--name :x.y",
                                        "--network a=b",
                                        "--oper root",
                                        "--oper :x",
                                        "--oper x:",
                                        "--max-connections 0",
                                        "--line nowhere",
                                        "--line",
                                        "--line-room lobby"};

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        if (parse(lines[i]) != MIO_EINVAL)
            fail_msg("%s was taken", lines[i]);
        assert_true(strlen(reason) > 0);
        assert_null(strchr(reason, '\n'));
    }
}

static void help_names_every_option(void **state)
{
    static const char *const names[] = {"--listen",
                                        "--reactors",
                                        "--max-connections",
                                        "--name",
                                        "--network",
                                        "--motd",
                                        "--password",
                                        "--oper",
                                        "--stats",
                                        "--help",
                                        "--no-flood-control",
                                        "--version",
                                        "--exit-with-parent",
                                        "--line",
                                        "--line-room",
                                        "--count-loopback"};

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        assert_non_null(strstr(chat_options_help(), names[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_options_there_are_defaults),
        cmocka_unit_test(every_option_is_read),
        cmocka_unit_test(nonsense_is_refused_with_a_reason),
        cmocka_unit_test(limits_have_the_defaults_of_the_design),
        cmocka_unit_test(every_limit_is_an_option_with_bounds),
        cmocka_unit_test(the_hard_limit_is_not_below_the_soft_one),
        cmocka_unit_test(help_names_every_option),
    };
    return cmocka_run_group_tests_name("chat/options", tests, NULL, NULL);
}
