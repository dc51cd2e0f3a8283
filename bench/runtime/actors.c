/* SPDX-License-Identifier: MIT
 *
 * bench/runtime/actors.c - what a message costs: counting, ping-pong, fan-in,
 * rings, within one reactor and between two; beside a bare cache line. See
 * README.md. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* affinity */
#endif
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "runtime/ask.h"
#include "runtime/runtime.h"

#define RUNS_MAX 99
#define SENDERS 16
#define RING 16
#define WINDOW 4096 /* of a sender: bounds the memory, not the flow */
#define ACK_EVERY 512
#define BURST 64

static const struct mio_message_type work = {.name = "work"};
static const struct mio_message_type again = {.name = "again"};

struct payload {
    uint64_t number;
    mio_actor_id to;
    uint64_t unused;
};

static struct {
    uint64_t messages;
    uint32_t senders;
    uint32_t burst;
    uint64_t tokens;
    int64_t begin_ns;
    int64_t end_ns;
    mio_actor_id ring[RING];
} bench;

static void must(int result)
{
    if (result >= 0)
        return;
    fprintf(stderr, "failed: %s\n", mio_error_name(result));
    exit(1);
}

static void finish(struct mio_actor *self)
{
    bench.end_ns = mio_clock_monotonic_ns();
    mio_runtime_stop(mio_actor_runtime(self));
}

/* --- counting and fan-in: senders and a sink ------------------------------ */

struct sink {
    uint64_t received;
};

static int sink_receive(struct mio_actor *self, void *state,
                        struct mio_message *message)
{
    struct sink *sink = state;
    struct payload *payload = mio_message_payload(message);
    if (++sink->received == bench.messages)
        finish(self);
    /* Each sender counts for itself. */
    if (payload->number % ACK_EVERY == 0)
        return mio_send(self, message->from, &again, NULL, 0);
    return 0;
}

static const struct mio_actor_class sink_class = {
    .name = "sink", .state_size = sizeof(struct sink), .receive = sink_receive};

struct sender {
    mio_actor_id to;
    uint64_t sent;
    uint64_t acked;
    bool is_waiting;
};

/* Some messages, then a word to oneself: what a busy actor does. */
static int sender_burst(struct mio_actor *self, struct sender *sender)
{
    uint64_t sent_max = bench.messages / bench.senders;
    for (uint32_t i = 0; i < bench.burst; i++) {
        if (sender->sent == sent_max)
            return 0;
        struct payload payload = {.number = ++sender->sent};
        must(mio_send(self, sender->to, &work, &payload, sizeof(payload)));
    }
    sender->is_waiting = sender->sent - sender->acked >= WINDOW;
    if (sender->is_waiting)
        return 0;
    return mio_send(self, mio_actor_self(self), &work, NULL, 0);
}

static int sender_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    struct sender *sender = state;
    if (message->type == &work)
        return sender_burst(self, sender);
    sender->acked += ACK_EVERY;
    if (!sender->is_waiting)
        return 0;
    sender->is_waiting = false;
    return sender_burst(self, sender);
}

static int sender_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    struct sender *sender = state;
    memcpy(&sender->to, argument, argument_size);
    if (bench.begin_ns == 0)
        bench.begin_ns = mio_clock_monotonic_ns();
    return mio_send(self, mio_actor_self(self), &work, NULL, 0);
}

static const struct mio_actor_class sender_class = {
    .name = "sender",
    .state_size = sizeof(struct sender),
    .init = sender_init,
    .receive = sender_receive,
};

static void spawn_senders(struct mio_runtime *runtime, uint32_t reactors)
{
    mio_actor_id sink;
    must(mio_runtime_spawn(runtime, 0, &sink_class, NULL, 0, &sink));
    for (uint32_t i = 0; i < bench.senders; i++)
        must(mio_runtime_spawn(runtime, reactors - 1, &sender_class, &sink,
                               sizeof(sink), NULL));
}

static void counting(struct mio_runtime *runtime, uint32_t reactors)
{
    bench.senders = 1;
    bench.burst = BURST;
    spawn_senders(runtime, reactors);
}

static void counting_one_by_one(struct mio_runtime *runtime, uint32_t reactors)
{
    bench.senders = 1;
    bench.burst = 1;
    spawn_senders(runtime, reactors);
}

static void fan_in(struct mio_runtime *runtime, uint32_t reactors)
{
    bench.senders = SENDERS;
    bench.burst = BURST;
    spawn_senders(runtime, reactors);
}

/* --- rings; a ring of two is ping-pong ------------------------------------ */

static int member_receive(struct mio_actor *self, void *state,
                          struct mio_message *message)
{
    uint32_t *next = state;
    struct payload *payload = mio_message_payload(message);
    /* The first token that has gone its share of the way stops them all. */
    if (++payload->number == bench.messages / bench.tokens)
        finish(self);
    mio_message_keep(message);
    return mio_send_message(self, bench.ring[*next], message);
}

static int member_init(struct mio_actor *self, void *state,
                       const void *argument, size_t argument_size)
{
    (void)self;
    memcpy(state, argument, argument_size);
    return 0;
}

