/* SPDX-License-Identifier: MIT
 *
 * live/input_test.c - bad input: each kind gets its answer, nobody else hurts.
 *
 * A bystander is connected all the while; at the end of each test he must be
 * served as before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/apps/chat/live/harness/client.h"
#include "tests/apps/chat/live/harness/server.h"

struct fixture {
    struct server *server;
    struct client *bystander;
    struct client *client;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->server = server_start(NULL);
    f->bystander = client_join_server(f->server, "bystander");
    f->client = client_join_server(f->server, "client");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    client_sync(f->bystander, NULL);
    client_close(f->bystander);
    client_close(f->client);
    server_stop_in_order(f->server);
    free(f);
    return 0;
}

/* `size` bytes of x between head and tail, as one write. */
static void send_long(struct client *client, const char *head, size_t size,
                      const char *tail)
{
    size_t head_size = strlen(head);
    size_t tail_size = strlen(tail);
    char *bytes = malloc(head_size + size + tail_size);
    assert_non_null(bytes);
    memcpy(bytes, head, head_size);
    memset(bytes + head_size, 'x', size);
    memcpy(bytes + head_size + size, tail, tail_size);
    (void)client_try_send(client, bytes, head_size + size + tail_size);
    free(bytes);
}

static void an_over_long_line_is_refused_and_dropped(void **state)
{
    struct fixture *f = *state;
    send_long(f->client, "PRIVMSG bystander :", 494, "\r\n"); /* 515 bytes */
    (void)client_expect(f->client, ":* 417 client *");
    send_long(f->client, "PRIVMSG bystander :", 2000, "\r\n");
    (void)client_expect(f->client, ":* 417 client *");
    client_sync(f->client, NULL);
    client_sync(f->bystander, "*PRIVMSG*");
}

static void a_line_of_512_bytes_is_taken(void **state)
{
    struct fixture *f = *state;
    send_long(f->client, "PRIVMSG bystander :", 491, "\r\n"); /* 512 bytes */
    client_sync(f->client, ":* 417 *");
    assert_true(client_hears(f->bystander, ":client!* PRIVMSG bystander :xx*"));
}

static void endless_input_without_a_line_closes(void **state)
{
    struct fixture *f = *state;
    send_long(f->client, "", 100000, "");
    client_expect_end(f->client);
}

static void over_long_tags_are_refused(void **state)
{
    struct fixture *f = *state;
    send_long(f->client, "@+a=", 9000, " PRIVMSG bystander :hi\r\n");
    (void)client_expect(f->client, ":* 417 client *");
    client_sync(f->client, NULL);
    client_sync(f->bystander, "*PRIVMSG*");
}

static void a_nul_byte_drops_the_line(void **state)
{
    struct fixture *f = *state;
    static const char line[] = "PRIVMSG bystander :a\0b\r\n";
    client_send(f->client, line, sizeof line - 1);
    client_sync(f->client, NULL);
    client_sync(f->bystander, "*PRIVMSG*");
}

static void a_bare_carriage_return_drops_the_line(void **state)
{
    struct fixture *f = *state;
    static const char line[] = "PRIVMSG bystander :a\rPRIVMSG bystander :b\r\n";
    client_send(f->client, line, sizeof line - 1);
    client_sync(f->client, NULL);
    client_sync(f->bystander, "*PRIVMSG*");
}

static void invalid_utf8_is_refused(void **state)
{
    struct fixture *f = *state;
    client_say(f->client, "PRIVMSG bystander :\xff\xfe broken");
    (void)client_expect(f->client, "*FAIL PRIVMSG INVALID_UTF8*");
    client_sync(f->client, NULL);
    client_sync(f->bystander, "*PRIVMSG*");
}

static void an_unknown_command_is_named(void **state)
{
    struct fixture *f = *state;
    client_say(f->client, "FROBNICATE now");
    (void)client_expect(f->client, ":* 421 client FROBNICATE :*");
}

