/* SPDX-License-Identifier: MIT
 *
 * tests/net/server/connection_test.c - however it ends, it ends once. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "tests/net/server/harness.h"
#include "tests/storm/patient.h"

static int note_open(struct mio_connection *self, void *state, void *argument)
{
    (void)self;
    (void)state;
    (void)argument;
    note(OPENED, 0);
    return 0;
}

static void note_close(struct mio_connection *self, void *state, int reason)
{
    (void)self;
    (void)state;
    note(CLOSED, reason);
}

static int64_t echo(struct mio_connection *self, void *state,
                    const uint8_t *bytes, size_t size)
{
    (void)state;
    int rc = mio_connection_send(self, bytes, size);
    note(DATA, (int64_t)size);
    return rc < 0 ? rc : (int64_t)size;
}

static const struct mio_connection_class echo_class = {
    .name = "echo", .open = note_open, .data = echo, .close = note_close};

/* Whatever happened before, the server serves. */
static void assert_serves(const struct fixture *f)
{
    uint64_t closed = notes_count(CLOSED);
    int client = connect_to(f);
    send_all(client, "hello", 5);
    expect_text(client, "hello");
    close(client);
    await(CLOSED, closed + 1);
}

/* --- the peer ends -------------------------------------------------------- */

static void a_half_closed_peer_still_hears_everything(void **state)
{
    struct fixture *f = *state;
    static uint8_t sent[30000], got[30000];
    fill(sent, sizeof(sent), 1, 0);
    serve(f, (struct mio_server_options){.connection_class = &echo_class});
    int client = connect_to(f);
    send_all(client, sent, sizeof(sent));
    shutdown(client, SHUT_WR);
    assert_int_equal(recv_to_end(client, got, sizeof(got)), sizeof(got));
    assert_memory_equal(got, sent, sizeof(sent));
    assert_int_equal(await(CLOSED, 1), 0);
    close(client);
}

static int64_t answer_much(struct mio_connection *self, void *state,
                           const uint8_t *bytes, size_t size)
{
    static const uint8_t much[8 << 20];
    if (bytes[0] != '?')
        return echo(self, state, bytes, size);
    (void)mio_connection_send(self, much, sizeof(much));
    return (int64_t)size;
}

static const struct mio_connection_class verbose = {
    .name = "verbose",
    .open = note_open,
    .data = answer_much,
    .close = note_close,
};

static void a_peer_that_vanishes_with_bytes_unsent_harms_nobody(void **state)
{
    struct fixture *f = *state;
    char got;
    serve(f, (struct mio_server_options){.connection_class = &verbose,
                                         .queue_max = 16 << 20});
    for (uint64_t i = 1; i <= 10; i++) {
        int client = connect_to(f);
        send_all(client, "?", 1);
        recv_all(client, &got, 1);
        close_by_reset(client);
        int reason = (int)await(CLOSED, 2 * i - 1);
        assert_true(reason == MIO_ECONNRESET || reason == MIO_EPIPE);
        assert_serves(f);
    }
}

/* --- we end --------------------------------------------------------------- */

#define FAREWELL_SIZE 400000

static int64_t say_farewell(struct mio_connection *self, void *state,
                            const uint8_t *bytes, size_t size)
{
    static uint8_t farewell[FAREWELL_SIZE];
    (void)state;
    (void)bytes;
    fill(farewell, sizeof(farewell), 8, 0);
    (void)mio_connection_send(self, farewell, sizeof(farewell));
    mio_connection_finish(self, 17);
    note(DATA, mio_connection_send(self, "x", 1)); /* too late */
    return (int64_t)size;
}

