/* SPDX-License-Identifier: MIT
 *
 * apps/chat/main.c - an IRC server on one reactor per core: puts the pieces
 * together, and takes them apart again. */
#include <stdio.h>
#include <stdlib.h>

#include "apps/chat/actors.h"
#include "apps/chat/options.h"
#include "apps/chat/session/dialect.h"
#include "apps/chat/session/session.h"
#include "apps/chat/stats.h"
#include "apps/chat/sys/process.h"
#include "core/clock.h"
#include "core/random.h"
#include "net/address.h"
#include "net/inspector/inspector.h"
#include "net/server/server.h"

#define EXIT_CANNOT_LISTEN 1
#define EXIT_USAGE 2

#define HANDLES_SPARE 64               /* polls, bells, listeners, files */
#define CONNECTIONS_DEFAULT 65536      /* even where descriptors are plenty */
#define STALL_NS (100 * MIO_NS_PER_MS) /* of one callback */
#define QUEUE_LOW_PART 4               /* of the soft limit: read on */
#define CHANNELS_ROOM 65536 /* actors of a reactor beside connections */

struct program {
    struct chat_options options;
    struct chat_server server;
    struct chat_front front;
    struct chat_stats stats;
    struct mio_runtime *runtime;
    struct mio_inspector *inspector; /* NULL: not wanted */
    struct mio_signals *signals;
    struct chat_port irc_port, line_port;
    struct mio_server *listeners[2 * CHAT_LISTENS_MAX]; /* IRC's, then lines' */
    uint32_t listeners_count;
    uint64_t users_peak;
    uint32_t connections_max;
};

static int complain(const char *what, int error)
{
    (void)fprintf(stderr, "chat: %s: %s\n", what, mio_error_text(error));
    return error;
}

static uint32_t connections_max(const struct chat_options *options)
{
    uint64_t handles = chat_process_raise_handles();
    uint64_t max =
        handles > 2 * HANDLES_SPARE ? handles - HANDLES_SPARE : HANDLES_SPARE;

    if (options->connections_max != 0)
        return options->connections_max;
    return max < CONNECTIONS_DEFAULT ? (uint32_t)max : CONNECTIONS_DEFAULT;
}

static int make_front(struct program *self)
{
    /* 1 MiB of counters, of which only those in use take memory. */
    static struct chat_hosts hosts;
    const struct chat_options *options = &self->options;
    struct chat_front *front = &self->front;

    front->password = options->password;
    front->operators_count = options->operators_count;
    for (uint32_t i = 0; i < options->operators_count; i++)
        front->operators[i] = options->operators[i];
    front->limits = options->limits;
    front->has_flood_control = !options->no_flood_control;
    front->counts_loopback = options->counts_loopback;
    front->hosts = &hosts;
    front->line_room = options->line_room;
    front->users_peak = &self->users_peak;
    if (options->motd == NULL)
        return MIO_OK;
    int error = chat_motd_read(&front->motd, options->motd);
    return error < 0 ? complain(options->motd, error) : MIO_OK;
}

static int make_runtime(struct program *self)
{
    struct mio_runtime_options options = {
        .reactors_count = self->options.reactors_count,
        /* What is under way is bounded by what clients may ask at once. */
        .credit = MIO_CREDIT_MAX,
        .actors_max = self->connections_max + CHANNELS_ROOM,
        .sources_max = self->connections_max + HANDLES_SPARE,
        .stop_on_signals = true,
        .name = "chat",
        /* Whoever may look in wants to know who keeps others waiting. */
        .stall_ns = self->options.inspect != NULL ? STALL_NS : 0,
    };
    int error = mio_runtime_new(&self->runtime, &options);

    if (error < 0)
        return complain("cannot make the runtime", error);
    if (!self->options.stats)
        return MIO_OK;
    error = mio_signals_new(&self->signals);
    if (error == MIO_OK)
        error = mio_signals_add(self->signals, MIO_SIGNAL_USER1);
    return error < 0 ? complain("cannot watch signals", error) : MIO_OK;
}

static int make_server(struct program *self)
{
    self->server.name = self->options.name;
    self->server.network = self->options.network;
    self->server.key.low = mio_random_u64();
    self->server.key.high = mio_random_u64();
    self->server.runtime = self->runtime;
    self->server.front = &self->front;
    self->server.channels_max = self->options.limits.channels_max;
    self->server.bans_max = self->options.limits.bans_max;
    int error = chat_server_init(&self->server);
    if (error == MIO_OK)
        error = chat_server_spawn(&self->server);
    if (error < 0)
        return complain("cannot make the server", error);

    self->stats.server = &self->server;
    self->stats.listeners = self->listeners;
    self->stats.listeners_count =
        self->options.listens_count + self->options.lines_count;
    self->stats.signals = self->signals;
    self->stats.exits_with_parent = self->options.exit_with_parent;
    error = chat_stats_spawn(&self->stats);
    return error < 0 ? complain("cannot make the counters", error) : MIO_OK;
}

