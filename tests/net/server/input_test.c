/* SPDX-License-Identifier: MIT
 *
 * tests/net/server/input_test.c - every byte is handed over once, in order. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/net/server/harness.h"
#include "tests/storm/patient.h"

/* --- echo, with every trick of the input interface ------------------------ */

struct echo_state {
    struct mio_actor_timer timer;
    unsigned seed;
};

static int resume_later(struct mio_actor *actor, void *state,
                        struct mio_actor_timer *timer)
{
    (void)actor;
    (void)timer;
    mio_connection_resume(state); /* of the actor: the connection */
    return 0;
}

static int open_echo(struct mio_connection *self, void *state, void *argument)
{
    (void)argument;
    struct echo_state *its = state;
    mio_actor_timer_init(&its->timer, mio_connection_actor(self), resume_later);
    its->seed = 1;
    note(OPENED, 0);
    return 0;
}

static int64_t plain_echo(struct mio_connection *self, void *state,
                          const uint8_t *bytes, size_t size)
{
    (void)state;
    int rc = mio_connection_send(self, bytes, size);
    return rc < 0 ? rc : (int64_t)size;
}

/* Takes a part, now and then pauses, and then goes on by a timer. */
static int64_t fickle_echo(struct mio_connection *self, void *state,
                           const uint8_t *bytes, size_t size)
{
    struct echo_state *its = state;
    size_t part = (size_t)rand_r(&its->seed) % (size + 1);
    if (rand_r(&its->seed) % 4 == 0)
        part = 0;
    int rc = mio_connection_send(self, bytes, part);
    if (rc < 0)
        return rc;
    if (part < size) {
        mio_connection_pause(self);
        mio_actor_timer_start(&its->timer, 0);
    }
    return (int64_t)part;
}

static void note_close(struct mio_connection *self, void *state, int reason)
{
    (void)self;
    (void)state;
    note(CLOSED, reason);
}

/* --- many connections, random sizes and cuts ------------------------------ */

#define STREAM_SIZE 60000

struct stream {
    int fd;
    uint32_t seed;
    size_t sent;
    size_t received;
};