static const struct mio_actor_class member_class = {
    .name = "member",
    .state_size = sizeof(uint32_t),
    .init = member_init,
    .receive = member_receive,
};

/* Sets the tokens going, from a reactor, so that they have a home. */
static int starter_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    (void)state;
    (void)argument_size;
    uint32_t members;
    memcpy(&members, argument, sizeof(members));
    bench.begin_ns = mio_clock_monotonic_ns();
    for (uint64_t i = 0; i < bench.tokens; i++) {
        struct payload payload = {0};
        must(mio_send(self, bench.ring[i % members], &work, &payload,
                      sizeof(payload)));
    }
    return 0;
}

static const struct mio_actor_class starter_class = {.name = "starter",
                                                     .init = starter_init};

static void spawn_ring(struct mio_runtime *runtime, uint32_t reactors,
                       uint32_t members, uint64_t tokens)
{
    bench.tokens = tokens;
    for (uint32_t i = 0; i < members; i++) {
        uint32_t next = (i + 1) % members;
        must(mio_runtime_spawn(runtime, i % reactors, &member_class, &next,
                               sizeof(next), &bench.ring[i]));
    }
    must(mio_runtime_spawn(runtime, 0, &starter_class, &members,
                           sizeof(members), NULL));
}

static void ping_pong(struct mio_runtime *runtime, uint32_t reactors)
{
    spawn_ring(runtime, reactors, 2, 1);
}

static void ring_1(struct mio_runtime *runtime, uint32_t reactors)
{
    spawn_ring(runtime, reactors, RING, 1);
}

static void ring_50(struct mio_runtime *runtime, uint32_t reactors)
{
    spawn_ring(runtime, reactors, RING, 50);
}

/* --- asks, one after the other -------------------------------------------- */

struct asker {
    struct mio_ask ask;
    mio_actor_id to;
    uint64_t count;
    int64_t within_ns;
};

static int asker_next(struct asker *asker)
{
    struct payload payload = {.number = asker->count};
    return mio_ask_start(&asker->ask, asker->to, &work, &payload,
                         sizeof(payload), sizeof(payload), asker->within_ns);
}

static int asker_answered(struct mio_actor *self, void *state,
                          struct mio_ask *ask, int result,
                          struct mio_message *reply)
{
    struct asker *asker = state;
    (void)ask;
    (void)reply;
    must(result);
    if (++asker->count == bench.messages)
        finish(self);
    return asker_next(asker);
}

static int asker_init(struct mio_actor *self, void *state, const void *argument,
                      size_t argument_size)
{
    struct asker *asker = state;
    memcpy(asker, argument, argument_size);
    mio_ask_init(&asker->ask, self, asker_answered);
    bench.begin_ns = mio_clock_monotonic_ns();
    return asker_next(asker);
}

static const struct mio_actor_class asker_class = {
    .name = "asker", .state_size = sizeof(struct asker), .init = asker_init};

static int answerer_receive(struct mio_actor *self, void *state,
                            struct mio_message *message)
{
    (void)state;
    return mio_reply(self, message, &work, mio_message_payload(message),
                     message->size);
}

static const struct mio_actor_class answerer_class = {
    .name = "answerer", .receive = answerer_receive};

static void spawn_asker(struct mio_runtime *runtime, uint32_t reactors,
                        int64_t within_ns)
{
    struct asker asker = {.within_ns = within_ns};
    must(mio_runtime_spawn(runtime, reactors - 1, &answerer_class, NULL, 0,
                           &asker.to));
    must(mio_runtime_spawn(runtime, 0, &asker_class, &asker, sizeof(asker),
                           NULL));
}

static void ask(struct mio_runtime *runtime, uint32_t reactors)
{
    spawn_asker(runtime, reactors, -1);
}

static void ask_with_deadline(struct mio_runtime *runtime, uint32_t reactors)
{
    spawn_asker(runtime, reactors, MIO_NS_PER_S);
}

/* --- a bare cache line, to and fro ---------------------------------------- */

struct line {
    _Alignas(64) uint64_t word;
    _Alignas(64) uint64_t hops;
};

static void pin(uint32_t index)
{
    cpu_set_t all;
    cpu_set_t one;
    if (sched_getaffinity(0, sizeof(all), &all) < 0)
        return;
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &all) || index-- != 0)
            continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        (void)pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
    }
}

static void *line_odd(void *argument)
{
    struct line *line = argument;
    pin(1);
    for (uint64_t i = 1; i < line->hops; i += 2) {
        while (__atomic_load_n(&line->word, __ATOMIC_ACQUIRE) != i)
            ;
        __atomic_store_n(&line->word, i + 1, __ATOMIC_RELEASE);
    }
    return NULL;
}

static void *line_even(void *argument)
{
    struct line *line = argument;
    pin(0);
    for (uint64_t i = 0; i < line->hops; i += 2) {
        while (__atomic_load_n(&line->word, __ATOMIC_ACQUIRE) != i)
            ;
        __atomic_store_n(&line->word, i + 1, __ATOMIC_RELEASE);
    }
    return NULL;
}

