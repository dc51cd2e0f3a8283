/* SPDX-License-Identifier: MIT
 *
 * tests/core/poll_fixture.h - a poll on poll(2) with one TCP connection, and
 * the call itself wrapped: it is counted, its timeouts are seen, it can be made
 * to fail, and things are made to happen while it runs. Who uses it is linked
 * with --wrap=ppoll. */
#ifndef MIO_TESTS_CORE_POLL_FIXTURE_H
#define MIO_TESTS_CORE_POLL_FIXTURE_H

#include "tests/core/check.h"

#define A mio_token_of(1)
#define B mio_token_of(2)
#define BOTH (MIO_READABLE | MIO_WRITABLE)

#define R MIO_READY_READABLE
#define W MIO_READY_WRITABLE
#define P MIO_READY_PRIORITY
#define E MIO_READY_ERROR
#define RC MIO_READY_READ_CLOSED
#define WC MIO_READY_WRITE_CLOSED

struct fixture {
    struct mio_poll *poll;
    struct mio_events *events;
    struct mio_source ours; /* TCP: has everything, urgent bytes too */
    int peer;
};

int setup(void **state);
int teardown(void **state);

void watch(struct fixture *f, uint32_t interest, uint32_t mode);
void say(struct fixture *f); /* the peer sends a byte */
uint32_t next_readiness(struct fixture *f);

/* What is said and seen of the wrapped call, by who waits. */
struct calls {
    uint32_t count;
    uint32_t last_entries_count;
    int64_t last_timeout_ns;   /* -1: for ever */
    void (*before)(void *arg); /* runs once, before the next call */
    void (*after)(void *arg);  /* runs once, after that one */
    void *arg;
    int (*refusal)(uint32_t entries_count); /* errno; 0: it is made */
};
extern struct calls calls;

#endif /* MIO_TESTS_CORE_POLL_FIXTURE_H */
