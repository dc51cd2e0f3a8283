/* SPDX-License-Identifier: MIT
 *
 * runtime/runtime_private.h - what a runtime is made of. Not installed. */
#ifndef MIO_RUNTIME_RUNTIME_PRIVATE_H
#define MIO_RUNTIME_RUNTIME_PRIVATE_H

#include "core/signals.h"
#include "runtime/reactor/reactor.h"
#include "runtime/runtime.h"
#include "runtime/sys/thread.h"

/* Threads wait here until all are there, or one could not be started. */
enum mio_gate { MIO_GATE_SHUT, MIO_GATE_OPEN, MIO_GATE_CANCELLED };

struct mio_runtime_thread {
    struct mio_thread thread;
    struct mio_runtime *runtime;
    struct mio_reactor *reactor;
    uint32_t cpu;
    bool is_pinned;
};

struct mio_watchdog;

struct mio_runtime {
    struct mio_common common;
    struct mio_reactor **reactors;
    struct mio_runtime_thread *threads;
    struct mio_signals *signals; /* NULL: not watched */
    uint32_t reactors_count;
    uint32_t registries_made; /* all of them, but while making fails */
    uint32_t reactors_made;
    uint32_t actors_max;
    uint32_t sources_max;
    uint32_t names_max;
    const struct mio_log *log;
    struct mio_watchdog *watchdog; /* NULL: nobody looks */
    int64_t stall_ns;
    void (*stalled)(void *ctx, const struct mio_stall *stall);
    void *stalled_ctx;
    uint32_t locals_count;
    uint32_t pools_count; /* of threads that may still push to us */
    uint32_t gate;        /* an enum mio_gate */
    bool is_pinning;
    bool stops_on_signals;
    bool was_started;
    bool is_running; /* threads are there to be joined */
    char name[32];
};

/* Make the watchdog of a runtime; its thread runs from start to stop. NULL is
 * fine for these three.
 * Return 0 | MIO_ENOMEM | MIO_EMFILE | MIO_ENFILE | MIO_EAGAIN. */
MIO_NODISCARD int mio_watchdog_new(struct mio_runtime *runtime);
MIO_NODISCARD int mio_watchdog_start(struct mio_watchdog *self);
void mio_watchdog_stop(struct mio_watchdog *self);
void mio_watchdog_free(struct mio_watchdog *self);

/* Tell the log what was leaked, when all threads have ended. */
void mio_runtime_tell_leaks(struct mio_runtime *self);

/* Watch signals, and order the actor that turns them into a stop.
 * Returns 0 | MIO_ENOMEM | MIO_EMFILE | MIO_ENFILE. */
MIO_NODISCARD int mio_runtime_watch_signals(struct mio_runtime *self);

/* A message of the C library's memory, for any reactor; NULL: no memory. */
struct mio_message *mio_runtime_message_new(struct mio_runtime *self,
                                            size_t size);
void mio_runtime_message_free(struct mio_runtime *self,
                              struct mio_message *message);

/* Push it to the reactor of its address.
 * Returns 0 | MIO_ECLOSED (it stays the caller's). */
MIO_NODISCARD int mio_runtime_push(struct mio_runtime *self,
                                   struct mio_message *message);

#endif /* MIO_RUNTIME_RUNTIME_PRIVATE_H */