static double measure_line(uint64_t hops)
{
    static struct line line;
    pthread_t threads[2];
    line.word = 0;
    line.hops = hops & ~UINT64_C(1);
    int64_t begin_ns = mio_clock_monotonic_ns();
    must(-pthread_create(&threads[0], NULL, line_even, &line));
    must(-pthread_create(&threads[1], NULL, line_odd, &line));
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    return (double)(mio_clock_monotonic_ns() - begin_ns) / (double)line.hops;
}

/* --- measuring ----------------------------------------------------------- */

struct result {
    double ns;     /* of wall time per message */
    double cpu_ns; /* of all threads together */
    double messages_per_chain;
    double bells; /* rung per message */
};

static int64_t cpu_time_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * MIO_NS_PER_S + time.tv_nsec;
}

static void read_counters(struct mio_runtime *runtime, struct result *result)
{
    struct mio_counters sum = {0};
    for (uint32_t i = 0; i < mio_runtime_reactors_count(runtime); i++) {
        struct mio_counters one;
        must(mio_runtime_counters(runtime, i, &one));
        sum.sent_remote += one.sent_remote;
        sum.chains_out += one.chains_out;
        sum.bells_rung += one.bells_rung;
    }
    if (sum.chains_out > 0)
        result->messages_per_chain =
            (double)sum.sent_remote / (double)sum.chains_out;
    result->bells = (double)sum.bells_rung / (double)bench.messages;
}

static struct result measure(void (*spawn)(struct mio_runtime *runtime,
                                           uint32_t reactors),
                             uint32_t reactors, uint64_t messages)
{
    struct mio_runtime_options options = {.reactors_count = reactors,
                                          .name = "bench"};
    struct mio_runtime *runtime;
    struct result result = {0};
    bench.messages = messages;
    bench.begin_ns = 0;
    must(mio_runtime_new(&runtime, &options));
    spawn(runtime, reactors);
    int64_t cpu_ns = cpu_time_ns();
    must(mio_runtime_run(runtime));
    cpu_ns = cpu_time_ns() - cpu_ns;
    result.ns = (double)(bench.end_ns - bench.begin_ns) / (double)messages;
    result.cpu_ns = (double)cpu_ns / (double)messages;
    read_counters(runtime, &result);
    mio_runtime_free(runtime);
    return result;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof(*values), by_value);
    return values[count / 2];
}

static void report(const char *name, uint32_t reactors,
                   void (*spawn)(struct mio_runtime *runtime,
                                 uint32_t reactors),
                   uint64_t messages, int runs)
{
    double ns[RUNS_MAX];
    double cpu[RUNS_MAX];
    struct result result = {0};
    for (int i = 0; i < runs; i++) {
        result = measure(spawn, reactors, messages);
        ns[i] = result.ns;
        cpu[i] = result.cpu_ns;
    }
    double middle = median(ns, runs);
    printf("| %-24s | %u | %8.1f (%.1f) | %8.1f | %6.1f | %.4f |\n", name,
           reactors, middle, ns[0], median(cpu, runs),
           result.messages_per_chain, result.bells);
    fflush(stdout);
}

static void report_line(uint64_t hops, int runs)
{
    double ns[RUNS_MAX];
    for (int i = 0; i < runs; i++)
        ns[i] = measure_line(hops);
    double middle = median(ns, runs);
    printf("| %-24s | - | %8.1f (%.1f) | | | |\n", "a cache line, one hop",
           middle, ns[0]);
}

static const struct {
    const char *name;
    void (*spawn)(struct mio_runtime *runtime, uint32_t reactors);
    uint64_t parts; /* of the messages: slow ones get fewer */
} works[] = {
    {"counting, 64 per callback", counting, 1},
    {"counting, 1 per callback", counting_one_by_one, 1},
    {"fan-in, 16 senders", fan_in, 1},
    {"ping-pong", ping_pong, 20},
    {"ask", ask, 20},
    {"ask with a deadline", ask_with_deadline, 20},
    {"ring of 16, 1 token", ring_1, 20},
    {"ring of 16, 50 tokens", ring_50, 1},
};

static void report_all(uint64_t messages, int runs, const char *filter)
{
    printf("| work | reactors | ns, median (min) | CPU ns | per chain | bells "
           "|\n|---|---|---|---|---|---|\n");
    if (strstr("a cache line, one hop", filter) != NULL)
        report_line(messages, runs);
    for (uint32_t reactors = 1; reactors <= 2; reactors++)
        for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
            if (strstr(works[i].name, filter) != NULL)
                report(works[i].name, reactors, works[i].spawn,
                       reactors == 1 ? messages : messages / works[i].parts,
                       runs);
}

int main(int argc, char **argv)
{
    uint64_t messages = argc > 1 ? strtoull(argv[1], NULL, 10) : 2000000;
    int runs = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 7;
    const char *filter = argc > 3 ? argv[3] : "";
    if (messages < 1000 || runs < 1 || runs > RUNS_MAX) {
        fprintf(stderr, "usage: actors [MESSAGES [RUNS [PART-OF-A-NAME]]]\n");
        return 2;
    }
    report_all(messages, runs, filter);
    return 0;
}