static void empty_lines_cost_nothing(void **state)
{
    struct fixture *f = *state;
    client_send(f->client, "\r\n\n   \r\n\r\n", 10);
    client_say(f->client, "PING after");
    (void)client_expect_next(f->client, "*PONG*after");
}

static void a_spoofed_prefix_changes_nobody(void **state)
{
    struct fixture *f = *state;
    client_say(f->client, ":bystander PRIVMSG bystander :from whom?");
    client_sync(f->client, NULL);
    client_sync(f->bystander, ":bystander*PRIVMSG*");
}

static void two_thousand_pings_are_all_answered(void **state)
{
    struct fixture *f = *state;
    static char pings[2000 * 16];
    size_t size = 0;
    for (int i = 0; i < 2000; i++)
        size += (size_t)sprintf(pings + size, "PING p%d\r\n", i);
    client_send(f->client, pings, size);
    for (int i = 0; i < 2000; i++) {
        char pong[32];
        (void)snprintf(pong, sizeof pong, "*PONG*p%d", i);
        (void)client_expect_next(f->client, pong);
    }
}

static void a_browser_is_sent_away(void **state)
{
    struct fixture *f = *state;
    struct client *browser = client_connect(f->server);
    client_say(browser, "GET / HTTP/1.1");
    client_say(browser, "Host: localhost");
    client_say(browser, "%s", "");
    (void)client_expect(browser, "ERROR *");
    client_expect_end(browser);
    client_close(browser);
}

static void commands_before_registration_are_refused(void **state)
{
    struct fixture *f = *state;
    struct client *early = client_connect(f->server);
    client_say(early, "JOIN #tea");
    (void)client_expect(early, ":* 451 * :*");
    client_say(early, "JOIN :"); /* irssi says so; it must cost nothing */
    client_register(early, "early");
    client_close(early);
}

static void quit_before_registration_is_answered_at_once(void **state)
{
    struct fixture *f = *state;
    struct client *early = client_connect(f->server);
    client_say(early, "QUIT");
    (void)client_expect(early, "ERROR *");
    client_expect_end(early);
    client_close(early);
}

static void bytes_that_come_one_by_one_are_lines_all_the_same(void **state)
{
    struct fixture *f = *state;
    static const char line[] = "PRIVMSG bystander :slow but sure\r\n";
    for (size_t i = 0; i < sizeof line - 1; i++)
        client_send(f->client, line + i, 1);
    (void)client_expect(f->bystander,
                        ":client!* PRIVMSG bystander :slow but sure");
}

static void random_bytes_never_hurt_the_server(void **state)
{
    struct fixture *f = *state;
    uint32_t seed = 2463534242;
    for (int round = 0; round < 200; round++) {
        struct client *noise = client_connect(f->server);
        char bytes[3000];
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed ^= seed << 13, seed ^= seed >> 17, seed ^= seed << 5;
            bytes[i] = (char)(seed >> 7);
        }
        (void)client_try_send(noise, bytes, sizeof bytes);
        if (round % 2 == 0)
            client_vanish(noise);
        else
            client_close(noise);
    }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(int argc, char **argv)
{
    server_set_command(argc, argv);
    const struct CMUnitTest tests[] = {
        TEST(an_over_long_line_is_refused_and_dropped),
        TEST(a_line_of_512_bytes_is_taken),
        TEST(endless_input_without_a_line_closes),
        TEST(over_long_tags_are_refused),
        TEST(a_nul_byte_drops_the_line),
        TEST(a_bare_carriage_return_drops_the_line),
        TEST(invalid_utf8_is_refused),
        TEST(an_unknown_command_is_named),
        TEST(empty_lines_cost_nothing),
        TEST(a_spoofed_prefix_changes_nobody),
        TEST(two_thousand_pings_are_all_answered),
        TEST(a_browser_is_sent_away),
        TEST(commands_before_registration_are_refused),
        TEST(quit_before_registration_is_answered_at_once),
        TEST(bytes_that_come_one_by_one_are_lines_all_the_same),
        TEST(random_bytes_never_hurt_the_server),
    };
    return cmocka_run_group_tests_name("chat/input", tests, NULL, NULL);
}
