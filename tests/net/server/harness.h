/* SPDX-License-Identifier: MIT
 *
 * tests/net/server/harness.h - a server on a real runtime, plain clients, and
 * a journal of what the callbacks were told. */
#ifndef MIO_TESTS_NET_SERVER_HARNESS_H
#define MIO_TESTS_NET_SERVER_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/server/server.h"

/* Ends a failure; no test waits so long. */
#define DEADLINE_S 60

struct fixture {
    uint32_t reactors_count;
    int64_t stop_within_ns; /* 0: long, so that a test that kills fails */
    struct mio_runtime *runtime;
    struct mio_server *server;
    int expected_join;
    const struct mio_actor_class *first; /* spawned before the server */
    bool is_stopped;
};

/* For each test and number of reactors: see RUN. */
int setup(void **state);

/* Stop, join, and check that all who were opened were closed. */
int teardown(void **state);

extern struct fixture one_reactor, two_reactors, eight_reactors;

#define ON(fn, reactors)                                                       \
    {                                                                          \
#fn ", " #reactors, fn, setup, teardown, &reactors                     \
    }
#define ON_1_2_8(fn)                                                           \
    ON(fn, one_reactor), ON(fn, two_reactors), ON(fn, eight_reactors)

/* --- server --------------------------------------------------------------- */

/* Make a runtime, a server on a free port, and start. */
void serve(struct fixture *f, struct mio_server_options options);

/* Stop and join; teardown does not do it again. */
void stop_and_join(struct fixture *f);

/* A counter's sum over the reactors. */
#define TOTAL(f, name) total((f), offsetof(struct mio_server_counters, name))
uint64_t total(const struct fixture *f, size_t offset);

/* --- clients: blocking sockets that fail the test at the deadline --------- */

int connect_to(const struct fixture *f);
void send_all(int client, const void *bytes, size_t size);
void recv_all(int client, void *bytes, size_t size);

/* Read to the end, at most size_max bytes: fails if the end is a reset. */
size_t recv_to_end(int client, void *bytes, size_t size_max);
void assert_ends(int client); /* as above, and nothing comes before */
void expect_text(int client, const char *text);
void close_by_reset(int client);

/* --- journal -------------------------------------------------------------- */

enum note { OPENED, DATA, ENDED, DRAINED, RECEIVED, CLOSED, NOTES_COUNT };

/* From a callback, on any reactor. */
void note(enum note what, int64_t value);
void note_bytes(const uint8_t *bytes, size_t size);

/* Wait until it was noted `count` times; the value of the last one. */
int64_t await(enum note what, uint64_t count);
uint64_t notes_count(enum note what);
int64_t notes_sum(enum note what);

/* Wait until so many bytes were noted, and take them. */
void await_bytes(void *bytes, size_t size);

/* Bytes that depend on their place and a seed. */
void fill(uint8_t *bytes, size_t size, uint32_t seed, size_t offset);

#endif /* MIO_TESTS_NET_SERVER_HARNESS_H */
