/* SPDX-License-Identifier: MIT
 *
 * bench/chat/traffic.h - make the clients talk, in turns.
 *
 * Open loop: `rate` messages a second on a schedule that waits for nobody, and
 * latencies count from the schedule; a server that stalls is charged for every
 * message that should have been sent meanwhile. Closed loop: `in_flight`
 * messages under way, each replaced when its last delivery was read. */
#ifndef BENCH_CHAT_TRAFFIC_H
#define BENCH_CHAT_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/chat/load.h"

struct traffic {
    struct load *load;
    double rate;         /* messages a second; 0 = closed loop */
    uint32_t in_flight;  /* of the closed loop */
    int64_t patience_ns; /* owed, but nothing came for so long: lost */
    int64_t began_ns;
    uint64_t said;   /* of this stretch: the schedule's position */
    uint32_t cursor; /* the next sender */
};

/** Talk until end_ns. Returns false when deliveries stopped coming although
 *  messages were under way. The first call of a stretch starts the schedule;
 *  traffic_drain() ends the stretch. */
bool traffic_run(struct traffic *self, int64_t end_ns);

/** Say nothing more; read until nothing is owed or patience ends. Returns
 *  whether nothing is owed. */
bool traffic_drain(struct traffic *self);

#endif /* BENCH_CHAT_TRAFFIC_H */
