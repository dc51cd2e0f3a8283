/* SPDX-License-Identifier: MIT
 *
 * tests/net/server/acceptor_test.c - at its limits a server answers. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "tests/net/server/harness.h"
#include "tests/storm/patient.h"

#define REFUSAL "no room\r\n"

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
    return rc < 0 ? rc : (int64_t)size;
}

static void note_close(struct mio_connection *self, void *state, int reason)
{
    (void)self;
    (void)state;
    note(CLOSED, reason);
}

static const struct mio_connection_class echo_class = {
    .name = "echo", .open = note_open, .data = echo, .close = note_close};

static void assert_served(int client)
{
    send_all(client, "hello", 5);
    expect_text(client, "hello");
}

static void assert_refused(int client)
{
    expect_text(client, REFUSAL);
    assert_ends(client);
}

/* --- connections_max ------------------------------------------------------ */

#define ATTEMPTS 10000
#define AT_ONCE 200
#define PLACES 7

static void beyond_the_limit_peers_are_told_and_closed(void **state)
{
    struct fixture *f = *state;
    int served[PLACES], refused[AT_ONCE];
    serve(f, (struct mio_server_options){.connection_class = &echo_class,
                                         .connections_max = PLACES,
                                         .refusal = REFUSAL});
    for (size_t i = 0; i < PLACES; i++)
        served[i] = connect_to(f);
    await(OPENED, PLACES);
    for (size_t n = 0; n < ATTEMPTS; n += AT_ONCE) {
        for (size_t i = 0; i < AT_ONCE; i++) {
            refused[i] = connect_to(f);
            (void)send(refused[i], "NICK a\r\n", 8, MSG_NOSIGNAL);
        }
        for (size_t i = 0; i < AT_ONCE; i++) {
            expect_text(refused[i], REFUSAL);
            close(refused[i]);
        }
    }
    assert_int_equal(TOTAL(f, refused), ATTEMPTS);
    assert_int_equal(mio_server_connections_count(f->server), PLACES);
    for (size_t i = 0; i < PLACES; i++)
        assert_served(served[i]);

    /* A place that becomes free is given again. */
    close(served[0]);
    await(CLOSED, 1);
    while (mio_server_connections_count(f->server) == PLACES)
        ;
    int client = connect_to(f);
    assert_served(client);
    close(client);
    for (size_t i = 1; i < PLACES; i++)
        close(served[i]);
}

/* --- no descriptors left -------------------------------------------------- */

#define WAITING 30

static struct rlimit set_limit(rlim_t descriptors)
{
    struct rlimit before, limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = before;
    limit.rlim_cur = descriptors;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return before;
}

/* Sockets that will not need another descriptor to connect. */
static void make_sockets(int *clients)
{
    struct timeval deadline = {.tv_sec = DEADLINE_S};
    for (size_t i = 0; i < WAITING; i++) {
        clients[i] = socket(AF_INET, SOCK_STREAM, 0);
        assert_true(clients[i] >= 0);
        setsockopt(clients[i], SOL_SOCKET, SO_RCVTIMEO, &deadline,
                   sizeof(deadline));
    }
}

