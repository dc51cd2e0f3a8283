/* SPDX-License-Identifier: MIT
 *
 * live/process_test.c - the chat as a process: options, signals, its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/apps/chat/live/harness/client.h"
#include "tests/apps/chat/live/harness/server.h"

static const char *binary;

/* Run the binary with these options; its exit status, its output in `text`. */
static int run(const char *options, char *text, size_t text_size)
{
    char command[1024];
    (void)snprintf(command, sizeof command, "%s %s 2>&1", binary, options);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t n = fread(text, 1, text_size - 1, pipe);
    text[n] = 0;
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void help_names_every_option(void **state)
{
    (void)state;
    static const char *const options[] = {
        "--listen",  "--reactors", "--name",    "--motd",
        "--stats",   "--help",     "--version", "--max-connections",
        "--network", "--oper",     "--password"};
    char text[8192];
    assert_int_equal(run("--help", text, sizeof text), 0);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        assert_non_null(strstr(text, options[i]));
}

static void version_is_one_line(void **state)
{
    (void)state;
    char text[8192];
    assert_int_equal(run("--version", text, sizeof text), 0);
    assert_non_null(strchr(text, '\n'));
    assert_int_equal(strchr(text, '\n')[1], 0);
}

static void bad_options_end_with_2_and_a_reason(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "--frobnicate",         "--reactors 0",
        "--reactors x",         "--reactors 99999",
        "--listen nowhere",     "--listen 127.0.0.1:99999",
        "--max-connections -1", "--listen",
        "--name 'a b'",         "surplus"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[8192];
        int status = run(bad[i], text, sizeof text);
        if (status != 2 || text[0] == 0)
            fail_msg("'%s' ended with %d and said '%s'", bad[i], status, text);
    }
}

static void a_taken_port_ends_with_1_and_a_reason(void **state)
{
    (void)state;
    /* A listener that does not share its port stands in the way. */
    struct server *server = server_start(NULL);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(listen(fd, 1), 0); /* binds to any free port */
    uint8_t address[128];
    socklen_t size = sizeof address;
    assert_int_equal(getsockname(fd, (void *)address, &size), 0);
    char option[64];
    char text[8192];
    (void)snprintf(option, sizeof option, "--listen 127.0.0.1:%u",
                   (unsigned)(address[2] << 8 | address[3]));
    assert_int_equal(run(option, text, sizeof text), 1);
    assert_non_null(strstr(text, "127.0.0.1"));
    (void)close(fd);
    server_stop_in_order(server);
}

static void several_addresses_are_served(void **state)
{
    (void)state;
    struct server *server = server_start("--listen", "127.0.0.1:0", NULL);
    size_t second = server_await(server, 1, "listening on ");
    unsigned port = 0;
    assert_int_equal(
        sscanf(server->output + second, "listening on 127.0.0.1:%u", &port), 1);
    struct client *one = client_join_server(server, "one");
    server->port = (uint16_t)port;
    struct client *two = client_join_server(server, "two");
    client_say(one, "PRIVMSG two :across");
    (void)client_expect(two, ":one!* PRIVMSG two :across");
    client_close(one);
    client_close(two);
    server_stop_in_order(server);
}

static void the_message_of_the_day_is_the_files(void **state)
{
    (void)state;
    char path[] = "/tmp/motd-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "first line\nsecond line\n", 23), 23);
    (void)close(fd);
    struct server *server = server_start("--motd", path, NULL);
    struct client *client = client_connect(server);
    client_say(client, "NICK reader");
    client_say(client, "USER reader 0 * :r");
    (void)client_expect(client, ":* 375 *");
    (void)client_expect_next(client, ":* 372 reader :*first line");
    (void)client_expect_next(client, ":* 372 reader :*second line");
    (void)client_expect_next(client, ":* 376 *");
    client_close(client);
    server_stop_in_order(server);
    (void)unlink(path);
}

static void a_stop_tells_the_clients_and_ends_in_order(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGINT};
    for (int i = 0; i < 2; i++) {
        struct server *server = server_start(NULL);
        struct client *client = client_join_server(server, "guest");
        assert_int_equal(kill(server->pid, signals[i]), 0);
        (void)client_expect(client, "ERROR *");
        client_expect_end(client);
        client_close(client);
        int status = server_wait(server);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

static void a_stop_is_not_held_up_by_a_peer_that_does_not_read(void **state)
{
    (void)state;
    struct server *server = server_start("--no-flood-control", NULL);
    struct client *deaf = client_join_server(server, "deaf");
    for (int i = 0; i < 3000; i++)
        if (!client_try_send(deaf, "VERSION\r\nLUSERS\r\n", 17))
            break;
    server_stop_in_order(server);
    client_close(deaf);
}

static void the_counters_are_printed_at_the_end(void **state)
{
    (void)state;
    struct server *server = server_start(NULL);
    struct client *client = client_join_server(server, "guest");
    size_t from = server->output_size;
    assert_int_equal(kill(server->pid, SIGTERM), 0);
    (void)server_await(server, from, "stats reactor=0 ");
    (void)server_await(server, from, "stats end");
    assert_int_equal(server_wait(server), 0);
    client_close(client);
}

/* A peer whose replies fill every buffer on the way, until the server cannot
 * write to it any more. */
static struct client *deaf_peer(struct server *server)
{
    static struct server_stats stats;
    struct client *deaf = client_join_server(server, "deaf");
    (void)fcntl(deaf->fd, F_SETFL, O_NONBLOCK);
    do {
        for (int i = 0; i < 100; i++)
            (void)client_try_send(deaf, "VERSION\r\nLUSERS\r\n", 17);
        server_read_stats(server, &stats);
    } while (server_stat_sum(&stats, "writes_blocked") == 0);
    return deaf;
}

static void a_second_signal_ends_at_once(void **state)
{
    (void)state;
    /* The deaf peer keeps the first stop busy for a while. Should the server
     * still be faster than the second signal, another round is made. */
    for (int round = 0; round < 10; round++) {
        struct server *server = server_start("--no-flood-control", NULL);
        struct client *guest = client_join_server(server, "guest");
        struct client *deaf = deaf_peer(server);
        assert_int_equal(kill(server->pid, SIGTERM), 0);
        (void)client_expect(guest, "ERROR *"); /* the first was seen */
        int status = server_stop(server, SIGINT);
        client_close(guest);
        client_close(deaf);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == 128 + SIGINT)
            return;
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    fail_msg("no second signal was ever seen");
}

int main(int argc, char **argv)
{
    server_set_command(argc, argv);
    binary = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_names_every_option),
        cmocka_unit_test(version_is_one_line),
        cmocka_unit_test(bad_options_end_with_2_and_a_reason),
        cmocka_unit_test(a_taken_port_ends_with_1_and_a_reason),
        cmocka_unit_test(several_addresses_are_served),
        cmocka_unit_test(the_message_of_the_day_is_the_files),
        cmocka_unit_test(a_stop_tells_the_clients_and_ends_in_order),
        cmocka_unit_test(a_stop_is_not_held_up_by_a_peer_that_does_not_read),
        cmocka_unit_test(the_counters_are_printed_at_the_end),
        cmocka_unit_test(a_second_signal_ends_at_once),
    };
    return cmocka_run_group_tests_name("chat/process", tests, NULL, NULL);
}
