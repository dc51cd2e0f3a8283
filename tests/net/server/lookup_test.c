/* SPDX-License-Identifier: MIT
 *
 * tests/net/server/lookup_test.c - names become addresses, or codes, in time,
 * and nobody stands still meanwhile. Needs no network: names that end in .test
 * are answered here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/poll.h"
#include "net/server/lookup.h"
#include "runtime/runtime.h"

static void check(int is_true, const char *condition, int line)
{
    if (is_true)
        return;
    fprintf(stderr, "line %d: not true: %s\n", line, condition);
    abort();
}

#define CHECK(condition) check((condition), #condition, __LINE__)

/* --- the system's resolver
 * ---------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t opened = PTHREAD_COND_INITIALIZER;
static bool is_open; /* slow names are answered */
static int slow_count;

static void set_open(bool is)
{
    pthread_mutex_lock(&lock);
    is_open = is;
    slow_count = 0;
    pthread_cond_broadcast(&opened);
    pthread_mutex_unlock(&lock);
}

static void wait_open(void)
{
    pthread_mutex_lock(&lock);
    slow_count++;
    pthread_cond_broadcast(&opened);
    while (!is_open)
        pthread_cond_wait(&opened, &lock);
    pthread_mutex_unlock(&lock);
}

/* Until a thread of the pool is in the resolver. */
static void wait_slow(void)
{
    pthread_mutex_lock(&lock);
    while (slow_count == 0)
        pthread_cond_wait(&opened, &lock);
    pthread_mutex_unlock(&lock);
}

int __real_getaddrinfo(const char *name, const char *service,
                       const struct addrinfo *hints, struct addrinfo **out);
int __wrap_getaddrinfo(const char *name, const char *service,
                       const struct addrinfo *hints, struct addrinfo **out);

int __wrap_getaddrinfo(const char *name, const char *service,
                       const struct addrinfo *hints, struct addrinfo **out)
{
    static const struct {
        const char *name;
        int error;
        int system_error;
    } answers[] = {
        {"missing.test", EAI_NONAME, 0},    {"later.test", EAI_AGAIN, 0},
        {"broken.test", EAI_FAIL, 0},       {"large.test", EAI_MEMORY, 0},
        {"limit.test", EAI_SYSTEM, EMFILE}, {"odd.test", EAI_SYSTEM, 0},
    };
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        if (strcmp(name, answers[i].name) != 0)
            continue;
        errno = answers[i].system_error;
        return answers[i].error;
    }
    if (strcmp(name, "slow.test") == 0) {
        wait_open();
        name = "127.0.0.9";
    }
    return __real_getaddrinfo(name, service, hints, out);
}

/* --- a table of names
 * ------------------------------------------------------------ */

static struct mio_pool *pool;

static const struct entry {
    const char *name;
    int result; /* 1: addresses */
    const char *first;
} entries[] = {
    {"127.0.0.1", 1, "127.0.0.1:77"},       {"::1", 1, "[::1]:77"},
    {"2001:db8::5", 1, "[2001:db8::5]:77"}, {"localhost", 1, NULL},
    {"missing.test", MIO_ENOENT, NULL},     {"later.test", MIO_EAGAIN, NULL},
    {"broken.test", MIO_EIO, NULL},         {"large.test", MIO_ENOMEM, NULL},
    {"limit.test", MIO_EMFILE, NULL},       {"odd.test", MIO_EIO, NULL},
};
#define ENTRIES_COUNT (sizeof(entries) / sizeof(entries[0]))

struct asker {
    struct mio_lookup lookup;
    struct mio_lookup other;
    struct mio_actor_timer timer;
    size_t step;
    int64_t began_ns;
    uint32_t found_count;
};

static void stop(struct mio_actor *self)
{
    mio_runtime_stop(mio_actor_runtime(self));
}

static int table_next(struct asker *asker)
{
    return mio_lookup_start(&asker->lookup, pool, entries[asker->step].name, 77,
                            asker->step % 2 == 0 ? MIO_FOREVER
                                                 : 3600 * MIO_NS_PER_S);
}