static void *send_on_and_on(void *argument)
{
    static const uint8_t bytes[65536];
    int client = *(int *)argument;
    while (send(client, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0)
        ;
    return NULL;
}

static void
finish_delivers_the_last_bytes_to_a_peer_that_is_sending(void **state)
{
    static const struct mio_connection_class polite = {
        .name = "polite",
        .open = note_open,
        .data = say_farewell,
        .close = note_close,
    };
    struct fixture *f = *state;
    static uint8_t got[FAREWELL_SIZE], expected[FAREWELL_SIZE];
    static const uint8_t more[16 << 20]; /* than the system's buffers hold */
    fill(expected, sizeof(expected), 8, 0);
    serve(f, (struct mio_server_options){.connection_class = &polite});
    int client = connect_to(f);
    /* One that reads only when all is sent is not left hanging. */
    send_all(client, more, sizeof(more));
    pthread_t sender;
    assert_int_equal(pthread_create(&sender, NULL, send_on_and_on, &client), 0);
    assert_int_equal(await(DATA, 1), MIO_ECLOSED);
    /* The end, and no reset, although it goes on sending. */
    assert_int_equal(recv_to_end(client, got, sizeof(got)), sizeof(got));
    assert_memory_equal(got, expected, sizeof(got));
    shutdown(client, SHUT_WR);
    pthread_join(sender, NULL);
    assert_int_equal(await(CLOSED, 1), 17);
    assert_int_equal(notes_count(DATA), 1);
    close(client);
}

static int64_t finish_now(struct mio_connection *self, void *state,
                          const uint8_t *bytes, size_t size)
{
    (void)state;
    (void)bytes;
    mio_connection_finish(self, 3);
    return (int64_t)size;
}

static void a_peer_that_does_not_end_is_left_after_a_moment(void **state)
{
    static const struct mio_connection_class brief = {
        .name = "brief",
        .open = note_open,
        .data = finish_now,
        .close = note_close,
    };
    struct fixture *f = *state;
    serve(f, (struct mio_server_options){.connection_class = &brief});
    int client = connect_to(f);
    send_all(client, "x", 1);
    assert_ends(client);
    assert_int_equal(await(CLOSED, 1), 3);
    close(client);
}

static int64_t close_now(struct mio_connection *self, void *state,
                         const uint8_t *bytes, size_t size)
{
    (void)state;
    (void)bytes;
    (void)mio_connection_send(self, "go away", 7);
    mio_connection_close(self, 5);
    mio_connection_close(self, 6);  /* the first reason stays */
    mio_connection_finish(self, 7); /* there is nothing to finish */
    note(DATA, mio_connection_send(self, "x", 1));
    return (int64_t)size;
}

static void close_gives_what_is_queued_one_attempt(void **state)
{
    static const struct mio_connection_class rude = {
        .name = "rude",
        .open = note_open,
        .data = close_now,
        .close = note_close,
    };
    struct fixture *f = *state;
    serve(f, (struct mio_server_options){.connection_class = &rude});
    int client = connect_to(f);
    send_all(client, "x", 1);
    expect_text(client, "go away");
    assert_ends(client);
    assert_int_equal(await(CLOSED, 1), 5);
    assert_int_equal(await(DATA, 1), MIO_ECLOSED);
    close(client);
}

/* --- callbacks that fail -------------------------------------------------- */

static int fail_open(struct mio_connection *self, void *state, void *argument)
{
    note_open(self, state, argument);
    (void)mio_connection_send(self, "not you", 7);
    return *(const int *)argument;
}

static void an_open_that_fails_is_closed_once(void **state)
{
    static const struct mio_connection_class picky = {
        .name = "picky",
        .open = fail_open,
        .data = echo,
        .close = note_close,
    };
    struct fixture *f = *state;
    int code = MIO_EPERM;
    serve(f, (struct mio_server_options){.connection_class = &picky,
                                         .argument = &code});
    for (uint64_t i = 1; i <= 10; i++) {
        int client = connect_to(f);
        expect_text(client, "not you");
        assert_ends(client);
        close(client);
        assert_int_equal(await(CLOSED, i), MIO_EPERM);
    }
    assert_int_equal(notes_count(CLOSED), 10);
}

static int64_t fail_on_bang(struct mio_connection *self, void *state,
                            const uint8_t *bytes, size_t size)
{
    if (bytes[0] == '!')
        return MIO_EPROTO;
    return echo(self, state, bytes, size);
}

static void a_callback_that_fails_ends_its_own_connection(void **state)
{
    static const struct mio_connection_class fragile = {
        .name = "fragile",
        .open = note_open,
        .data = fail_on_bang,
        .close = note_close,
    };
    struct fixture *f = *state;
    serve(f, (struct mio_server_options){.connection_class = &fragile});
    int other = connect_to(f);
    send_all(other, "a", 1);
    expect_text(other, "a");
    int client = connect_to(f);
    send_all(client, "!", 1);
    assert_ends(client);
    assert_int_equal(await(CLOSED, 1), MIO_EPROTO);
    send_all(other, "b", 1);
    expect_text(other, "b");
    close(other);
    close(client);
}

static void a_class_may_be_empty(void **state)
{
    static const struct mio_connection_class empty = {.name = "empty"};
    struct fixture *f = *state;
    serve(f, (struct mio_server_options){.connection_class = &empty});
    int client = connect_to(f);
    send_all(client, "anything", 8);
    shutdown(client, SHUT_WR);
    assert_ends(client);
    close(client);
}

/* --- the runtime stops ---------------------------------------------------- */

static int bid_farewell(struct mio_connection *self, void *state)
{
    (void)state;
    (void)mio_connection_send(self, "we close", 8);
    mio_connection_finish(self, 9);
    return 0;
}

static void a_stop_lets_a_connection_say_its_last_words(void **state)
{
    static const struct mio_connection_class host = {
        .name = "host",
        .open = note_open,
        .data = echo,
        .stop = bid_farewell,
        .close = note_close,
    };
    struct fixture *f = *state;
    int clients[20];
    serve(f, (struct mio_server_options){.connection_class = &host});
    for (size_t i = 0; i < 20; i++)
        clients[i] = connect_to(f);
    await(OPENED, 20);
    mio_runtime_stop(f->runtime);
    for (size_t i = 0; i < 20; i++) {
        expect_text(clients[i], "we close");
        assert_ends(clients[i]);
        close(clients[i]);
    }
    stop_and_join(f);
    assert_int_equal(notes_sum(CLOSED), 20 * 9);
}

static void a_stop_without_callback_writes_what_is_queued(void **state)
{
    struct fixture *f = *state;
    static uint8_t got[8 << 20];
    serve(f, (struct mio_server_options){.connection_class = &verbose,
                                         .queue_max = 16 << 20});
    int client = connect_to(f);
    send_all(client, "?", 1);
    recv_all(client, got, 1);
    mio_runtime_stop(f->runtime);
    assert_int_equal(recv_to_end(client, got, sizeof(got)), sizeof(got) - 1);
    close(client);
    stop_and_join(f);
    assert_int_equal(await(CLOSED, 1), MIO_ESTOPPED);
}

static void a_peer_that_does_not_read_does_not_hold_up_a_stop(void **state)
{
    struct fixture *f = *state;
    char got;
    f->stop_within_ns = MIO_NS_PER_S;
    serve(f, (struct mio_server_options){.connection_class = &verbose,
                                         .queue_max = 16 << 20});
    int client = connect_to(f);
    send_all(client, "?", 1);
    recv_all(client, &got, 1);
    stop_and_join(f);
    assert_int_equal(await(CLOSED, 1), MIO_ETIMEDOUT);
    close(client);
}

static int64_t finish_much(struct mio_connection *self, void *state,
                           const uint8_t *bytes, size_t size)
{
    int64_t n = answer_much(self, state, bytes, size);
    mio_connection_finish(self, 12);
    return n;
}

static void a_stop_hastens_those_who_are_finishing(void **state)
{
    static const struct mio_connection_class leaving = {
        .name = "leaving",
        .open = note_open,
        .data = finish_much,
        .close = note_close,
    };
    struct fixture *f = *state;
    char got;
    f->stop_within_ns = 3 * MIO_NS_PER_S; /* of the 5 that it had */
    serve(f, (struct mio_server_options){.connection_class = &leaving,
                                         .queue_max = 16 << 20});
    int client = connect_to(f);
    send_all(client, "?", 1);
    recv_all(client, &got, 1);
    stop_and_join(f);
    assert_int_equal(await(CLOSED, 1), MIO_ETIMEDOUT);
    close(client);
}

static int ignore_stop(struct mio_connection *self, void *state)
{
    (void)self;
    (void)state;
    return 0;
}

static void who_ignores_a_stop_is_killed_and_told(void **state)
{
    static const struct mio_connection_class deaf = {
        .name = "deaf",
        .open = note_open,
        .data = echo,
        .stop = ignore_stop,
        .close = note_close,
    };
    struct fixture *f = *state;
    int clients[5];
    f->stop_within_ns = 20 * MIO_NS_PER_MS;
    f->expected_join = MIO_EKILLED;
    serve(f, (struct mio_server_options){.connection_class = &deaf});
    for (size_t i = 0; i < 5; i++)
        clients[i] = connect_to(f);
    await(OPENED, 5);
    stop_and_join(f);
    assert_int_equal(notes_sum(CLOSED), 5 * MIO_EKILLED);
    for (size_t i = 0; i < 5; i++) {
        assert_ends(clients[i]);
        close(clients[i]);
    }
}

/* --- who is it ------------------------------------------------------------ */

static int64_t tell_peer(struct mio_connection *self, void *state,
                         const uint8_t *bytes, size_t size)
{
    char text[MIO_ADDRESS_TEXT_MAX];
    (void)state;
    (void)bytes;
    mio_address_format(mio_connection_peer(self), text, sizeof(text));
    (void)mio_connection_send(self, text, strlen(text));
    return (int64_t)size;
}

static const struct mio_connection_class mirror = {
    .name = "mirror",
    .open = note_open,
    .data = tell_peer,
    .close = note_close,
};

static void the_peers_address_is_the_clients_own(void **state)
{
    struct fixture *f = *state;
    serve(f, (struct mio_server_options){.connection_class = &mirror});
    int clients[2] = {connect_to(f), connect_to(f)};
    for (size_t i = 0; i < 2; i++) {
        struct sockaddr_in own;
        socklen_t size = sizeof(own);
        char text[64];
        getsockname(clients[i], (struct sockaddr *)&own, &size);
        snprintf(text, sizeof(text), "127.0.0.1:%u", ntohs(own.sin_port));
        send_all(clients[i], "?", 1);
        expect_text(clients[i], text);
        close(clients[i]);
    }
}

static void ipv6_peers_have_addresses_too(void **state)
{
    struct fixture *f = *state;
    int client = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 own = {.sin6_family = AF_INET6,
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t size = sizeof(own);
    if (client < 0 || bind(client, (struct sockaddr *)&own, size) != 0) {
        print_message("no IPv6 here\n");
        if (client >= 0)
            close(client);
        return;
    }
    serve(f, (struct mio_server_options){.connection_class = &mirror,
                                         .address = "[::1]:0"});
    struct mio_address address;
    mio_server_address(f->server, &address);
    struct sockaddr_in6 to = own;
    to.sin6_port = htons(mio_address_port(&address));
    assert_int_equal(connect_patiently(client, (struct sockaddr *)&to, size),
                     0);
    getsockname(client, (struct sockaddr *)&own, &size);
    char text[64];
    snprintf(text, sizeof(text), "[::1]:%u", ntohs(own.sin6_port));
    send_all(client, "?", 1);
    expect_text(client, text);
    close(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_1_2_8(a_half_closed_peer_still_hears_everything),
        ON_1_2_8(a_peer_that_vanishes_with_bytes_unsent_harms_nobody),
        ON_1_2_8(finish_delivers_the_last_bytes_to_a_peer_that_is_sending),
        ON(a_peer_that_does_not_end_is_left_after_a_moment, one_reactor),
        ON(close_gives_what_is_queued_one_attempt, one_reactor),
        ON_1_2_8(an_open_that_fails_is_closed_once),
        ON(a_callback_that_fails_ends_its_own_connection, two_reactors),
        ON(a_class_may_be_empty, one_reactor),
        ON_1_2_8(a_stop_lets_a_connection_say_its_last_words),
        ON(a_stop_without_callback_writes_what_is_queued, two_reactors),
        ON(a_peer_that_does_not_read_does_not_hold_up_a_stop, two_reactors),
        ON(a_stop_hastens_those_who_are_finishing, one_reactor),
        ON_1_2_8(who_ignores_a_stop_is_killed_and_told),
        ON(the_peers_address_is_the_clients_own, one_reactor),
        ON(ipv6_peers_have_addresses_too, two_reactors),
    };
    return cmocka_run_group_tests_name("net/server/connection", tests, NULL,
                                       NULL);
}
