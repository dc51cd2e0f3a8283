/* SPDX-License-Identifier: MIT
 *
 * dialogue/limits_test.c - what one client may take, as the options say.
 *
 * Where a limit is a time it is one second, and the test waits for what comes
 * of it; where nothing shall come of it the time is far beyond the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sys/socket.h>

#include <cmocka.h>

#include "tests/apps/chat/dialogue/script.h"
#include "tests/apps/chat/live/harness/client.h"
#include "tests/apps/chat/live/harness/deadline.h"
#include "tests/apps/chat/live/harness/server.h"

/* --- time ------------------------------------------------------------------*/

static void who_does_not_register_in_time_is_sent_away(void **state)
{
    struct server *server = server_start("--registration-seconds", "1", NULL);

    (void)state;
    PLAY(server, "a+ann", "b*", "b>NICK bob", "b<ERROR *timed out*", "b!", "c*",
         "c<ERROR *(Registration timed out)", "c!", "a=", "d+bob");
    server_stop_in_order(server);
}

static void who_does_not_answer_a_ping_is_sent_away(void **state)
{
    struct server *server =
        server_start("--ping-seconds", "1", "--answer-seconds", "1", NULL);

    (void)state;
    PLAY(server, "a+ann", "a<PING :irc.localhost",
         "a<ERROR *(Ping timeout: 2 seconds)", "a!");
    server_stop_in_order(server);
}

static void his_neighbours_read_why(void **state)
{
    struct server *server =
        server_start("--ping-seconds", "1", "--answer-seconds", "3", NULL);
    struct client *ann = client_join_server(server, "ann");
    struct client *bob = client_join_server(server, "bob");

    (void)state;
    client_say(ann, "JOIN #x");
    (void)client_expect(ann, "* 366 *");
    client_say(bob, "JOIN #x");
    (void)client_expect(bob, "* 366 *");
    for (;;) { /* ann answers, bob does not */
        const char *line = client_read(ann);
        assert_non_null(line);
        if (strncmp(line, "PING", 4) == 0)
            client_say(ann, "PONG x");
        if (strstr(line, " QUIT ") != NULL)
            break;
    }
    assert_non_null(strstr(ann->line, ":bob!"));
    assert_non_null(strstr(ann->line, "QUIT :Ping timeout: 4 seconds"));
    client_close(ann);
    client_close(bob);
    server_stop_in_order(server);
}

static void anything_he_says_answers_a_ping(void **state)
{
    struct server *server =
        server_start("--ping-seconds", "1", "--answer-seconds", "3600", NULL);

    (void)state;
    PLAY(server, "a+ann", "a<PING *", "a>PONG x", "a<PING *", "a>VERSION",
         "a~* 005 *", "a~PING *", "a>", "a<PING *", "a=");
    server_stop_in_order(server);
}

/* --- how many --------------------------------------------------------------*/

static void an_address_has_only_so_many_connections(void **state)
{
    struct server *server =
        server_start("--max-per-address", "2", "--count-loopback", NULL);
    struct client *client;
    int64_t deadline = deadline_in_ms(DEADLINE_MS);
    bool is_in = false;

    (void)state;
    PLAY(server, "a+ann", "b+bob", "c*",
         "c<ERROR *(Too many connections from your address)", "c!",
         "a=", "b=", "d*", "d<ERROR *", "d!");
    /* Both places are given back; when, only trying tells. */
    while (!is_in) {
        assert_true(deadline_left_ms(deadline) > 0);
        client = client_connect(server);
        client_say(client, "NICK eve");
        client_say(client, "USER eve 0 * :eve");
        const char *line = client_read(client);
        is_in = line != NULL && strstr(line, " 001 ") != NULL;
        if (!is_in)
            client_close(client);
    }
    client_close(client);
    server_stop_in_order(server);
}

static void this_host_is_exempt_without_being_asked(void **state)
{
    struct server *server = server_start("--max-per-address", "1", NULL);

    (void)state;
    PLAY(server, "a+ann", "b+bob", "c+eve", "a=", "b=", "c=");
    server_stop_in_order(server);
}

static void too_many_lines_before_registration_as_configured(void **state)
{
    struct server *server = server_start("--registration-lines", "5", NULL);

    (void)state;
    PLAY(server, "a*", "a>PONG 1", "a>PONG 2", "a>PONG 3", "a>PING 4",
         "a<* PONG *", "a>PING 5", "a<* PONG *", "a>PING 6",
         "a<ERROR *(Too much before registration)", "a!", "b+bob");
    server_stop_in_order(server);
}