static void connect_all(const struct fixture *f, int *clients)
{
    struct mio_address address;
    mio_server_address(f->server, &address);
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons(mio_address_port(&address)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    for (size_t i = 0; i < WAITING; i++)
        assert_int_equal(
            connect_patiently(clients[i], (struct sockaddr *)&to, sizeof(to)),
            0);
}

/* Served, or refused by a branch that still knows of one without its spare. */
static bool is_served(int client)
{
    char first;
    (void)send(client, "hello", 5, MSG_NOSIGNAL);
    recv_all(client, &first, 1);
    expect_text(client, first == 'h' ? "ello" : REFUSAL + 1);
    return first == 'h';
}

static void assert_serves_in_the_end(const struct fixture *f)
{
    bool served = false;
    while (!served) {
        int client = connect_to(f);
        served = is_served(client);
        close(client);
    }
}

static void without_descriptors_peers_are_told_and_closed(void **state)
{
    struct fixture *f = *state;
    int clients[WAITING], fillers[256];
    size_t fillers_count = 0;
    serve(f, (struct mio_server_options){.connection_class = &echo_class,
                                         .refusal = REFUSAL});
    int served = connect_to(f);
    assert_served(served);
    make_sockets(clients);
    /* Every number below the limit is taken. */
    struct rlimit before = set_limit((rlim_t)clients[WAITING - 1] + 20);
    int filler;
    while ((filler = dup(0)) >= 0)
        fillers[fillers_count++] = filler;
    assert_int_equal(errno, EMFILE);

    connect_all(f, clients);
    for (size_t i = 0; i < WAITING; i++)
        assert_refused(clients[i]);
    assert_int_equal(TOTAL(f, refused_handles), WAITING);
    /* It did not spin: for each edge of a listener, two calls for each peer
     * and two to find that there is none. (A pause, when two reactors fight
     * for a descriptor, counts likewise.) */
    assert_in_range(TOTAL(f, accepts), WAITING,
                    4 * WAITING + 4 * TOTAL(f, accept_pauses) + 10);

    /* Alone, it always gets its spare back at once. */
    assert_true(TOTAL(f, accept_pauses) == 0 || f->reactors_count > 1);

    for (size_t i = 0; i < fillers_count; i++)
        close(fillers[i]);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_serves_in_the_end(f);
    assert_served(served);
    close(served);
    for (size_t i = 0; i < WAITING; i++)
        close(clients[i]);
}

static void without_even_the_spare_one_it_pauses_and_comes_back(void **state)
{
    struct fixture *f = *state;
    int clients[WAITING];
    serve(f, (struct mio_server_options){.connection_class = &echo_class,
                                         .refusal = REFUSAL});
    make_sockets(clients);
    struct rlimit before = set_limit(1); /* the spare one is beyond, too */
    connect_all(f, clients);
    while (TOTAL(f, accept_pauses) < 3)
        usleep(1000);
    assert_in_range(TOTAL(f, accepts), 3, 4 * TOTAL(f, accept_pauses) + 4);
    assert_int_equal(TOTAL(f, refused_handles), 0);
    setrlimit(RLIMIT_NOFILE, &before);

    /* They wait in the accept queues, and are seen to when it comes back. */
    for (size_t i = 0; i < WAITING; i++) {
        bool served = is_served(clients[i]);
        assert_true(served || f->reactors_count > 1);
        close(clients[i]);
    }
    assert_serves_in_the_end(f);
}

/* --- no memory for an actor ----------------------------------------------- */

/* Actors are the only large things that are allocated zeroed while it runs. */
static _Atomic int callocs_to_fail;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
    if (size >= 400 && atomic_load(&callocs_to_fail) > 0 &&
        atomic_fetch_sub(&callocs_to_fail, 1) > 0)
        return NULL;
    return __real_calloc(count, size);
}

static void a_peer_without_an_actor_is_refused_and_no_other(void **state)
{
    struct fixture *f = *state;
    int lost[3];
    serve(f, (struct mio_server_options){.connection_class = &echo_class,
                                         .refusal = REFUSAL});
    int served = connect_to(f);
    assert_served(served);
    atomic_store(&callocs_to_fail, 3);
    for (size_t i = 0; i < 3; i++)
        lost[i] = connect_to(f);
    while (atomic_load(&callocs_to_fail) > 0)
        usleep(1000);
    /* The next one that begins shows that they never will. */
    int client = connect_to(f);
    assert_served(client);
    for (size_t i = 0; i < 3; i++) {
        assert_refused(lost[i]);
        close(lost[i]);
    }
    assert_served(served);
    assert_int_equal(mio_server_connections_count(f->server), 2);
    close(client);
    close(served);
}

/* --- a stop --------------------------------------------------------------- */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

/* Told to stop before the server is, it keeps the reactor until the gate is
 * open. */
static int wait_at_the_gate(struct mio_actor *self, void *state)
{
    (void)state;
    note(RECEIVED, 0);
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    mio_actor_exit(self, MIO_ESTOPPED);
    return 0;
}

static void those_who_wait_at_a_stop_are_told(void **state)
{
    static const struct mio_actor_class keeper = {.name = "gate keeper",
                                                  .stop = wait_at_the_gate};
    struct fixture *f = *state;
    int clients[WAITING];
    f->first = &keeper;
    serve(f, (struct mio_server_options){.connection_class = &echo_class,
                                         .refusal = REFUSAL});
    int served = connect_to(f);
    assert_served(served);
    make_sockets(clients);
    pthread_mutex_lock(&gate);
    mio_runtime_stop(f->runtime);
    await(RECEIVED, 1);
    connect_all(f, clients);
    /* Said before it is refused: must not make the close a reset. */
    for (size_t i = 0; i < WAITING; i++)
        send_all(clients[i], "NICK a\r\n", 8);
    pthread_mutex_unlock(&gate);
    for (size_t i = 0; i < WAITING; i++)
        assert_refused(clients[i]);
    assert_ends(served);
    close(served);
    stop_and_join(f);
    assert_int_equal(TOTAL(f, refused), WAITING);
    for (size_t i = 0; i < WAITING; i++)
        close(clients[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(beyond_the_limit_peers_are_told_and_closed, one_reactor),
        ON(beyond_the_limit_peers_are_told_and_closed, eight_reactors),
        ON_1_2_8(without_descriptors_peers_are_told_and_closed),
        ON_1_2_8(without_even_the_spare_one_it_pauses_and_comes_back),
        ON(a_peer_without_an_actor_is_refused_and_no_other, one_reactor),
        ON(those_who_wait_at_a_stop_are_told, one_reactor),
    };
    return cmocka_run_group_tests_name("net/server/acceptor", tests, NULL,
                                       NULL);
}
