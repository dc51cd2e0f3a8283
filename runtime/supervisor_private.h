/* SPDX-License-Identifier: MIT
 *
 * runtime/supervisor_private.h - a supervisor's state: between supervisor.c,
 * which starts and stops, and supervisor_call.c, which answers. Not installed.
 */
#ifndef MIO_RUNTIME_SUPERVISOR_PRIVATE_H
#define MIO_RUNTIME_SUPERVISOR_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/child.h"

enum mio_supervisor_phase {
    MIO_SUPERVISOR_RISING,  /* starts children, from the cursor on */
    MIO_SUPERVISOR_STEADY,  /* all were started that shall be */
    MIO_SUPERVISOR_FALLING, /* stops children, from the cursor back */
};

struct mio_supervisor {
    const struct mio_supervisor_spec *spec;
    struct mio_actor *self;
    struct mio_child *first; /* in the order of their start */
    struct mio_child *last;
    struct mio_slab children; /* by their keys */
    uint64_t numbers_count;   /* given to children so far */

    enum mio_supervisor_phase phase;
    struct mio_child *cursor;
    uint64_t floor; /* the least number that falls, or rises again */
    bool is_first;  /* the first round: nobody was told that we are up */
    bool is_ending;
    int reason; /* of that */

    /* When the last restarts were: a ring of restarts_max. */
    int64_t *restarts_ns;
    uint32_t restarts_max;
    uint32_t restarts_count;
    uint32_t restarts_next;

    struct mio_message *waiting; /* calls, until we are steady */
    struct mio_message **waiting_tail;
};

/* A child of these, the last in order, down.
 * Returns 0 | MIO_ENOMEM. */
MIO_NODISCARD int mio_supervisor_add(struct mio_supervisor *self,
                                     const struct mio_child_spec *spec,
                                     bool is_dynamic, struct mio_child **out);

/* A child that is down is forgotten. */
void mio_supervisor_forget(struct mio_supervisor *self,
                           struct mio_child *child);

/* --- calls: supervisor_call.c -------------------------------------------- */

/* A child is up: who had it started is answered. */
void mio_supervisor_answer_up(struct mio_supervisor *self,
                              struct mio_child *child);

/* It has ended: who had it started or stopped is answered. */
void mio_supervisor_answer_ended(struct mio_supervisor *self,
                                 struct mio_child *child, int reason);

/* Steady again: what was called for meanwhile is done. */
void mio_supervisor_run_waiting(struct mio_supervisor *self);

/* The supervisor ends: who waits is answered MIO_EDEAD. */
void mio_supervisor_refuse_waiting(struct mio_supervisor *self);

#endif /* MIO_RUNTIME_SUPERVISOR_PRIVATE_H */