static void what_is_configured_is_told_and_kept(void **state)
{
    struct server *server = server_start(
        "--nick-length", "6", "--topic-length", "5", "--max-channels", "2",
        "--max-bans", "1", "--no-flood-control", NULL);

    (void)state;
    PLAY(server, "a*", "a>NICK annabel", "a<* 432 * annabel *", "a>NICK annabe",
         "a>USER u 0 * :r", "a~* 005 * MAXLIST=b:1 CHANLIMIT=#:2 NICKLEN=6 *",
         "a~* 005 * TOPICLEN=5 *", "a~* 422 *", "a>NICK annabel",
         "a<* 432 annabe annabel *", "a>JOIN #x,#y,#z", "a~* 366 * #y *",
         "a<* 405 annabe #z *", "a>TOPIC #x :123456",
         "a<:annabe!* TOPIC #x :12345", "a>MODE #x +b a!*@*",
         "a<* MODE #x +b a!*@*", "a>MODE #x +b b!*@*", "a<* 478 annabe #x *",
         "a=");
    server_stop_in_order(server);
}

/* --- how much --------------------------------------------------------------*/

static void say_often(struct client *client, const char *line, int count)
{
    for (int i = 0; i < count; i++)
        client_say(client, "%s", line);
}

static void who_floods_beyond_the_input_limit_is_sent_away(void **state)
{
    struct server *server = server_start("--flood-burst", "1", "--flood-rate",
                                         "1", "--max-input", "4608", NULL);
    struct client *client = client_join_server(server, "ann");

    (void)state;
    say_often(client, "VERSION a.server.that.is.not.here", 200);
    /* At once, and not when most of it was heard after all. */
    for (int i = 0; i < 20; i++)
        if (strncmp(client_read(client), "ERROR", 5) == 0)
            break;
    assert_non_null(strstr(client->line, "(Excess Flood)"));
    client_close(client);
    server_stop_in_order(server);
}

static void what_a_burst_allows_is_no_flood(void **state)
{
    struct server *server = server_start("--flood-burst", "201", "--flood-rate",
                                         "1", "--max-input", "4608", NULL);
    struct client *client = client_join_server(server, "ann");

    (void)state;
    say_often(client, "VERSION a.server.that.is.not.here", 200);
    for (int i = 0; i < 200; i++)
        (void)client_expect_next(client, "* 402 ann a.server.* *");
    client_sync(client, NULL);
    client_close(client);
    server_stop_in_order(server);
}

static void who_talks_too_fast_is_heard_later(void **state)
{
    struct server *server =
        server_start("--flood-burst", "1", "--flood-rate", "20", NULL);
    struct client *client = client_join_server(server, "ann");

    (void)state;
    say_often(client, "VERSION nowhere.at.all", 10);
    for (int i = 0; i < 10; i++)
        (void)client_expect_next(client, "* 402 *");
    client_sync(client, NULL);
    client_close(client);
    server_stop_in_order(server);
}

static void input_without_an_end_is_bounded_as_configured(void **state)
{
    struct server *server = server_start("--max-input", "5000", NULL);
    struct client *client = client_connect(server);
    static char bytes[5000];

    (void)state;
    memset(bytes, 'x', sizeof(bytes));
    client_send(client, bytes, 4998); /* and CR: one byte too few for it */
    client_send(client, "\r\n", 2);
    (void)client_expect_next(client, "* 417 *");
    client_send(client, bytes, 5000);
    (void)client_expect_next(client, "ERROR *(Input without an end of line)");
    client_expect_end(client);
    client_close(client);
    server_stop_in_order(server);
}

/* Somebody whose own socket takes at most twice as much. */
static struct client *join_with_window(const struct server *server,
                                       const char *nick, int size)
{
    struct client *client = client_connect(server);

    (void)setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    client_register(client, nick);
    return client;
}

