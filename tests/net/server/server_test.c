/* SPDX-License-Identifier: MIT
 *
 * tests/net/server/server_test.c - starts whole or not at all; stops whole. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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

static int64_t echo(struct mio_connection *self, void *state,
                    const uint8_t *bytes, size_t size)
{
    (void)state;
    int rc = mio_connection_send(self, bytes, size);
    if (mio_connection_is_congested(self))
        mio_connection_pause(self);
    return rc < 0 ? rc : (int64_t)size;
}

static int go_on(struct mio_connection *self, void *state)
{
    (void)state;
    mio_connection_resume(self);
    return 0;
}

static void note_close(struct mio_connection *self, void *state, int reason)
{
    (void)self;
    (void)state;
    note(CLOSED, reason);
}

static const struct mio_connection_class echo_class = {
    .name = "echo",
    .open = note_open,
    .data = echo,
    .drained = go_on,
    .close = note_close,
};

/* --- starting ------------------------------------------------------------- */

static int new_server(struct fixture *f, struct mio_server **out,
                      const char *address)
{
    struct mio_server_options options = {.address = address,
                                         .connection_class = &echo_class};
    return mio_server_new(out, f->runtime, &options);
}

static void bad_options_are_refused(void **state)
{
    struct fixture *f = *state;
    struct mio_server *server = NULL;
    struct mio_runtime_options options = {.reactors_count = f->reactors_count};
    assert_int_equal(mio_runtime_new(&f->runtime, &options), 0);
    assert_int_equal(new_server(f, &server, "localhost:1"), MIO_EINVAL);
    assert_int_equal(new_server(f, &server, "127.0.0.1:99999"), MIO_EINVAL);
    assert_int_equal(new_server(f, &server, "unix:/tmp/x"), MIO_EINVAL);
    assert_int_equal(new_server(f, &server, NULL), MIO_EINVAL);
    assert_int_equal(new_server(f, &server, "192.0.2.1:0"), MIO_EADDRNOTAVAIL);
    struct mio_server_options none = {.address = "127.0.0.1:0"};
    assert_int_equal(mio_server_new(&server, f->runtime, &none), MIO_EINVAL);
    assert_null(server);
    mio_runtime_free(f->runtime);
    f->runtime = NULL;
}

static void a_port_that_is_taken_is_said_to_be(void **state)
{
    struct fixture *f = *state;
    struct mio_server *second = NULL;
    char text[MIO_ADDRESS_TEXT_MAX];
    struct mio_address address;
    serve(f, (struct mio_server_options){.connection_class = &echo_class});
    mio_server_address(f->server, &address);
    assert_int_not_equal(mio_address_port(&address), 0);
    mio_address_format(&address, text, sizeof(text));
    assert_int_equal(new_server(f, &second, text), MIO_EADDRINUSE);
    assert_null(second);

    /* A second server on another port of the same runtime. */
    assert_int_equal(new_server(f, &second, "127.0.0.1:0"), 0);
    struct fixture other = *f;
    other.server = second;
    int client = connect_to(&other);
    send_all(client, "hi", 2);
    expect_text(client, "hi");
    close(client);
    await(CLOSED, 1);
    stop_and_join(f);
    mio_server_free(second);
}

static int init_nothing(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    (void)self;
    (void)state;
    (void)argument;
    (void)argument_size;
    return 0;
}

/* The last reactor has no room for a branch, the others have. */
static void start_without_room(struct fixture *f)
{
    static const struct mio_actor_class occupant = {.name = "occupant",
                                                    .init = init_nothing};
    struct mio_runtime_options options = {
        .reactors_count = f->reactors_count,
        .actors_max = 1,
    };
    assert_int_equal(mio_runtime_new(&f->runtime, &options), 0);
    assert_int_equal(mio_runtime_spawn(f->runtime, f->reactors_count - 1,
                                       &occupant, NULL, 0, NULL),
                     0);
}

/* A port that nobody has. */
static struct sockaddr_in free_port(char *text, size_t text_size)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
    getsockname(fd, (struct sockaddr *)&at, &size);
    close(fd);
    snprintf(text, text_size, "127.0.0.1:%u", ntohs(at.sin_port));
    return at;
}

static void a_server_that_cannot_be_whole_is_not_there_at_all(void **state)
{
    struct fixture *f = *state;
    struct mio_server *server = NULL;
    char text[32];
    start_without_room(f);
    assert_int_equal(mio_runtime_start(f->runtime), 0);
    struct sockaddr_in at = free_port(text, sizeof(text));
    assert_int_equal(new_server(f, &server, text), MIO_EFULL);
    assert_null(server);
    /* The branches that had begun end, and nobody listens any more. */
    int error = 0; /* or a reset, in the moment of its closing */
    while (error != ECONNREFUSED) {
        int client = socket(AF_INET, SOCK_STREAM, 0);
        int rc = connect_patiently(client, (struct sockaddr *)&at, sizeof(at));
        error = rc == 0 ? 0 : errno;
        close(client);
    }
}

