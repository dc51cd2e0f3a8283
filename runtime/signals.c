/* SPDX-License-Identifier: MIT
 *
 * runtime/signals.c - the actor that stops a runtime on signals: the first in
 * order, the second at once.
 *
 * It is internal: it does not keep the runtime from ending, and lives until it
 * has, for the second signal matters while the others are stopping. */
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "core/signals.h"
#include "runtime/actor_private.h"
#include "runtime/runtime_private.h"

struct signals {
    struct mio_signals *set; /* the runtime's */
    struct mio_actor_source watch;
    bool had_one;
};

static const enum mio_signal watched[] = {MIO_SIGNAL_INTERRUPT,
                                          MIO_SIGNAL_TERMINATE};
#define WATCHED_COUNT (sizeof(watched) / sizeof(watched[0]))

static int number_of(int which)
{
    return which == MIO_SIGNAL_INTERRUPT ? SIGINT : SIGTERM;
}

static int signals_ready(struct mio_actor *self, void *state,
                         struct mio_actor_source *watch, uint32_t readiness)
{
    struct signals *signals = state;
    int which;
    (void)watch;
    (void)readiness;
    while ((which = mio_signals_next(signals->set)) >= 0) {
        if (signals->had_one)
            _Exit(128 + number_of(which)); /* as a shell would report it */
        signals->had_one = true;
        mio_runtime_stop(mio_actor_runtime(self));
    }
    return 0;
}

static int signals_init(struct mio_actor *self, void *state,
                        const void *argument, size_t argument_size)
{
    struct signals *signals = state;
    (void)argument_size;
    signals->set = *(struct mio_signals *const *)argument;
    return mio_actor_watch(self, &signals->watch,
                           mio_signals_source(signals->set), MIO_READABLE,
                           MIO_EDGE, signals_ready);
}

/* The runtime has ended: signals do again what they did before. */
static void signals_exit(struct mio_actor *self, void *state, int reason)
{
    struct signals *signals = state;
    (void)self;
    (void)reason;
    mio_actor_unwatch(&signals->watch);
    for (size_t i = 0; i < WATCHED_COUNT; i++)
        (void)mio_signals_remove(signals->set, watched[i]);
}

static const struct mio_actor_class signals_class = {
    .name = "mio.signals",
    .state_size = sizeof(struct signals),
    .init = signals_init,
    .exit = signals_exit,
};

static int spawn_internal(struct mio_runtime *self,
                          const struct mio_actor_class *actor_class,
                          const void *argument, size_t argument_size)
{
    mio_actor_id id;
    int result = mio_actor_registry_reserve(&self->common.registries[0], &id);
    if (result < 0)
        return result;
    struct mio_message *message =
        mio_runtime_message_new(self, mio_spawn_order_size(argument_size));
    if (message == NULL) {
        mio_actor_registry_unreserve(&self->common.registries[0], id);
        return MIO_ENOMEM;
    }
    mio_spawn_order_write(message, id, actor_class, argument, argument_size);
    mio_spawn_order_mark_internal(message);
    return mio_runtime_push(self, message);
}

/* From here on, not only when the threads run: a signal that comes before is
 * not lost, and does not kill. */
int mio_runtime_watch_signals(struct mio_runtime *self)
{
    const struct mio_signals_options options = {.log = self->log};
    int result = mio_signals_new_with(&self->signals, &options);
    for (size_t i = 0; result == 0 && i < WATCHED_COUNT; i++)
        result = mio_signals_add(self->signals, watched[i]);
    if (result < 0)
        return result;
    return spawn_internal(self, &signals_class, &self->signals,
                          sizeof(struct mio_signals *));
}