static void who_does_not_read_is_closed_at_the_hard_limit(void **state)
{
    struct server *server = server_start(
        "--no-flood-control", "--send-queue-soft", "8192", "--send-queue-hard",
        "16384", "--ping-seconds", "86400", NULL);
    struct client *talker = client_join_server(server, "talker");
    struct client *sleeper = join_with_window(server, "sleeper", 4096);
    bool is_gone = false;

    (void)state;
    client_say(sleeper, "JOIN #loud");
    (void)client_expect(sleeper, "* 366 *");
    client_say(talker, "JOIN #loud");
    (void)client_expect(talker, "* 366 *");
    while (!is_gone) { /* sockets hold much more than the limit */
        say_often(talker, "PRIVMSG #loud :and again, and again, and again", 50);
        is_gone = client_hears(talker, ":sleeper!* QUIT :SendQ exceeded");
    }
    client_close(talker);
    client_close(sleeper);
    server_stop_in_order(server);
}

/* The most that the system keeps of what one end of a connection sends. */
static size_t system_buffer(void)
{
    FILE *file = fopen("/proc/sys/net/ipv4/tcp_wmem", "r");
    size_t most = 0;

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*u %*u %zu", &most), 1);
    (void)fclose(file);
    return most;
}

/* More than the usual limit and all that sockets can hold. */
static void who_may_owe_much_is_not_closed_early(void **state)
{
    enum { WINDOW = 1 << 18 };
    struct server *server = server_start(
        "--no-flood-control", "--send-queue-hard", "1073741824", NULL);
    struct client *talker = client_join_server(server, "talker");
    struct client *sleeper = join_with_window(server, "sleeper", WINDOW);
    size_t enough = (1U << 20) + system_buffer() + (size_t)(2 * WINDOW);
    size_t count = enough / 400 + 1;
    char text[401];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    client_say(sleeper, "JOIN #loud");
    (void)client_expect(sleeper, "* 366 *");
    client_say(talker, "JOIN #loud");
    (void)client_expect(talker, "* 366 *");
    for (size_t i = 0; i < count; i++)
        client_say(talker, "PRIVMSG #loud :%zu %s", i, text);
    client_sync(talker, "* QUIT *");
    (void)client_expect_next(sleeper, ":talker!* JOIN #loud");
    for (size_t i = 0; i < count; i++) {
        size_t number = 0;
        assert_non_null(client_read(sleeper));
        assert_int_equal(
            sscanf(sleeper->line, "%*s PRIVMSG #loud :%zu", &number), 1);
        assert_int_equal(number, i);
    }
    client_close(talker);
    client_close(sleeper);
    server_stop_in_order(server);
}

/* His answers would be far more than the hard limit, were they not held back
 * at the soft one. */
static void who_reads_late_gets_all_his_answers(void **state)
{
    enum { QUESTIONS = 3000 };
    struct server *server =
        server_start("--no-flood-control", "--send-queue-soft", "4096",
                     "--send-queue-hard", "16384", NULL);
    struct client *client = client_join_server(server, "ann");
    static const char question[] = "HELP COMMANDS\r\n"; /* 2 KiB are said */
    int asked = 0;

    (void)state;
    while (asked < QUESTIONS && /* or until the server reads no more */
           send(client->fd, question, sizeof(question) - 1, MSG_DONTWAIT) ==
               (ssize_t)sizeof(question) - 1)
        asked++;
    for (int i = 0; i < asked; i++)
        (void)client_expect(client, "* 706 ann COMMANDS *");
    client_close(client);
    server_stop_in_order(server);
}

int main(int argc, char **argv)
{
    server_set_command(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_does_not_register_in_time_is_sent_away),
        cmocka_unit_test(who_does_not_answer_a_ping_is_sent_away),
        cmocka_unit_test(his_neighbours_read_why),
        cmocka_unit_test(anything_he_says_answers_a_ping),
        cmocka_unit_test(an_address_has_only_so_many_connections),
        cmocka_unit_test(this_host_is_exempt_without_being_asked),
        cmocka_unit_test(too_many_lines_before_registration_as_configured),
        cmocka_unit_test(what_is_configured_is_told_and_kept),
        cmocka_unit_test(who_floods_beyond_the_input_limit_is_sent_away),
        cmocka_unit_test(what_a_burst_allows_is_no_flood),
        cmocka_unit_test(who_talks_too_fast_is_heard_later),
        cmocka_unit_test(input_without_an_end_is_bounded_as_configured),
        cmocka_unit_test(who_does_not_read_is_closed_at_the_hard_limit),
        cmocka_unit_test(who_may_owe_much_is_not_closed_early),
        cmocka_unit_test(who_reads_late_gets_all_his_answers),
    };
    return cmocka_run_group_tests_name("chat/limits", tests, NULL, NULL);
}