static void send_some(struct stream *s, unsigned *seed)
{
    uint8_t bytes[9000];
    size_t size = 1 + (size_t)rand_r(seed) % sizeof(bytes);
    if (rand_r(seed) % 2)
        size = 1 + size % 50;
    if (size > STREAM_SIZE - s->sent)
        size = STREAM_SIZE - s->sent;
    fill(bytes, size, s->seed, s->sent);
    ssize_t n = send(s->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    assert_true(n > 0 || errno == EAGAIN);
    if (n > 0)
        s->sent += (size_t)n;
    if (s->sent == STREAM_SIZE)
        shutdown(s->fd, SHUT_WR);
}

static void receive_some(struct stream *s, unsigned *seed)
{
    uint8_t bytes[9000], expected[9000];
    size_t size = 1 + (size_t)rand_r(seed) % sizeof(bytes);
    ssize_t n = recv(s->fd, bytes, size, MSG_DONTWAIT);
    assert_true(n > 0 || (n < 0 && errno == EAGAIN));
    if (n < 0)
        return;
    fill(expected, (size_t)n, s->seed, s->received);
    assert_memory_equal(bytes, expected, (size_t)n);
    s->received += (size_t)n;
}

static void exchange(struct fixture *f, size_t streams_count)
{
    struct stream streams[64];
    struct pollfd polls[64];
    unsigned seed = 7;
    assert_true(streams_count <= 64);
    for (size_t i = 0; i < streams_count; i++)
        streams[i] = (struct stream){.fd = connect_to(f), .seed = (uint32_t)i};

    size_t done = 0;
    while (done < streams_count) {
        for (size_t i = 0; i < streams_count; i++)
            polls[i] = (struct pollfd){
                .fd = streams[i].received < STREAM_SIZE ? streams[i].fd : -1,
                .events =
                    (short)(streams[i].sent < STREAM_SIZE ? POLLIN | POLLOUT
                                                          : POLLIN),
            };
        assert_true(PATIENTLY(poll(polls, streams_count, DEADLINE_S * 1000)) >
                    0);
        for (size_t i = 0; i < streams_count; i++) {
            if (polls[i].revents & POLLOUT)
                send_some(&streams[i], &seed);
            if (polls[i].revents & POLLIN) {
                receive_some(&streams[i], &seed);
                done += streams[i].received == STREAM_SIZE;
            }
        }
    }
    for (size_t i = 0; i < streams_count; i++) {
        assert_ends(streams[i].fd);
        close(streams[i].fd);
    }
}

static void bytes_come_back_as_they_were_sent(void **state)
{
    static const struct mio_connection_class echo = {
        .name = "echo",
        .state_size = sizeof(struct echo_state),
        .open = open_echo,
        .data = plain_echo,
        .close = note_close,
    };
    struct fixture *f = *state;
    serve(f, (struct mio_server_options){.connection_class = &echo});
    exchange(f, 64);
    await(CLOSED, 64);
    assert_int_equal(notes_sum(CLOSED), 0);
    assert_int_equal(TOTAL(f, bytes_read), 64 * STREAM_SIZE);
    assert_int_equal(TOTAL(f, bytes_written), 64 * STREAM_SIZE);
}

static void pauses_and_parts_lose_nothing(void **state)
{
    static const struct mio_connection_class echo = {
        .name = "fickle echo",
        .state_size = sizeof(struct echo_state),
        .open = open_echo,
        .data = fickle_echo,
        .close = note_close,
    };
    struct fixture *f = *state;
    serve(f, (struct mio_server_options){.connection_class = &echo});
    exchange(f, 20);
    await(CLOSED, 20);
    assert_int_equal(notes_sum(CLOSED), 0);
}

/* --- one class that notes what comes -------------------------------------- */

static int note_open(struct mio_connection *self, void *state, void *argument)
{
    (void)self;
    (void)state;
    (void)argument;
    note(OPENED, 0);
    return 0;
}

static int64_t note_data(struct mio_connection *self, void *state,
                         const uint8_t *bytes, size_t size)
{
    (void)self;
    (void)state;
    note_bytes(bytes, size);
    note(DATA, (int64_t)size);
    return (int64_t)size;
}

static int say_bye(struct mio_connection *self, void *state)
{
    (void)state;
    note(ENDED, 0);
    mio_connection_send(self, "bye", 3);
    mio_connection_finish(self, 42);
    return 0;
}

static const struct mio_connection_class noting = {
    .name = "noting",
    .open = note_open,
    .data = note_data,
    .end = say_bye,
    .close = note_close,
};

static void data_and_end_in_one_segment_are_both_seen(void **state)
{
    struct fixture *f = *state;
    serve(f, (struct mio_server_options){.connection_class = &noting});
    for (uint64_t i = 1; i <= 50; i++) {
        int client = connect_to(f);
        await(OPENED, i);
        int on = 1;
        setsockopt(client, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
        send_all(client, "last", 4);
        shutdown(client, SHUT_WR);
        expect_text(client, "bye");
        assert_ends(client);
        close(client);
        assert_int_equal(await(CLOSED, i), 42);
    }
    assert_int_equal(notes_sum(DATA), 200);
    assert_int_equal(notes_count(ENDED), 50);
}

static void a_peer_may_end_at_once(void **state)
{
    struct fixture *f = *state;
    serve(f, (struct mio_server_options){.connection_class = &noting});
    int client = connect_to(f);
    shutdown(client, SHUT_WR);
    expect_text(client, "bye");
    assert_ends(client);
    close(client);
    await(CLOSED, 1);
    assert_int_equal(notes_count(DATA), 0);
}

/* --- the read buffer ------------------------------------------------------ */

static int64_t take_nothing(struct mio_connection *self, void *state,
                            const uint8_t *bytes, size_t size)
{
    (void)self;
    (void)state;
    (void)bytes;
    note(DATA, (int64_t)size);
    return 0;
}

static void a_full_read_buffer_closes_the_connection(void **state)
{
    static const struct mio_connection_class stubborn = {
        .name = "stubborn",
        .open = note_open,
        .data = take_nothing,
        .close = note_close,
    };
    struct fixture *f = *state;
    uint8_t bytes[MIO_CONNECTION_READ_SIZE] = {0};
    serve(f, (struct mio_server_options){.connection_class = &stubborn});
    int client = connect_to(f);
    send_all(client, bytes, sizeof(bytes) - 1);
    while (notes_count(DATA) == 0 ||
           await(DATA, 1) < (int64_t)sizeof(bytes) - 1)
        await(DATA, notes_count(DATA) + 1);
    assert_int_equal(notes_count(CLOSED), 0);
    send_all(client, bytes, 1);
    assert_int_equal(await(CLOSED, 1), MIO_EFULL);
    close(client);
}

/* Pauses at the first bytes; any message resumes. */
static int64_t pause_first(struct mio_connection *self, void *state,
                           const uint8_t *bytes, size_t size)
{
    bool *is_resumed = state;
    note(DATA, (int64_t)size);
    if (!*is_resumed) {
        mio_connection_pause(self);
        return 0;
    }
    note_bytes(bytes, size);
    return (int64_t)size;
}

static mio_actor_id gate_id;

static int open_gate(struct mio_connection *self, void *state, void *argument)
{
    (void)state;
    (void)argument;
    gate_id = mio_actor_self(mio_connection_actor(self));
    note(OPENED, 0);
    return 0;
}

static int resume_gate(struct mio_connection *self, void *state,
                       struct mio_message *message)
{
    bool *is_resumed = state;
    (void)message;
    *is_resumed = true;
    mio_connection_resume(self);
    return 0;
}

static const struct mio_connection_class gate = {
    .name = "gate",
    .state_size = sizeof(bool),
    .open = open_gate,
    .data = pause_first,
    .end = say_bye,
    .receive = resume_gate,
    .close = note_close,
};

static const struct mio_message_type go_on = {.name = "go on"};

#define MUCH 300000

static void
a_paused_connection_holds_its_peer_back_and_loses_nothing(void **state)
{
    struct fixture *f = *state;
    static uint8_t sent[MUCH], got[MUCH];
    fill(sent, MUCH, 5, 0);
    serve(f, (struct mio_server_options){.connection_class = &gate});
    int client = connect_to(f);
    await(OPENED, 1);
    send_all(client, sent, 1); /* it pauses with this one */
    await(DATA, 1);
    send_all(client, sent + 1, MUCH - 1);
    shutdown(client, SHUT_WR);
    /* All of it, and its end, wait in the system: only one read took place. */
    assert_int_equal(TOTAL(f, bytes_read), 1);
    assert_int_equal(notes_count(DATA), 1);
    assert_int_equal(notes_count(ENDED), 0);

    assert_int_equal(mio_runtime_send(f->runtime, gate_id, &go_on, NULL, 0), 0);
    expect_text(client, "bye");
    assert_ends(client);
    close(client);
    await_bytes(got, MUCH);
    assert_memory_equal(got, sent, MUCH);
}

static int note_end(struct mio_connection *self, void *state)
{
    (void)self;
    (void)state;
    note(ENDED, 0);
    return 0;
}

static int offer_again(struct mio_connection *self, void *state,
                       struct mio_message *message)
{
    (void)state;
    (void)message;
    mio_connection_pause(self);
    mio_connection_resume(self);
    return 0;
}

static void an_end_is_told_once_after_the_bytes(void **state)
{
    static const struct mio_connection_class patient = {
        .name = "patient",
        .open = open_gate,
        .data = take_nothing,
        .end = note_end,
        .receive = offer_again,
        .close = note_close,
    };
    struct fixture *f = *state;
    serve(f, (struct mio_server_options){.connection_class = &patient});
    int client = connect_to(f);
    send_all(client, "half a line", 11);
    shutdown(client, SHUT_WR);
    await(ENDED, 1);
    uint64_t offers = notes_count(DATA);
    assert_true(offers > 0);
    for (uint64_t i = 1; i <= 3; i++) {
        assert_int_equal(mio_runtime_send(f->runtime, gate_id, &go_on, NULL, 0),
                         0);
        assert_int_equal(await(DATA, offers + i), 11);
    }
    /* It may still answer; only a reset, or itself, closes it now. */
    assert_int_equal(notes_count(ENDED), 1);
    assert_int_equal(notes_count(CLOSED), 0);
    close_by_reset(client);
    assert_true(await(CLOSED, 1) < 0); /* the system calls it EPIPE here */
}

static void a_reset_closes_even_a_paused_connection(void **state)
{
    struct fixture *f = *state;
    serve(f, (struct mio_server_options){.connection_class = &gate});
    int client = connect_to(f);
    send_all(client, "x", 1);
    await(DATA, 1);
    close_by_reset(client);
    assert_int_equal(await(CLOSED, 1), MIO_ECONNRESET);
}

/* --- last words ----------------------------------------------------------- */

static int64_t answer_much(struct mio_connection *self, void *state,
                           const uint8_t *bytes, size_t size)
{
    static const uint8_t much[900000];
    if (bytes[0] == '?')
        mio_connection_send(self, much, sizeof(much));
    return note_data(self, state, bytes, size);
}

static void what_a_peer_said_before_it_vanished_is_handed_over(void **state)
{
    static const struct mio_connection_class verbose = {
        .name = "verbose",
        .open = note_open,
        .data = answer_much,
        .close = note_close,
    };
    struct fixture *f = *state;
    char got[12];
    serve(f, (struct mio_server_options){.connection_class = &verbose});
    for (uint64_t i = 1; i <= 20; i++) {
        int client = connect_to(f);
        send_all(client, "?", 1);
        recv_all(client, got, 1); /* the answer has begun */
        send_all(client, "last words", 10);
        close(client); /* with much unread: a reset */
        assert_true(await(CLOSED, i) < 0);
        await_bytes(got, 11);
        assert_memory_equal(got, "?last words", 11);
    }
}

static pthread_mutex_t door = PTHREAD_MUTEX_INITIALIZER;

/* Writes without having looked for what came meanwhile. */
static int write_behind_the_door(struct mio_connection *self, void *state,
                                 struct mio_message *message)
{
    (void)state;
    (void)message;
    note(RECEIVED, 0);
    pthread_mutex_lock(&door);
    pthread_mutex_unlock(&door);
    return mio_connection_send(self, "news", 4);
}

static void last_words_are_heard_though_a_write_fails_first(void **state)
{
    static const struct mio_connection_class writer = {
        .name = "writer",
        .open = open_gate,
        .data = note_data,
        .receive = write_behind_the_door,
        .close = note_close,
    };
    struct fixture *f = *state;
    char got[10];
    serve(f, (struct mio_server_options){.connection_class = &writer});
    int client = connect_to(f);
    await(OPENED, 1);
    pthread_mutex_lock(&door);
    assert_int_equal(mio_runtime_send(f->runtime, gate_id, &go_on, NULL, 0), 0);
    await(RECEIVED, 1);
    send_all(client, "last words", 10);
    close_by_reset(client);
    pthread_mutex_unlock(&door);
    assert_true(await(CLOSED, 1) < 0);
    assert_int_equal(notes_sum(DATA), 10);
    await_bytes(got, 10);
    assert_memory_equal(got, "last words", 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_1_2_8(bytes_come_back_as_they_were_sent),
        ON_1_2_8(pauses_and_parts_lose_nothing),
        ON_1_2_8(data_and_end_in_one_segment_are_both_seen),
        ON(a_peer_may_end_at_once, one_reactor),
        ON(a_full_read_buffer_closes_the_connection, one_reactor),
        ON_1_2_8(a_paused_connection_holds_its_peer_back_and_loses_nothing),
        ON(an_end_is_told_once_after_the_bytes, one_reactor),
        ON(a_reset_closes_even_a_paused_connection, two_reactors),
        ON(last_words_are_heard_though_a_write_fails_first, two_reactors),
        ON_1_2_8(what_a_peer_said_before_it_vanished_is_handed_over),
    };
    return cmocka_run_group_tests_name("net/server/input", tests, NULL, NULL);
}
