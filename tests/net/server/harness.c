/* SPDX-License-Identifier: MIT
 *
 * tests/net/server/harness.c - see harness.h. */
#include "tests/net/server/harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "tests/storm/patient.h"

struct fixture one_reactor, two_reactors, eight_reactors;

/* --- journal -------------------------------------------------------------- */

#define BYTES_MAX (4 << 20)

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    uint64_t counts[NOTES_COUNT];
    int64_t sums[NOTES_COUNT];
    int64_t last[NOTES_COUNT];
    size_t bytes_size;
    uint8_t bytes[BYTES_MAX];
} journal = {.mutex = PTHREAD_MUTEX_INITIALIZER,
             .changed = PTHREAD_COND_INITIALIZER};

static void clear_journal(void)
{
    pthread_mutex_lock(&journal.mutex);
    memset(journal.counts, 0, sizeof(journal.counts));
    memset(journal.sums, 0, sizeof(journal.sums));
    journal.bytes_size = 0;
    pthread_mutex_unlock(&journal.mutex);
}

void note(enum note what, int64_t value)
{
    pthread_mutex_lock(&journal.mutex);
    journal.counts[what]++;
    journal.sums[what] += value;
    journal.last[what] = value;
    pthread_cond_broadcast(&journal.changed);
    pthread_mutex_unlock(&journal.mutex);
}

void note_bytes(const uint8_t *bytes, size_t size)
{
    pthread_mutex_lock(&journal.mutex);
    if (size > BYTES_MAX - journal.bytes_size)
        abort(); /* on a reactor: no place to fail a test from */
    memcpy(journal.bytes + journal.bytes_size, bytes, size);
    journal.bytes_size += size;
    pthread_cond_broadcast(&journal.changed);
    pthread_mutex_unlock(&journal.mutex);
}

static void wait_for_change(const struct timespec *deadline)
{
    if (pthread_cond_timedwait(&journal.changed, &journal.mutex, deadline) == 0)
        return;
    pthread_mutex_unlock(&journal.mutex);
    fail_msg("nothing happened within %d s", DEADLINE_S);
}

static struct timespec deadline_from_now(void)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += DEADLINE_S;
    return deadline;
}

int64_t await(enum note what, uint64_t count)
{
    struct timespec deadline = deadline_from_now();
    pthread_mutex_lock(&journal.mutex);
    while (journal.counts[what] < count)
        wait_for_change(&deadline);
    int64_t last = journal.last[what];
    pthread_mutex_unlock(&journal.mutex);
    return last;
}

void await_bytes(void *bytes, size_t size)
{
    struct timespec deadline = deadline_from_now();
    pthread_mutex_lock(&journal.mutex);
    while (journal.bytes_size < size)
        wait_for_change(&deadline);
    memcpy(bytes, journal.bytes, size);
    journal.bytes_size -= size;
    memmove(journal.bytes, journal.bytes + size, journal.bytes_size);
    pthread_mutex_unlock(&journal.mutex);
}

uint64_t notes_count(enum note what)
{
    pthread_mutex_lock(&journal.mutex);
    uint64_t count = journal.counts[what];
    pthread_mutex_unlock(&journal.mutex);
    return count;
}

int64_t notes_sum(enum note what)
{
    pthread_mutex_lock(&journal.mutex);
    int64_t sum = journal.sums[what];
    pthread_mutex_unlock(&journal.mutex);
    return sum;
}

/* --- server --------------------------------------------------------------- */

int setup(void **state)
{
    struct fixture *f = *state;
    *f = (struct fixture){
        .reactors_count = f == &one_reactor    ? 1
                          : f == &two_reactors ? 2
                                               : 8,
    };
    clear_journal();
    return 0;
}