static int table_found(struct mio_actor *self, void *state,
                       struct mio_lookup *lookup, int result,
                       const struct mio_address *addresses)
{
    struct asker *asker = state;
    const struct entry *entry = &entries[asker->step];
    char text[MIO_ADDRESS_TEXT_MAX];
    CHECK(lookup == &asker->lookup);
    CHECK(result > 0 ? entry->result == 1 : entry->result == result);
    CHECK((addresses != NULL) == (result > 0));
    for (int i = 0; i < result; i++) {
        mio_address_format(&addresses[i], text, sizeof(text));
        CHECK(mio_address_port(&addresses[i]) == 77);
        if (entry->first == NULL)
            CHECK(mio_address_is_loopback(&addresses[i]));
        else
            CHECK(strcmp(text, entry->first) == 0 && result == 1);
    }
    if (++asker->step < ENTRIES_COUNT)
        return table_next(asker);
    stop(self);
    return 0;
}

static int table_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct asker *asker = state;
    char name[MIO_LOOKUP_NAME_MAX + 2];
    (void)argument;
    (void)argument_size;
    mio_lookup_init(&asker->lookup, self, table_found);
    CHECK(!mio_lookup_cancel(&asker->lookup));
    CHECK(mio_lookup_start(&asker->lookup, pool, "", 1, 0) == MIO_EINVAL);
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    CHECK(mio_lookup_start(&asker->lookup, pool, name, 1, 0) ==
          MIO_ENAMETOOLONG);
    int result = table_next(asker);
    CHECK(mio_lookup_start(&asker->lookup, pool, "::1", 1, 0) == MIO_EALREADY);
    return result;
}

static const struct mio_actor_class table_class = {
    .name = "table", .state_size = sizeof(struct asker), .init = table_init};

static void run_class(uint32_t reactors, const struct mio_actor_class *class,
                      uint32_t threads, uint32_t jobs_max)
{
    struct mio_runtime_options options = {.reactors_count = reactors};
    struct mio_pool_options pool_options = {.threads_count = threads,
                                            .jobs_max = jobs_max};
    struct mio_runtime *runtime;
    set_open(false);
    assert_int_equal(mio_runtime_new(&runtime, &options), 0);
    assert_int_equal(mio_pool_new(&pool, runtime, &pool_options), 0);
    assert_int_equal(
        mio_runtime_spawn(runtime, reactors - 1, class, NULL, 0, NULL), 0);
    assert_int_equal(mio_runtime_run(runtime), 0);
    set_open(true); /* for who is in the resolver still */
    mio_pool_free(pool);
    mio_runtime_free(runtime);
}

static void names_become_addresses_or_codes(void **state)
{
    (void)state;
    run_class(1, &table_class, 1, 0);
    run_class(2, &table_class, 2, 0);
    run_class(8, &table_class, 2, 0);
}

/* --- deadlines, cancelling, a full pool
 * --------------------------------------------- */

static int never_found(struct mio_actor *self, void *state,
                       struct mio_lookup *lookup, int result,
                       const struct mio_address *addresses)
{
    (void)self;
    (void)state;
    (void)lookup;
    (void)result;
    (void)addresses;
    CHECK(!"told of a look-up that was cancelled");
    return 0;
}

static int late_found(struct mio_actor *self, void *state,
                      struct mio_lookup *lookup, int result,
                      const struct mio_address *addresses)
{
    struct asker *asker = state;
    CHECK(lookup == &asker->lookup);
    if (asker->found_count++ == 0) {
        CHECK(result == MIO_ETIMEDOUT);
        CHECK(addresses == NULL);
        CHECK(mio_clock_monotonic_ns() - asker->began_ns >= 20 * MIO_NS_PER_MS);
        /* The one thread is in the resolver: two wait, no more. */
        CHECK(mio_lookup_start(lookup, pool, "::1", 5, MIO_FOREVER) == 0);
        CHECK(mio_lookup_start(&asker->other, pool, "::1", 5, MIO_FOREVER) ==
              0);
        struct mio_lookup third;
        mio_lookup_init(&third, self, never_found);
        CHECK(mio_lookup_start(&third, pool, "::1", 5, 0) == MIO_EFULL);
        CHECK(mio_lookup_cancel(&asker->other));
        CHECK(!mio_lookup_cancel(&asker->other));
        set_open(true);
        return 0;
    }
    CHECK(result == 1);
    stop(self);
    return 0;
}

