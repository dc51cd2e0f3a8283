/* SPDX-License-Identifier: MIT
 *
 * live/top_test.c - what mio-top shows of the chat is what its clients did. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/apps/chat/live/harness/client.h"
#include "tests/apps/chat/live/harness/server.h"

#define WARM 300
#define MESSAGES 1000
#define AT_ONCE 50

struct room {
    struct server *server;
    struct client *alice;
    struct client *bob;
    char path[64];
};

static const char *top_program;

static int setup(void **state)
{
    struct room *room = calloc(1, sizeof *room);
    (void)snprintf(room->path, sizeof room->path, "/tmp/top_test.%ld.sock",
                   (long)getpid());
    room->server =
        server_start("--no-flood-control", "--inspect", room->path, NULL);
    room->alice = client_join_server(room->server, "alice");
    room->bob = client_join_server(room->server, "bob");
    client_say(room->alice, "JOIN #tea");
    (void)client_expect(room->alice, ":* 366 alice #tea *");
    client_say(room->bob, "JOIN #tea");
    (void)client_expect(room->bob, ":* 366 bob #tea *");
    *state = room;
    return 0;
}

static int teardown(void **state)
{
    struct room *room = *state;
    client_close(room->alice);
    client_close(room->bob);
    server_stop_in_order(room->server);
    assert_int_equal(access(room->path, F_OK), -1);
    free(room);
    return 0;
}

/* Each is seen by bob before this returns: that is the count of the clients. */
static uint32_t talk(struct room *room, uint32_t count)
{
    char line[64];
    uint32_t delivered = 0;
    for (uint32_t i = 0; i < count; i++) {
        client_say(room->alice, "PRIVMSG #tea :%u", i);
        if (i % AT_ONCE != AT_ONCE - 1)
            continue;
        for (uint32_t j = i + 1 - AT_ONCE; j <= i; j++) {
            (void)snprintf(line, sizeof line, ":alice!* PRIVMSG #tea :%u", j);
            (void)client_expect_next(room->bob, line);
            delivered++;
        }
    }
    return delivered;
}

/* One page, and its rows by what they contain. */
static char page[1 << 16];

static void read_page(const struct room *room, const char *options)
{
    char command[512];
    (void)snprintf(command, sizeof command, "%s %s %s", top_program, options,
                   room->path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t size = fread(page, 1, sizeof page - 1, pipe);
    page[size] = '\0';
    assert_int_equal(pclose(pipe), 0);
}

/* The columns of a row of "busiest": R id busy% msgs/s messages others class */
static uint64_t messages_of(const char *name)
{
    unsigned reactor;
    double busy;
    char id[17], per_second[16];
    unsigned long long messages;
    const char *at = strstr(page, name);
    if (at == NULL)
        fail_msg("no %s in:\n%s", name, page);
    while (at > page && at[-1] != '\n')
        at--;
    assert_int_equal(sscanf(at, "%u %16s %lf %15s %llu", &reactor, id, &busy,
                            per_second, &messages),
                     5);
    assert_true(reactor < 64);
    return messages;
}

static void messages_are_those_that_clients_got(void **state)
{
    struct room *room = *state;
    (void)talk(room, WARM);
    read_page(room, "--once --interval 0.05");
    uint64_t before = messages_of(" #tea\n");
    uint32_t delivered = talk(room, MESSAGES);
    assert_int_equal(delivered, MESSAGES);
    read_page(room, "--once --interval 0.05");
    assert_int_equal(messages_of(" #tea\n") - before, delivered);
    /* Who sends to it has a name, too. */
    assert_non_null(strstr(page, "-> chat channel #tea"));
}

static void each_reactor_has_a_row(void **state)
{
    struct room *room = *state;
    char title[160];
    read_page(room, "--once --interval 0.05");
    (void)snprintf(title, sizeof title, "mio-top %s: %u reactors\n", room->path,
                   (unsigned)room->server->reactors_count);
    assert_memory_equal(page, title, strlen(title));
    const char *at = strstr(page, "\n  R busy%");
    assert_non_null(at);
    for (uint32_t i = 0; i < room->server->reactors_count; i++) {
        char head[16];
        (void)snprintf(head, sizeof head, "\n%3u ", (unsigned)i);
        at = strstr(at, head);
        assert_non_null(at);
    }
    assert_null(strstr(page, "STALLED"));
}

static void who_is_not_there_is_an_error(void **state)
{
    char command[512];
    (void)state;
    (void)snprintf(command, sizeof command,
                   "%s --once /nonexistent/socket 2>/dev/null", top_program);
    assert_int_equal(system(command), 1 << 8);
    (void)snprintf(command, sizeof command, "%s 2>/dev/null", top_program);
    assert_int_equal(system(command), 2 << 8);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(messages_are_those_that_clients_got,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(each_reactor_has_a_row, setup,
                                        teardown),
        cmocka_unit_test(who_is_not_there_is_an_error),
    };
    if (argc < 3)
        return 2;
    /* The last argument is ours. */
    top_program = argv[argc - 1];
    server_set_command(argc - 1, argv);
    return cmocka_run_group_tests_name("live/top", tests, NULL, NULL);
}