static int listen_on(struct program *self, const char *address,
                     struct chat_port *port, const char *refusal)
{
    const struct chat_limits *limits = &self->options.limits;
    struct mio_server_options options = {
        .address = address,
        .connection_class = &chat_session_class,
        .argument = port,
        .connections_max = self->connections_max,
        .queue_low = limits->queue_soft / QUEUE_LOW_PART,
        .queue_high = limits->queue_soft,
        .queue_max = limits->queue_hard,
        .refusal = refusal,
    };
    int error = mio_server_new(&self->listeners[self->listeners_count],
                               self->runtime, &options);

    if (error < 0)
        return complain(address, error);
    self->listeners_count++;
    return MIO_OK;
}

static int listen_on_all(struct program *self)
{
    const struct chat_options *options = &self->options;
    int error = MIO_OK;

    self->irc_port = (struct chat_port){&self->server, &chat_irc_dialect};
    self->line_port = (struct chat_port){&self->server, &chat_line_dialect};
    for (uint32_t i = 0; i < options->listens_count && error == MIO_OK; i++)
        error = listen_on(self, options->listens[i], &self->irc_port,
                          "ERROR :Closing Link: (Server is full)\r\n");
    for (uint32_t i = 0; i < options->lines_count && error == MIO_OK; i++)
        error = listen_on(self, options->lines[i], &self->line_port,
                          "The server is full.\r\n");
    return error;
}

static int let_look_in(struct program *self)
{
    struct mio_inspector_options options = {.address = self->options.inspect};

    if (options.address == NULL)
        return MIO_OK;
    int error = mio_inspector_new(&self->inspector, self->runtime, &options);
    return error < 0 ? complain(options.address, error) : MIO_OK;
}

static void announce_one(const struct program *self, uint32_t index)
{
    char ip[MIO_ADDRESS_TEXT_MAX], whole[MIO_ADDRESS_TEXT_MAX];
    struct mio_address address;

    mio_server_address(self->listeners[index], &address);
    mio_address_format(&address, whole, sizeof(whole));
    mio_address_format_ip(&address, ip, sizeof(ip));
    unsigned port = mio_address_port(&address);
    if (index < self->options.listens_count) {
        (void)printf("listening on %s, %u reactors\n", whole,
                     (unsigned)self->server.reactors_count);
        (void)printf("connect: irssi -c %s -p %u, or: nc %s %u\n", ip, port, ip,
                     port);
    } else {
        (void)printf("line listening on %s\n", whole);
        (void)printf("talk: nc %s %u\n", ip, port);
    }
}

static void announce(const struct program *self)
{
    for (uint32_t i = 0; i < self->listeners_count; i++)
        announce_one(self, i);
    if (self->inspector != NULL)
        (void)printf("look in: mio-top %s\n", self->options.inspect);
    (void)fflush(stdout);
}

static int run(struct program *self)
{
    int error = mio_runtime_start(self->runtime);

    if (error < 0)
        return complain("cannot start", error);
    announce(self);
    (void)mio_runtime_join(self->runtime); /* a straggler is no failure */
    if (self->options.stats)
        chat_stats_print(&self->stats);
    return MIO_OK;
}

static void take_apart(struct program *self)
{
    for (uint32_t i = 0; i < self->listeners_count; i++)
        mio_server_free(self->listeners[i]);
    mio_inspector_free(self->inspector);
    mio_runtime_free(self->runtime);
    mio_signals_free(self->signals);
    chat_stats_deinit(&self->stats);
    chat_server_deinit(&self->server);
    chat_motd_deinit(&self->front.motd);
}

static int serve(struct program *self)
{
    self->connections_max = connections_max(&self->options);
    if (make_front(self) < 0)
        return EXIT_USAGE;

    int status = EXIT_SUCCESS;
    if (make_runtime(self) < 0 || make_server(self) < 0 ||
        listen_on_all(self) < 0 || let_look_in(self) < 0 || run(self) < 0)
        status = EXIT_CANNOT_LISTEN;
    take_apart(self);
    return status;
}

int main(int argc, char **argv)
{
    static struct program program;
    char reason[CHAT_REASON_MAX];

    if (chat_options_parse(&program.options, argc, argv, reason) < 0) {
        (void)fprintf(stderr, "chat: %s\n", reason);
        return EXIT_USAGE;
    }
    if (program.options.help || program.options.version) {
        (void)fputs(program.options.help ? chat_options_help()
                                         : CHAT_VERSION "\n",
                    stdout);
        return EXIT_SUCCESS;
    }
    return serve(&program);
}