static int late_init(struct mio_actor *self, void *state, const void *argument,
                     size_t argument_size)
{
    struct asker *asker = state;
    (void)argument;
    (void)argument_size;
    mio_lookup_init(&asker->lookup, self, late_found);
    mio_lookup_init(&asker->other, self, never_found);
    asker->began_ns = mio_clock_monotonic_ns();
    CHECK(mio_lookup_start(&asker->lookup, pool, "slow.test", 5,
                           20 * MIO_NS_PER_MS) == 0);
    wait_slow(); /* so that what follows waits behind it */
    return 0;
}

static const struct mio_actor_class late_class = {
    .name = "late", .state_size = sizeof(struct asker), .init = late_init};

static void a_name_that_is_slow_is_told_so_in_time(void **state)
{
    (void)state;
    run_class(1, &late_class, 1, 2);
    run_class(2, &late_class, 1, 2);
}

/* --- an answer that is there wins over the deadline
 * ------------------------------- */

static int lucky_found(struct mio_actor *self, void *state,
                       struct mio_lookup *lookup, int result,
                       const struct mio_address *addresses)
{
    (void)state;
    (void)lookup;
    (void)addresses;
    CHECK(result == 1);
    stop(self);
    return 0;
}

static const struct mio_message_type note = {.name = "note"};

/* The first entry takes until the deadline is past; so many follow that timers
 * are looked at meanwhile; the last takes until the answer is in the inbox. */
static int lucky_receive(struct mio_actor *self, void *state,
                         struct mio_message *message)
{
    struct mio_pool_counters counters;
    int64_t began_ns = mio_clock_monotonic_ns();
    (void)self;
    (void)state;
    if (message->size == 1)
        while (mio_clock_monotonic_ns() - began_ns < 5 * MIO_NS_PER_MS)
            ;
    if (message->size == 2) {
        set_open(true);
        do
            mio_pool_read_counters(pool, &counters);
        while (counters.jobs_done == 0);
    }
    return 0;
}

static int lucky_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct asker *asker = state;
    mio_actor_id me = mio_actor_self(self);
    (void)argument;
    (void)argument_size;
    mio_lookup_init(&asker->lookup, self, lucky_found);
    CHECK(mio_lookup_start(&asker->lookup, pool, "slow.test", 5,
                           MIO_NS_PER_MS) == 0);
    CHECK(mio_send(self, me, &note, "x", 1) == 0);
    for (int i = 0; i < 200; i++)
        CHECK(mio_send(self, me, &note, NULL, 0) == 0);
    CHECK(mio_send(self, me, &note, "xx", 2) == 0);
    return 0;
}

static const struct mio_actor_class lucky_class = {
    .name = "lucky",
    .state_size = sizeof(struct asker),
    .init = lucky_init,
    .receive = lucky_receive,
};

static void an_answer_that_is_there_wins_over_the_deadline(void **state)
{
    (void)state;
    run_class(1, &lucky_class, 1, 0);
}

/* --- an actor that ends lets it go
 * -------------------------------------------------- */

static int brief_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct asker *asker = state;
    (void)argument;
    (void)argument_size;
    mio_lookup_init(&asker->lookup, self, never_found);
    mio_lookup_init(&asker->other, self, never_found);
    CHECK(mio_lookup_start(&asker->lookup, pool, "slow.test", 5, 0) == 0);
    CHECK(mio_lookup_start(&asker->other, pool, "slow.test", 5,
                           3600 * MIO_NS_PER_S) == 0);
    wait_slow();
    mio_actor_exit(self, 0);
    stop(self);
    return 0;
}

static const struct mio_actor_class brief_class = {
    .name = "brief", .state_size = sizeof(struct asker), .init = brief_init};

static void who_ended_is_not_told(void **state)
{
    (void)state;
    run_class(1, &brief_class, 1, 0);
    run_class(2, &brief_class, 2, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_become_addresses_or_codes),
        cmocka_unit_test(a_name_that_is_slow_is_told_so_in_time),
        cmocka_unit_test(an_answer_that_is_there_wins_over_the_deadline),
        cmocka_unit_test(who_ended_is_not_told),
    };
    return cmocka_run_group_tests_name("net/server/lookup", tests, NULL, NULL);
}
