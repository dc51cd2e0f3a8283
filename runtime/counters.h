/* SPDX-License-Identifier: MIT
 *
 * runtime/counters.h - what one reactor has done so far.
 *
 * Each counter has one writer, its reactor, and only grows; any thread may
 * read it. */
#ifndef MIO_RUNTIME_COUNTERS_H
#define MIO_RUNTIME_COUNTERS_H

#include <stdint.h>

#include "core/visibility.h"

MIO_BEGIN_DECLS

/* X(name, what it counts). The one list. */
#define MIO_COUNTER_MAP(X)                                                     \
    X(turns, "turns of the loop")                                              \
    X(waits, "waits on the poll, sleeping or not")                             \
    X(parks, "waits with the inbox parked")                                    \
    X(events, "readiness events")                                              \
    X(entries, "entries dispatched, of all kinds")                             \
    X(sent_local, "messages sent to actors of this reactor")                   \
    X(sent_remote, "messages sent to other reactors")                          \
    X(chains_out, "chains published to other reactors")                        \
    X(received, "messages taken from the inbox")                               \
    X(chains_in, "chains taken from the inbox")                                \
    X(bells_rung, "pushes that found the other reactor parked")                \
    X(bells_elided, "pushes that found it awake")                              \
    X(timers, "timers fired")                                                  \
    X(flushes, "end-of-turn flushes run")                                      \
    X(spawned, "actors begun")                                                 \
    X(exited, "actors ended")                                                  \
    X(failed, "actors that ended with an error")                               \
    X(restarts, "children started anew by their supervisors")                  \
    X(dead_letters, "messages to actors that were gone")                       \
    X(fanned_out, "broadcasts handed to a member")                             \
    X(refused, "sends refused until there is room")                            \
    X(full, "times an actor had as many messages waiting as it may")           \
    X(credit_waits, "times another reactor was asked to tell of room")         \
    X(sent_system, "replies, delayed and own messages, which need no room")    \
    X(slabs, "slabs of message memory taken from the allocator")               \
    X(slots, "message slots made in them: the most that were out at once")     \
    X(messages_large, "messages allocated one by one")                         \
    X(sent_home, "messages given back to the reactor they came from")

/* What MIO_COUNTER_MAP lists. */
struct mio_counters {
#define MIO_COUNTER_FIELD(name, text) uint64_t name;
    MIO_COUNTER_MAP(MIO_COUNTER_FIELD)
#undef MIO_COUNTER_FIELD
};

MIO_END_DECLS
#endif /* MIO_RUNTIME_COUNTERS_H */
