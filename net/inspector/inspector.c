/* SPDX-License-Identifier: MIT
 *
 * net/inspector/inspector.c - see inspector.h: a thread, its poll, and who
 * asks. */
#include "net/inspector/inspector.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/poll.h"
#include "core/waker.h"
#include "net/inspector/client.h"
#include "net/inspector/collection.h"
#include "net/inspector/report.h"
#include "runtime/sys/thread.h"

#define CLIENTS_DEFAULT 16
#define CLIENTS_MAX 1024
#define ANSWER_WITHIN_DEFAULT_NS (250 * MIO_NS_PER_MS)
#define EVENTS_MAX 32

/* Tokens: clients have the numbers from FIRST_CLIENT. */
#define WAKER UINT64_C(0)
#define DOOR UINT64_C(1)
#define FIRST_CLIENT UINT64_C(2)

struct mio_inspector {
    struct mio_runtime *runtime;
    struct mio_poll *poll;
    struct mio_events *events;
    struct mio_waker *waker;
    struct mio_door door;
    struct mio_address address;
    bool is_door_open;
    bool is_running;
    uint32_t is_ending; /* set by free, read by the thread */
    struct mio_thread thread;
    struct mio_collection collection;
    struct mio_inspector_client *clients;
    uint32_t clients_max;
    uint64_t used; /* see the clients' */
};

/* --- answers ---------------------------------------------------------------
 */

static const char help[] =
    "snapshot    a line of numbers for each reactor\n"
    "actors      the busiest actors of each reactor\n"
    "edges       who sends to whom, sampled\n"
    "stalls      callbacks that took longer than the watchdog allows\n"
    "prometheus  the snapshots in the text format of Prometheus\n"
    "quit        the end\n"
    "Each answer ends with a line \"end\". GET /metrics does as in HTTP.\n";

static void put_figures(struct mio_inspector *self, struct mio_text *out,
                        enum mio_question question)
{
    for (uint32_t i = 0; i < self->collection.reactors_count; i++) {
        const struct mio_reactor_figures *figures =
            mio_collection_figures(&self->collection, i);
        if (figures == NULL)
            mio_text_put(out, "silent %u\n", i);
        else if (question == MIO_QUESTION_ACTORS)
            mio_report_actors(out, figures);
        else
            mio_report_edges(out, figures);
    }
}

static void put_http(struct mio_inspector *self, struct mio_text *out,
                     enum mio_question question)
{
    if (question == MIO_QUESTION_HTTP_UNKNOWN) {
        mio_text_put(out, "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n"
                          "Connection: close\r\n\r\n");
        return;
    }
    mio_text_put(out,
                 "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4; "
                 "charset=utf-8\r\nConnection: close\r\n\r\n");
    mio_report_prometheus(out, self->runtime);
}

static void put_answer(struct mio_inspector *self, struct mio_text *out,
                       enum mio_question question)
{
    switch (question) {
    case MIO_QUESTION_SNAPSHOT:
        mio_report_snapshots(out, self->runtime);
        break;
    case MIO_QUESTION_ACTORS:
    case MIO_QUESTION_EDGES:
        put_figures(self, out, question);
        break;
    case MIO_QUESTION_STALLS:
        mio_report_stalls(out, self->runtime);
        break;
    case MIO_QUESTION_PROMETHEUS:
        mio_report_prometheus(out, self->runtime);
        break;
    case MIO_QUESTION_HELP:
        mio_text_put(out, "%s", help);
        break;
    case MIO_QUESTION_TOO_LONG:
        mio_text_put(out, "error too long\n");
        break;
    default:
        mio_text_put(out, "error unknown, try help\n");
        break;
    }
    mio_text_put(out, "end\n");
}

/* --- clients ---------------------------------------------------------------
 */

static mio_token token_of(const struct mio_inspector *self,
                          const struct mio_inspector_client *client)
{
    return mio_token_of(FIRST_CLIENT + (uint64_t)(client - self->clients));
}

static void close_client(struct mio_inspector_client *client)
{
    mio_peer_close(&client->peer);
    mio_text_deinit(&client->out);
    client->is_open = false;
}

