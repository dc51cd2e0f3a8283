/* SPDX-License-Identifier: MIT
 *
 * net/server/server.c - listeners first, then their actors, or nothing. */
#include "net/server/server.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/assert.h"
#include "net/server/connection_private.h"
#include "net/server/server_private.h"

#define CONNECTIONS_MAX 65536
#define QUEUE_LOW (16 << 10)
#define QUEUE_HIGH (64 << 10)
#define QUEUE_MAX (1 << 20)

/* --- connections ---------------------------------------------------------- */

bool mio_server_admit(struct mio_server *self)
{
    uint32_t before = atomic_fetch_add(&self->connections_count, 1);
    if (before < self->connections_max)
        return true;
    atomic_fetch_sub(&self->connections_count, 1);
    return false;
}

void mio_server_dismiss(struct mio_server *self)
{
    atomic_fetch_sub(&self->connections_count, 1);
}

uint32_t mio_server_connections_count(const struct mio_server *self)
{
    uint32_t count = atomic_load(&self->connections_count);
    /* While one is refused, it counts for a moment. */
    return count < self->connections_max ? count : self->connections_max;
}

/* --- memory --------------------------------------------------------------- */

static void destroy(struct mio_server *self)
{
    for (uint32_t i = 0; i < self->branches_count; i++)
        mio_server_branch_deinit(&self->branches[i]);
    free(self->refusal);
    free(self);
}

void mio_server_unref(struct mio_server *self)
{
    if (atomic_fetch_sub(&self->refs_count, 1) == 1)
        destroy(self);
}

void mio_server_free(struct mio_server *self)
{
    /* The runtime was joined: no actor has a reference any more, even if its
     * exit, for it never began, did not drop it. */
    if (self)
        destroy(self);
}

static bool set_refusal(struct mio_server *self, const char *text)
{
    if (!text)
        return true;
    self->refusal_size = strlen(text);
    self->refusal = malloc(self->refusal_size + 1);
    if (self->refusal)
        memcpy(self->refusal, text, self->refusal_size + 1);
    return self->refusal != NULL;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* low <= high <= max, whichever of them were given. */
static void set_marks(struct mio_server *self,
                      const struct mio_server_options *options)
{
    self->queue_max = options->queue_max ? options->queue_max : QUEUE_MAX;
    self->queue_high =
        least(options->queue_high ? options->queue_high : QUEUE_HIGH,
              self->queue_max);
    self->queue_low = least(options->queue_low ? options->queue_low : QUEUE_LOW,
                            self->queue_high);
}

/* Returns 0 | MIO_ENOMEM. */
static int create(struct mio_server **out, struct mio_runtime *runtime,
                  const struct mio_server_options *options)
{
    uint32_t count = mio_runtime_reactors_count(runtime);
    size_t size =
        sizeof(struct mio_server) + count * sizeof(struct mio_server_branch);
    struct mio_server *self = aligned_alloc(64, (size + 63) & ~(size_t)63);
    if (!self)
        return MIO_ENOMEM;
    memset(self, 0, size);

    self->runtime = runtime;
    self->connection_class = options->connection_class;
    mio_connection_make_class(&self->actor_class, options->connection_class);
    self->argument = options->argument;
    self->connections_max =
        options->connections_max ? options->connections_max : CONNECTIONS_MAX;
    set_marks(self, options);
    atomic_store(&self->refs_count, 1);
    self->branches_count = count;
    for (uint32_t i = 0; i < count; i++)
        mio_server_branch_init(&self->branches[i], self, i);
    if (!set_refusal(self, options->refusal)) {
        destroy(self);
        return MIO_ENOMEM;
    }
    *out = self;
    return MIO_OK;
}

/* --- listening ------------------------------------------------------------ */

/* Listeners that share a port share it with any process of this user: a second
 * server on the same port would start, and get half of the first one's peers.
 * A listener that does not share finds out. */
static int probe(const struct mio_address *at,
                 struct mio_tcp_listen_options options)
{
    struct mio_tcp_listener listener;
    options.share_port = false;
    int rc = mio_tcp_listener_open(&listener, at, &options);
    if (rc == MIO_OK)
        mio_tcp_listener_close(&listener);
    return rc;
}

static int open_listeners(struct mio_server *self, int backlog)
{
    struct mio_tcp_listen_options options = {
        .backlog = backlog,
        .share_port = self->branches_count > 1,
    };
    if (options.share_port && mio_address_port(&self->address) != 0) {
        int rc = probe(&self->address, options);
        if (rc < 0)
            return rc;
    }
    for (uint32_t i = 0; i < self->branches_count; i++) {
        struct mio_acceptor *acceptor = &self->branches[i].acceptor;
        int rc = mio_acceptor_open(acceptor, &self->address, &options);
        /* The first one decides the port. */
        if (rc == MIO_OK && i == 0)
            rc = mio_tcp_listener_address(&acceptor->listener, &self->address);
        if (rc < 0)
            return rc;
    }
    return MIO_OK;
}

/* Returns 0 | as mio_server_branch_spawn. */
static int spawn_branches(struct mio_server *self)
{
    for (uint32_t i = 0; i < self->branches_count; i++) {
        int rc = mio_server_branch_spawn(&self->branches[i]);
        if (rc < 0) {
            atomic_store(&self->phase, MIO_SERVER_ABANDONED);
            return rc;
        }
    }
    atomic_store(&self->phase, MIO_SERVER_LIVE);
    return MIO_OK;
}

static bool is_valid(const struct mio_server_options *options)
{
    return options->address && options->connection_class &&
           options->backlog >= 0;
}

int mio_server_new(struct mio_server **out, struct mio_runtime *runtime,
                   const struct mio_server_options *options)
{
    struct mio_address address;
    if (!is_valid(options))
        return MIO_EINVAL;
    int rc = mio_address_parse(&address, options->address);
    if (rc < 0)
        return rc;
    if (mio_address_family(&address) == MIO_FAMILY_UNIX)
        return MIO_EINVAL;

    struct mio_server *self;
    rc = create(&self, runtime, options);
    if (rc < 0)
        return rc;
    self->address = address;
    rc = open_listeners(self, options->backlog);
    if (rc == MIO_OK)
        rc = spawn_branches(self);
    if (rc < 0) {
        /* Branches that were spawned hold it until they have ended. */
        mio_server_unref(self);
        return rc;
    }
    *out = self;
    return MIO_OK;
}

/* --- questions ------------------------------------------------------------ */

void mio_server_address(const struct mio_server *self, struct mio_address *out)
{
    *out = self->address;
}

int mio_server_read_counters(const struct mio_server *self, uint32_t reactor,
                             struct mio_server_counters *out)
{
    if (reactor >= self->branches_count)
        return MIO_EINVAL;
    const struct mio_server_branch *branch = &self->branches[reactor];
    const struct mio_server_counters *from = &branch->counters;
#define COPY(name, text)                                                       \
    out->name = __atomic_load_n(&from->name, __ATOMIC_RELAXED);
    MIO_SERVER_COUNTER_MAP(COPY)
#undef COPY
    out->buffers =
        __atomic_load_n(&branch->pool.allocations_count, __ATOMIC_RELAXED);
    return MIO_OK;
}
