/* SPDX-License-Identifier: MIT
 *
 * tests/apps/chat/options_test.c - the command line. */
#include "apps/chat/options.h"

#include "tests/apps/chat/irc/check.h"

#define ARGS_MAX 16

static struct chat_options options;
static char reason[CHAT_REASON_MAX];

/* Words with spaces between them. */
static int parse(const char *line)
{
    static char words[512];
    char *argv[ARGS_MAX] = {words};
    int argc = 1;

    strcpy(words, line);
    argv[0] = words + strlen(words); /* "" */
    for (char *word = strtok(words, " "); word != NULL;
         word = strtok(NULL, " "))
        argv[argc++] = word;
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

static void nonsense_is_refused_with_a_reason(void **state)
{
    static const char *const lines[] = {
        "--frobnicate",       "surplus",
        "--listen",           "--listen nowhere",
        "--listen 127.0.0.1", "--listen 127.0.0.1:99999",
        "--listen unix:/x",   "--reactors 0",
        "--reactors 1025",    "--reactors x",
        "--name x",           "--name :x.y",
        "--network a=b",      "--oper root",
        "--oper :x",          "--oper x:",
        "--max-connections 0"};

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
    static const char *const names[] = {
        "--listen",          "--reactors", "--max-connections",  "--name",
        "--network",         "--motd",     "--password",         "--oper",
        "--stats",           "--help",     "--no-flood-control", "--version",
        "--exit-with-parent"};

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
        cmocka_unit_test(help_names_every_option),
    };
    return cmocka_run_group_tests_name("chat/options", tests, NULL, NULL);
}