/* Write now, and when it can be again; true: all is out, and it goes on. */
static bool write_out(struct mio_inspector *self,
                      struct mio_inspector_client *client)
{
    int result =
        client->out.failed ? MIO_ENOMEM : mio_inspector_client_write(client);
    if (result < 0 && result != MIO_EAGAIN) {
        close_client(client);
        return false;
    }
    if (result == 0 && client->is_closing) {
        close_client(client);
        return false;
    }
    bool must_write = result == MIO_EAGAIN;
    if (must_write == client->is_writing)
        return !must_write;
    client->is_writing = must_write;
    if (mio_poll_reregister(
            self->poll, mio_peer_source(&client->peer), token_of(self, client),
            must_write ? MIO_WRITABLE : MIO_READABLE, MIO_LEVEL) < 0) {
        close_client(client);
        return false;
    }
    return !must_write;
}

static bool answer(struct mio_inspector *self,
                   struct mio_inspector_client *client,
                   enum mio_question question)
{
    client->question = MIO_QUESTION_NONE;
    client->is_closing |= question == MIO_QUESTION_TOO_LONG ||
                          question >= MIO_QUESTION_HTTP ||
                          question == MIO_QUESTION_QUIT;
    if (question >= MIO_QUESTION_HTTP)
        put_http(self, &client->out, question);
    else if (question != MIO_QUESTION_QUIT)
        put_answer(self, &client->out, question);
    return write_out(self, client);
}

static bool wants_figures(enum mio_question question)
{
    return question == MIO_QUESTION_ACTORS || question == MIO_QUESTION_EDGES;
}

/* Answer what was read, until something has to be waited for. */
static void serve(struct mio_inspector *self,
                  struct mio_inspector_client *client)
{
    enum mio_question question;
    while (client->is_open && !client->is_writing &&
           client->question == MIO_QUESTION_NONE &&
           (question = mio_inspector_client_next(client)) !=
               MIO_QUESTION_NONE) {
        if (wants_figures(question)) {
            client->question = question;
            mio_collection_start(&self->collection, self->runtime);
            return;
        }
        if (!answer(self, client, question))
            return;
    }
}

static void client_ready(struct mio_inspector *self,
                         struct mio_inspector_client *client)
{
    client->used = ++self->used;
    if (client->is_writing) {
        if (write_out(self, client))
            serve(self, client);
        return;
    }
    if (client->line_size == sizeof(client->line))
        return; /* a question waits for its answer, with others behind it */
    if (mio_inspector_client_read(client) < 0)
        close_client(client);
    else
        serve(self, client);
}

/* A free place, or that of who was silent for the longest time. */
static struct mio_inspector_client *find_place(struct mio_inspector *self)
{
    struct mio_inspector_client *oldest = &self->clients[0];
    for (uint32_t i = 0; i < self->clients_max; i++) {
        struct mio_inspector_client *client = &self->clients[i];
        if (!client->is_open)
            return client;
        if (client->used < oldest->used)
            oldest = client;
    }
    close_client(oldest);
    return oldest;
}

static void accept_one(struct mio_inspector *self, const struct mio_peer *peer)
{
    struct mio_inspector_client *client = find_place(self);
    memset(client, 0, sizeof(*client));
    client->peer = *peer;
    client->used = ++self->used;
    client->is_open = true;
    if (mio_poll_register(self->poll, mio_peer_source(&client->peer),
                          token_of(self, client), MIO_READABLE, MIO_LEVEL) < 0)
        close_client(client);
}

/* One per event: it is level-triggered. */
static void door_ready(struct mio_inspector *self)
{
    struct mio_peer peer;
    int result = mio_door_accept(&self->door, &peer);
    if (result == 0)
        accept_one(self, &peer);
    else if (result != MIO_EAGAIN && result != MIO_ECONNABORTED)
        /* No descriptor, no memory: the next ask may find one free. */
        close_client(find_place(self));
}

/* --- the thread ------------------------------------------------------------
 */

static void answer_waiting(struct mio_inspector *self)
{
    for (uint32_t i = 0; i < self->clients_max; i++) {
        struct mio_inspector_client *client = &self->clients[i];
        if (client->is_open && client->question != MIO_QUESTION_NONE &&
            answer(self, client, client->question))
            serve(self, client);
    }
}