/* --- stopping ------------------------------------------------------------- */

#define TALKERS 12

struct talker {
    pthread_t thread;
    int fd;
    size_t sent;
    size_t received;
    bool is_wrong;
};

static void *listen_to_the_end(void *argument)
{
    struct talker *t = argument;
    uint8_t bytes[5000], expected[5000];
    for (;;) {
        ssize_t n = PATIENTLY(recv(t->fd, bytes, sizeof(bytes), 0));
        if (n <= 0) {
            t->is_wrong |= n < 0;
            break;
        }
        fill(expected, (size_t)n, 4, t->received);
        t->is_wrong |= memcmp(bytes, expected, (size_t)n) != 0;
        t->received += (size_t)n;
    }
    shutdown(t->fd, SHUT_RDWR); /* so that the other half ends, too */
    return NULL;
}

static void *talk_on_and_on(void *argument)
{
    struct talker *t = argument;
    uint8_t bytes[3000];
    for (;;) {
        fill(bytes, sizeof(bytes), 4, t->sent);
        ssize_t n = send(t->fd, bytes, sizeof(bytes), MSG_NOSIGNAL);
        if (n <= 0)
            return NULL;
        t->sent += (size_t)n;
    }
}

static void a_stop_while_data_flows_cuts_nothing_in_two(void **state)
{
    struct fixture *f = *state;
    static struct talker talkers[TALKERS];
    pthread_t listeners[TALKERS];
    serve(f, (struct mio_server_options){.connection_class = &echo_class});
    for (size_t i = 0; i < TALKERS; i++) {
        talkers[i] = (struct talker){.fd = connect_to(f)};
        pthread_create(&listeners[i], NULL, listen_to_the_end, &talkers[i]);
        pthread_create(&talkers[i].thread, NULL, talk_on_and_on, &talkers[i]);
    }
    await(OPENED, TALKERS);
    while (TOTAL(f, bytes_written) < 2000000)
        usleep(1000);
    stop_and_join(f);
    /* Each got a beginning of what it sent, and then the end: no reset. */
    for (size_t i = 0; i < TALKERS; i++) {
        pthread_join(listeners[i], NULL);
        pthread_join(talkers[i].thread, NULL);
        assert_false(talkers[i].is_wrong);
        assert_true(talkers[i].received <= talkers[i].sent);
        close(talkers[i].fd);
    }
    assert_int_equal(notes_count(CLOSED), TALKERS);
    assert_int_equal(notes_sum(CLOSED), TALKERS * MIO_ESTOPPED);
}

static void a_server_that_never_ran_is_freed(void **state)
{
    struct fixture *f = *state;
    struct mio_runtime_options options = {.reactors_count = f->reactors_count};
    assert_int_equal(mio_runtime_new(&f->runtime, &options), 0);
    assert_int_equal(new_server(f, &f->server, "127.0.0.1:0"), 0);
    int client = connect_to(f); /* the system accepts for it */
    mio_server_free(f->server);
    mio_runtime_free(f->runtime);
    f->server = NULL;
    f->runtime = NULL;
    char byte;
    assert_int_equal(PATIENTLY(recv(client, &byte, 1, 0)), -1);
    assert_int_equal(errno, ECONNRESET);
    close(client);
}

static void connections_come_and_go_on_all_reactors(void **state)
{
    struct fixture *f = *state;
    serve(f, (struct mio_server_options){.connection_class = &echo_class});
    for (uint64_t i = 1; i <= 200; i++) {
        int client = connect_to(f);
        send_all(client, "x", 1);
        expect_text(client, "x");
        close(client);
    }
    await(CLOSED, 200);
    /* The system spreads them: with 200 of them, every reactor gets some. */
    for (uint32_t i = 0; i < f->reactors_count; i++) {
        struct mio_server_counters counters;
        mio_server_read_counters(f->server, i, &counters);
        assert_true(counters.accepted > 0);
    }
    struct mio_server_counters counters;
    assert_int_equal(
        mio_server_read_counters(f->server, f->reactors_count, &counters),
        MIO_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(bad_options_are_refused, two_reactors),
        ON_1_2_8(a_port_that_is_taken_is_said_to_be),
        ON(a_server_that_cannot_be_whole_is_not_there_at_all, two_reactors),
        ON(a_server_that_cannot_be_whole_is_not_there_at_all, eight_reactors),
        ON_1_2_8(a_stop_while_data_flows_cuts_nothing_in_two),
        ON(a_server_that_never_ran_is_freed, two_reactors),
        ON_1_2_8(connections_come_and_go_on_all_reactors),
    };
    return cmocka_run_group_tests_name("net/server/server", tests, NULL, NULL);
}