void serve(struct fixture *f, struct mio_server_options options)
{
    struct mio_runtime_options runtime_options = {
        .reactors_count = f->reactors_count,
        .stop_within_ns =
            f->stop_within_ns ? f->stop_within_ns : DEADLINE_S * MIO_NS_PER_S,
    };
    if (!options.address)
        options.address = "127.0.0.1:0";
    assert_int_equal(mio_runtime_new(&f->runtime, &runtime_options), 0);
    if (f->first)
        assert_int_equal(
            mio_runtime_spawn(f->runtime, 0, f->first, NULL, 0, NULL), 0);
    assert_int_equal(mio_server_new(&f->server, f->runtime, &options), 0);
    assert_int_equal(mio_runtime_start(f->runtime), 0);
}

void stop_and_join(struct fixture *f)
{
    mio_runtime_stop(f->runtime);
    assert_int_equal(mio_runtime_join(f->runtime), f->expected_join);
    f->is_stopped = true;
}

int teardown(void **state)
{
    struct fixture *f = *state;
    if (!f->runtime)
        return 0;
    if (!f->is_stopped)
        stop_and_join(f);
    if (f->server) {
        assert_int_equal(mio_server_connections_count(f->server), 0);
        assert_int_equal(TOTAL(f, accepted), TOTAL(f, closed));
    }
    assert_int_equal(notes_count(OPENED), notes_count(CLOSED));
    mio_server_free(f->server);
    mio_runtime_free(f->runtime);
    return 0;
}

uint64_t total(const struct fixture *f, size_t offset)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < f->reactors_count; i++) {
        struct mio_server_counters counters;
        assert_int_equal(mio_server_read_counters(f->server, i, &counters), 0);
        uint64_t value;
        memcpy(&value, (uint8_t *)&counters + offset, sizeof(value));
        sum += value;
    }
    return sum;
}

/* --- clients -------------------------------------------------------------- */

int connect_to(const struct fixture *f)
{
    struct mio_address address;
    mio_server_address(f->server, &address);
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons(mio_address_port(&address)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(client >= 0);
    struct timeval limit = {.tv_sec = DEADLINE_S};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    assert_int_equal(
        connect_patiently(client, (struct sockaddr *)&to, sizeof(to)), 0);
    return client;
}

void send_all(int client, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    while (size > 0) {
        ssize_t n = PATIENTLY(send(client, from, size, MSG_NOSIGNAL));
        if (n < 0)
            fail_msg("send: %s", strerror(errno));
        from += n;
        size -= (size_t)n;
    }
}

void recv_all(int client, void *bytes, size_t size)
{
    uint8_t *to = bytes;
    while (size > 0) {
        ssize_t n = PATIENTLY(recv(client, to, size, 0));
        if (n <= 0)
            fail_msg("%zu bytes missing: %s", size,
                     n < 0 ? strerror(errno) : "end");
        to += n;
        size -= (size_t)n;
    }
}

size_t recv_to_end(int client, void *bytes, size_t size_max)
{
    uint8_t *to = bytes;
    size_t size = 0;
    for (;;) {
        /* One byte more than there may be shows that there is more. */
        uint8_t extra;
        ssize_t n = size < size_max
                        ? PATIENTLY(recv(client, to + size, size_max - size, 0))
                        : PATIENTLY(recv(client, &extra, 1, 0));
        if (n < 0)
            fail_msg("after %zu bytes: %s", size, strerror(errno));
        if (n == 0)
            return size;
        assert_true(size < size_max);
        size += (size_t)n;
    }
}

void assert_ends(int client)
{
    assert_int_equal(recv_to_end(client, NULL, 0), 0);
}

void expect_text(int client, const char *text)
{
    char got[256];
    size_t size = strlen(text);
    assert_true(size < sizeof(got));
    recv_all(client, got, size);
    assert_memory_equal(got, text, size);
}

void close_by_reset(int client)
{
    struct linger now = {.l_onoff = 1};
    setsockopt(client, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(client);
}

void fill(uint8_t *bytes, size_t size, uint32_t seed, size_t offset)
{
    for (size_t i = 0; i < size; i++) {
        uint32_t x = (uint32_t)(offset + i) * 2654435761u + seed;
        bytes[i] = (uint8_t)(x ^ x >> 15);
    }
}