static void handle_events(struct mio_inspector *self)
{
    struct mio_event event;
    while (mio_events_next(self->events, &event)) {
        if (event.token.value == DOOR)
            door_ready(self);
        else if (event.token.value >= FIRST_CLIENT)
            client_ready(self,
                         &self->clients[event.token.value - FIRST_CLIENT]);
    }
}

static void run(void *context)
{
    struct mio_inspector *self = context;
    mio_thread_name("mio-inspector");
    while (__atomic_load_n(&self->is_ending, __ATOMIC_ACQUIRE) == 0) {
        int64_t timeout_ns = mio_collection_timeout_ns(&self->collection);
        if (mio_poll_wait(self->poll, self->events, timeout_ns) >= 0)
            handle_events(self);
        if (mio_collection_is_done(&self->collection))
            answer_waiting(self);
    }
}

/* --- making ----------------------------------------------------------------
 */

static int open_poll(struct mio_inspector *self)
{
    struct mio_poll_options options = {.sources_max = self->clients_max + 8};
    int result = mio_poll_new(&self->poll, &options);
    if (result == 0)
        result = mio_events_new(&self->events, EVENTS_MAX);
    if (result == 0)
        result = mio_waker_new(&self->waker, self->poll, mio_token_of(WAKER));
    return result;
}

static int open_door(struct mio_inspector *self,
                     const struct mio_inspector_options *options)
{
    struct mio_address address;
    int result = mio_door_parse(&address, options->address);
    if (result == 0)
        result = mio_door_open(&self->door, &address);
    if (result < 0)
        return result;
    self->is_door_open = true;
    mio_door_address(&self->door, &self->address);
    return mio_poll_register(self->poll, mio_door_source(&self->door),
                             mio_token_of(DOOR), MIO_READABLE, MIO_LEVEL);
}

static int make(struct mio_inspector *self,
                const struct mio_inspector_options *options)
{
    int64_t within_ns = options->answer_within_ns != 0
                            ? options->answer_within_ns
                            : ANSWER_WITHIN_DEFAULT_NS;
    self->clients = calloc(self->clients_max, sizeof(*self->clients));
    if (self->clients == NULL)
        return MIO_ENOMEM;
    int result = open_poll(self);
    if (result == 0)
        result = mio_collection_init(&self->collection, self->waker,
                                     mio_runtime_reactors_count(self->runtime),
                                     within_ns);
    if (result == 0)
        result = open_door(self, options);
    if (result == 0)
        result = mio_thread_start(&self->thread, run, self);
    self->is_running = result == 0;
    return result;
}

int mio_inspector_new(struct mio_inspector **out, struct mio_runtime *runtime,
                      const struct mio_inspector_options *options)
{
    if (options == NULL || options->clients_max > CLIENTS_MAX ||
        options->answer_within_ns < 0)
        return MIO_EINVAL;
    struct mio_inspector *self = calloc(1, sizeof(*self));
    if (self == NULL)
        return MIO_ENOMEM;
    self->runtime = runtime;
    self->clients_max =
        options->clients_max != 0 ? options->clients_max : CLIENTS_DEFAULT;
    int result = make(self, options);
    if (result < 0) {
        mio_inspector_free(self);
        return result;
    }
    *out = self;
    return 0;
}

void mio_inspector_free(struct mio_inspector *self)
{
    if (self == NULL)
        return;
    if (self->is_running) {
        __atomic_store_n(&self->is_ending, 1, __ATOMIC_RELEASE);
        (void)mio_waker_wake(self->waker);
        mio_thread_join(&self->thread);
    }
    for (uint32_t i = 0; self->clients != NULL && i < self->clients_max; i++)
        if (self->clients[i].is_open)
            close_client(&self->clients[i]);
    if (self->is_door_open)
        mio_door_close(&self->door);
    mio_collection_deinit(&self->collection);
    mio_waker_free(self->waker);
    mio_events_free(self->events);
    mio_poll_free(self->poll);
    free(self->clients);
    free(self);
}

void mio_inspector_address(const struct mio_inspector *self,
                           struct mio_address *out)
{
    *out = self->address;
}
